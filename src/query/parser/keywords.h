// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::query {

// The words of the language. None of them is reserved: each stands for a name wherever a name can
// stand, and the parser decides by what is around it.
enum class Keyword : uint16_t {
  kNone,
#define TIDEMARK_KEYWORD(id, word) id,
#include "query/parser/keywords.inc"
#undef TIDEMARK_KEYWORD
};

inline constexpr size_t kMinKeywordBytes = 2;
inline constexpr size_t kMaxKeywordBytes = 16;

// The keyword that `word` is in any case of letters, or kNone.
Keyword FindKeyword(std::string_view word);

// In capital letters; empty for kNone.
std::string_view TextOf(Keyword keyword);

}  // namespace tidemark::query
