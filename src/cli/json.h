// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::cli {

// Writes one JSON document (RFC 8259): objects and arrays are opened and closed, commas and escapes
// come by themselves. CHECKs that the calls make a document. Threads: one.
//   JsonWriter json; json.BeginObject(); json.Key("a").Number(1); json.EndObject(); json.text();
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view text);
  JsonWriter& Number(uint64_t number);
  JsonWriter& Number(int64_t number);
  JsonWriter& Number(int number) { return Number(static_cast<int64_t>(number)); }
  JsonWriter& Number(uint32_t number) { return Number(static_cast<uint64_t>(number)); }
  // Not a number or infinite: null.
  JsonWriter& Number(double number);
  JsonWriter& Boolean(bool value);
  // Nothing was written.
  bool is_empty() const { return text_.empty(); }
  // REQUIRES: every object and array is closed.
  const std::string& text() const;

 private:
  void BeforeValue();

  std::string text_;
  struct Level {
    char close;
    bool empty = true;
  };
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace tidemark::cli
