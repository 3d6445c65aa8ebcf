// SPDX-License-Identifier: Apache-2.0
#include "bolt/pack_reader.h"

#include <bit>

#include "absl/strings/str_cat.h"

namespace tidemark::bolt {
namespace {

absl::Status EndsTooEarly() {
  return absl::DataLossError("a message ends within one of its items");
}

absl::Status NoMarker(uint8_t marker) {
  return absl::DataLossError(
      absl::StrCat("0x", absl::Hex(marker, absl::kZeroPad2), " is no marker of PackStream"));
}

int64_t SignExtended(uint64_t number, int bytes) {
  const int unused_bits = 64 - 8 * bytes;
  return static_cast<int64_t>(number << unused_bits) >> unused_bits;
}

}  // namespace

absl::Status PackReader::Next(PackItem* item) {
  if (bytes_.empty()) return EndsTooEarly();
  const auto marker = static_cast<uint8_t>(bytes_.front());
  bytes_.remove_prefix(1);
  if (marker < 0x80 || marker >= 0xf0) {
    item->type = PackType::kInteger;
    item->integer = static_cast<int8_t>(marker);
    return absl::OkStatus();
  }
  const uint8_t low = marker & 0x0f;
  switch (marker >> 4) {
    case 0x8:
      return TakeText(PackType::kString, low, item);
    case 0x9:
      return TakeCount(PackType::kList, low, item);
    case 0xa:
      return TakeCount(PackType::kMap, low, item);
    case 0xb:
      if (bytes_.empty()) return EndsTooEarly();
      item->tag = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      return TakeCount(PackType::kStructure, low, item);
    default:
      return ReadSized(marker, item);
  }
}

absl::Status PackReader::ReadSized(uint8_t marker, PackItem* item) {
  switch (marker) {
    case 0xc0:
      item->type = PackType::kNull;
      return absl::OkStatus();
    case 0xc2:
    case 0xc3:
      item->type = PackType::kBoolean;
      item->boolean = marker == 0xc3;
      return absl::OkStatus();
    default:
      break;
  }
  const bool is_number = marker == 0xc1 || (marker >= 0xc8 && marker <= 0xcb);
  // Within a family the markers follow one another by the size of the number behind them.
  const uint8_t first = marker >= 0xd8   ? 0xd8
                        : marker >= 0xd4 ? 0xd4
                        : marker >= 0xd0 ? 0xd0
                        : marker >= 0xcc ? 0xcc
                                         : 0xc8;
  const bool is_sized = marker >= 0xcc && marker <= 0xda && marker - first < 3;
  if (!is_number && !is_sized) return NoMarker(marker);
  const int bytes = marker == 0xc1 ? 8 : 1 << (marker - first);
  uint64_t number;
  if (!ReadNumber(bytes, &number)) return EndsTooEarly();
  switch (first) {
    case 0xcc:
      return TakeText(PackType::kBytes, number, item);
    case 0xd0:
      return TakeText(PackType::kString, number, item);
    case 0xd4:
      return TakeCount(PackType::kList, number, item);
    case 0xd8:
      return TakeCount(PackType::kMap, number, item);
    default:
      break;
  }
  item->type = marker == 0xc1 ? PackType::kFloat : PackType::kInteger;
  if (marker == 0xc1) {
    item->real = std::bit_cast<double>(number);
  } else {
    item->integer = SignExtended(number, bytes);
  }
  return absl::OkStatus();
}

bool PackReader::ReadNumber(int bytes, uint64_t* number) {
  if (bytes_.size() < static_cast<size_t>(bytes)) return false;
  *number = 0;
  for (int i = 0; i < bytes; ++i) {
    *number = *number << 8 | static_cast<uint8_t>(bytes_[static_cast<size_t>(i)]);
  }
  bytes_.remove_prefix(static_cast<size_t>(bytes));
  return true;
}

absl::Status PackReader::TakeText(PackType type, uint64_t size, PackItem* item) {
  if (size > bytes_.size()) return EndsTooEarly();
  item->type = type;
  item->text = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return absl::OkStatus();
}

absl::Status PackReader::TakeCount(PackType type, uint64_t count, PackItem* item) {
  const uint64_t items = type == PackType::kMap ? 2 * count : count;
  if (items > bytes_.size()) return EndsTooEarly();
  item->type = type;
  item->count = static_cast<uint32_t>(count);
  return absl::OkStatus();
}

}  // namespace tidemark::bolt
