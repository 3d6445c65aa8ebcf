// SPDX-License-Identifier: Apache-2.0
#include "base/coding.h"

namespace tidemark {

// A varint that lies in the next eight bytes is taken out of one word: its end is the first byte
// without the top bit, then the groups of seven bits are pushed together, two by two.
uint64_t ByteReader::VarintSlow() {
  if (remaining() >= sizeof(uint64_t)) {
    const uint64_t word = LoadFixed64(p_);
    const uint64_t ends = ~word & 0x8080808080808080;
    if (ends != 0) {
      const int bits = std::countr_zero(ends) + 1;
      uint64_t value = word & (~uint64_t{0} >> (64 - bits)) & 0x7f7f7f7f7f7f7f7f;
      if (bits > 8 && value >> (bits - 8) == 0) return Fail();  // the same has a shorter form
      value = (value & 0x007f007f007f007f) | (value & 0x7f007f007f007f00) >> 1;
      value = (value & 0x00003fff00003fff) | (value & 0x3fff00003fff0000) >> 2;
      value = (value & 0x000000000fffffff) | (value & 0x0fffffff00000000) >> 4;
      p_ += bits / 8;
      return value;
    }
  }
  uint64_t value = 0;
  const char* p = p_;
  for (int shift = 0; shift < 64; shift += 7) {
    if (p == end_) return Fail();
    const auto byte = static_cast<uint8_t>(*p++);
    if (shift == 63 && byte > 1) return Fail();
    if (shift > 0 && byte == 0) return Fail();  // the same number has a shorter form
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      p_ = p;
      return value;
    }
  }
  return Fail();
}

}  // namespace tidemark
