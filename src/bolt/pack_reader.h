// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::bolt {

enum class PackType : uint8_t {
  kNull,
  kBoolean,
  kInteger,
  kFloat,
  kBytes,
  kString,
  kList,       // `count` items follow
  kMap,        // `count` times a string and an item follow
  kStructure,  // `count` items follow
};

// One item of PackStream, or the head of one that contains others. Which members count depends on
// the type.
struct PackItem {
  PackType type = PackType::kNull;
  uint8_t tag = 0;  // of a structure
  bool boolean = false;
  uint32_t count = 0;
  int64_t integer = 0;
  double real = 0;
  std::string_view text;  // bytes or string, in what is read
};

// Reads PackStream item by item; never passes the end, allocates nothing. A count of items is
// refused when the bytes that are left could not hold so many.
// Owner: the reader of a message. Threads: one.
class PackReader {
 public:
  explicit PackReader(std::string_view bytes) : bytes_(bytes) {}

  // kDataLoss for what is not PackStream.
  absl::Status Next(PackItem* item);
  size_t bytes_left() const { return bytes_.size(); }

 private:
  absl::Status ReadSized(uint8_t marker, PackItem* item);
  bool ReadNumber(int bytes, uint64_t* number);
  absl::Status TakeText(PackType type, uint64_t size, PackItem* item);
  absl::Status TakeCount(PackType type, uint64_t count, PackItem* item);

  std::string_view bytes_;
};

}  // namespace tidemark::bolt
