// SPDX-License-Identifier: Apache-2.0
#include "bolt/pack_writer.h"

#include <bit>
#include <limits>

#include "base/check.h"

namespace tidemark::bolt {
namespace {

constexpr size_t kMaxTinyCount = 15;

}  // namespace

void PackWriter::Number(uint64_t value, int bytes) {
  char buffer[8];
  for (int i = 0; i < bytes; ++i) buffer[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  out_->append(buffer, static_cast<size_t>(bytes));
}

void PackWriter::Integer(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  if (value >= -16 && value <= std::numeric_limits<int8_t>::max()) {
    Byte(static_cast<uint8_t>(bits));
  } else if (value == static_cast<int8_t>(value)) {
    Byte(0xc8);
    Number(bits, 1);
  } else if (value == static_cast<int16_t>(value)) {
    Byte(0xc9);
    Number(bits, 2);
  } else if (value == static_cast<int32_t>(value)) {
    Byte(0xca);
    Number(bits, 4);
  } else {
    Byte(0xcb);
    Number(bits, 8);
  }
}

void PackWriter::Float(double value) {
  Byte(0xc1);
  Number(std::bit_cast<uint64_t>(value), 8);
}

void PackWriter::String(std::string_view text) {
  Head(0x80, 0xd0, text.size());
  out_->append(text);
}

void PackWriter::Bytes(std::string_view bytes) {
  SizedHead(0xcc, bytes.size());
  out_->append(bytes);
}

void PackWriter::Structure(uint8_t tag, size_t field_count) {
  DCHECK_LE(field_count, kMaxTinyCount);
  Byte(static_cast<uint8_t>(0xb0 | field_count));
  Byte(tag);
}

void PackWriter::Head(uint8_t tiny, uint8_t sized, size_t count) {
  if (count <= kMaxTinyCount) {
    Byte(static_cast<uint8_t>(tiny | count));
  } else {
    SizedHead(sized, count);
  }
}

void PackWriter::SizedHead(uint8_t sized, size_t count) {
  CHECK_LE(count, std::numeric_limits<uint32_t>::max()) << "PackStream counts in 32 bits";
  const int power = count <= 0xff ? 0 : count <= 0xffff ? 1 : 2;
  Byte(static_cast<uint8_t>(sized + power));
  Number(count, 1 << power);
}

}  // namespace tidemark::bolt
