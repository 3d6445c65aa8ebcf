// SPDX-License-Identifier: Apache-2.0
#include "query/parser/characters.h"

#include <algorithm>
#include <iterator>

namespace tidemark::query {
namespace {

struct NameRange {
  uint32_t first;
  uint32_t last;
  bool begins;
};

constexpr NameRange kNameRanges[] = {
#include "query/parser/identifier_ranges.inc"
};

// The range that holds the code point, or nullptr.
const NameRange* FindNameRange(uint32_t code_point) {
  const auto* range =
      std::lower_bound(std::begin(kNameRanges), std::end(kNameRanges), code_point,
                       [](const NameRange& r, uint32_t wanted) { return r.last < wanted; });
  return range != std::end(kNameRanges) && range->first <= code_point ? range : nullptr;
}

}  // namespace

uint32_t DecodeUtf8(std::string_view text, size_t at, size_t* length) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  const auto rest = [&](size_t i) { return byte(at + i) & 0x3f; };
  const uint32_t lead = byte(at);
  if (lead < 0x80) {
    *length = 1;
    return lead;
  }
  if (lead < 0xe0) {
    *length = 2;
    return (lead & 0x1f) << 6 | rest(1);
  }
  if (lead < 0xf0) {
    *length = 3;
    return (lead & 0x0f) << 12 | rest(1) << 6 | rest(2);
  }
  *length = 4;
  return (lead & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3);
}

size_t EncodeUtf8(uint32_t code_point, char* out) {
  if (code_point < 0x80) {
    out[0] = static_cast<char>(code_point);
    return 1;
  }
  const size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; --i) {
    out[i] = static_cast<char>(0x80 | (code_point & 0x3f));
    code_point >>= 6;
  }
  constexpr uint8_t kLeads[] = {0, 0, 0xc0, 0xe0, 0xf0};
  out[0] = static_cast<char>(kLeads[length] | code_point);
  return length;
}

bool BeginsName(uint32_t code_point) {
  const NameRange* range = FindNameRange(code_point);
  return range != nullptr && range->begins;
}

bool ContinuesName(uint32_t code_point) { return FindNameRange(code_point) != nullptr; }

bool IsUnicodeBlank(uint32_t code_point) {
  return code_point == 0x85 || code_point == 0xa0 || code_point == 0x1680 ||
         (code_point >= 0x2000 && code_point <= 0x200a) || code_point == 0x2028 ||
         code_point == 0x2029 || code_point == 0x202f || code_point == 0x205f ||
         code_point == 0x3000 || code_point == 0xfeff;
}

}  // namespace tidemark::query
