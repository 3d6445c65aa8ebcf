// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/integer_groups.h"

#include <algorithm>
#include <utility>

namespace tidemark::exec {

void IntegerGroups::Remember(int64_t key, uint32_t group) {
  if (count_ * 2 >= entries_.size()) {
    if (count_ >= kMaxKeys) return;
    Grow();
  }
  Entry& entry = entries_[PlaceOf(key)];
  if (entry.group == kUnknown) ++count_;
  entry = {key, group};
}

void IntegerGroups::Grow() {
  const size_t size = std::max(entries_.size() * 2, kLeastEntries);
  const std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(size));
  for (const Entry& entry : old) {
    if (entry.group != kUnknown) entries_[PlaceOf(entry.key)] = entry;
  }
}

}  // namespace tidemark::exec
