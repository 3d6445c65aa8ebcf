// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::bolt {

// Appends PackStream, every item in its shortest form. Who writes the head of a list, a map or a
// structure writes its items next.
// Owner: the writer of a message. Threads: one.
class PackWriter {
 public:
  // Does not own the string.
  explicit PackWriter(std::string* out) : out_(out) {}

  void Null() { Byte(0xc0); }
  void Boolean(bool value) { Byte(value ? 0xc3 : 0xc2); }
  void Integer(int64_t value);
  void Float(double value);
  void String(std::string_view text);
  void Bytes(std::string_view bytes);
  void List(size_t count) { Head(0x90, 0xd4, count); }
  void Map(size_t count) { Head(0xa0, 0xd8, count); }
  // REQUIRES: at most 15 fields.
  void Structure(uint8_t tag, size_t field_count);

  // A string and its item, for maps whose keys are known.
  void Entry(std::string_view key, std::string_view text) {
    String(key);
    String(text);
  }
  void Entry(std::string_view key, int64_t value) {
    String(key);
    Integer(value);
  }

 private:
  void Byte(uint8_t byte) { out_->push_back(static_cast<char>(byte)); }
  void Number(uint64_t value, int bytes);
  // `tiny` holds a count up to 15; from `sized` on there are markers for 1, 2 and 4 bytes.
  void Head(uint8_t tiny, uint8_t sized, size_t count);
  void SizedHead(uint8_t sized, size_t count);

  std::string* const out_;
};

}  // namespace tidemark::bolt
