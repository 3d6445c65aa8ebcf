// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"

namespace tidemark::storage {

// Label sets by number: a vertex keeps 3 bytes instead of a list. 0 = no labels. Sets are few and
// never forgotten. Threads: one. Errors: kResourceExhausted beyond kMaxLabelSetCount sets,
// kInvalidArgument beyond graph::kMaxLabelCount labels.
class LabelSetTable {
 public:
  static constexpr uint32_t kMaxLabelSetCount = 1 << 24;

  LabelSetTable() : sets_(1) {}
  LabelSetTable(const LabelSetTable&) = delete;
  LabelSetTable& operator=(const LabelSetTable&) = delete;

  // In any order, with or without repetitions.
  absl::StatusOr<uint32_t> Find(absl::Span<const LabelId> labels);
  absl::StatusOr<uint32_t> With(uint32_t set, LabelId label);
  absl::StatusOr<uint32_t> Without(uint32_t set, LabelId label);

  // Ascending.
  const std::vector<LabelId>& labels(uint32_t set) const { return sets_[set]; }
  bool Contains(uint32_t set, LabelId label) const;

 private:
  absl::StatusOr<uint32_t> FindSorted(const std::vector<LabelId>& labels);

  std::vector<std::vector<LabelId>> sets_;
  absl::btree_map<std::vector<LabelId>, uint32_t> numbers_;
};

}  // namespace tidemark::storage
