// SPDX-License-Identifier: Apache-2.0
#include "base/coding.h"

namespace tidemark {

uint64_t ByteReader::VarintSlow() {
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
