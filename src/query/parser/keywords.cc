// SPDX-License-Identifier: Apache-2.0
#include "query/parser/keywords.h"

#include <array>
#include <cstddef>

namespace tidemark::query {
namespace {

constexpr std::string_view kWords[] = {
    "",
#define TIDEMARK_KEYWORD(id, word) word,
#include "query/parser/keywords.inc"
#undef TIDEMARK_KEYWORD
};
constexpr size_t kWordCount = sizeof(kWords) / sizeof(kWords[0]);

// Clears the bit in which small and capital letters differ. Of other characters it makes nothing
// that a keyword could have.
constexpr uint8_t Capital(char c) { return static_cast<uint8_t>(c) & 0xdf; }

constexpr size_t kSlotCount = 1024;

constexpr uint32_t HashOf(std::string_view word) {
  uint32_t hash = static_cast<uint32_t>(word.size());
  for (const char c : word) hash = (hash ^ Capital(c)) * 0x01000193u;
  return (hash ^ (hash >> 15)) % kSlotCount;
}

// Words by their hash, made by the compiler: a slot that is taken sends the word to the next one.
constexpr std::array<uint16_t, kSlotCount> MakeSlots() {
  std::array<uint16_t, kSlotCount> slots = {};
  for (size_t i = 1; i < kWordCount; ++i) {
    uint32_t slot = HashOf(kWords[i]);
    while (slots[slot] != 0) slot = (slot + 1) % kSlotCount;
    slots[slot] = static_cast<uint16_t>(i);
  }
  return slots;
}
constexpr std::array<uint16_t, kSlotCount> kSlots = MakeSlots();

constexpr bool LengthsFit() {
  for (size_t i = 1; i < kWordCount; ++i) {
    if (kWords[i].size() < kMinKeywordBytes || kWords[i].size() > kMaxKeywordBytes) return false;
  }
  return true;
}
static_assert(LengthsFit());

bool SameWord(std::string_view word, std::string_view keyword) {
  if (word.size() != keyword.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Capital(word[i]) != static_cast<uint8_t>(keyword[i])) return false;
  }
  return true;
}

}  // namespace

Keyword FindKeyword(std::string_view word) {
  if (word.size() < kMinKeywordBytes || word.size() > kMaxKeywordBytes) return Keyword::kNone;
  for (uint32_t slot = HashOf(word); kSlots[slot] != 0; slot = (slot + 1) % kSlotCount) {
    if (SameWord(word, kWords[kSlots[slot]])) return static_cast<Keyword>(kSlots[slot]);
  }
  return Keyword::kNone;
}

std::string_view TextOf(Keyword keyword) { return kWords[static_cast<size_t>(keyword)]; }

}  // namespace tidemark::query
