// SPDX-License-Identifier: Apache-2.0
#include "query/functions/hash_index.h"

#include "base/check.h"

namespace tidemark::query {

namespace {

// A table of a million numbers moves a few thousand entries when one of its parts grows.
constexpr size_t kPartCount = 256;
// Fewer are in one part, which grows a few times instead of each of the parts.
constexpr size_t kMaxUndivided = 2048;

}  // namespace

std::pair<uint32_t*, bool> HashIndex::Place(uint64_t hash) {
  if (parts_.empty()) parts_.resize(1);
  if (size() == kMaxUndivided && parts_.size() == 1) Divide();
  const auto [it, is_first] = PartOf(hash).try_emplace(hash, kNone);
  return {&it->second, is_first};
}

void HashIndex::Add(uint32_t* place, bool is_first) {
  const auto number = static_cast<uint32_t>(size());
  CHECK_LT(number, kNone);
  older_.Append(is_first ? kNone : *place);
  *place = number;
}

void HashIndex::Divide() {
  const Part whole = std::move(parts_[0]);
  parts_.clear();
  parts_.resize(kPartCount);
  for (const auto& [hash, number] : whole) PartOf(hash).emplace(hash, number);
}

}  // namespace tidemark::query
