// SPDX-License-Identifier: Apache-2.0
#include "storage/records/label_set.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/mutation.h"

namespace tidemark::storage {

absl::StatusOr<uint32_t> LabelSetTable::Find(absl::Span<const LabelId> labels) {
  if (labels.empty()) return 0u;
  std::vector<LabelId> sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return FindSorted(sorted);
}

absl::StatusOr<uint32_t> LabelSetTable::FindSorted(const std::vector<LabelId>& labels) {
  if (labels.empty()) return 0u;
  const auto it = numbers_.find(labels);
  if (it != numbers_.end()) return it->second;
  if (labels.size() > graph::kMaxLabelCount) {
    return absl::InvalidArgumentError(
        absl::StrCat("a vertex has at most ", graph::kMaxLabelCount, " labels"));
  }
  if (sets_.size() == kMaxLabelSetCount) {
    return absl::ResourceExhaustedError("too many different combinations of labels");
  }
  const auto number = static_cast<uint32_t>(sets_.size());
  sets_.push_back(labels);
  numbers_.emplace(labels, number);
  return number;
}

absl::StatusOr<uint32_t> LabelSetTable::With(uint32_t set, LabelId label) {
  std::vector<LabelId> labels = sets_[set];
  const auto it = std::lower_bound(labels.begin(), labels.end(), label);
  if (it != labels.end() && *it == label) return set;
  labels.insert(it, label);
  return FindSorted(labels);
}

absl::StatusOr<uint32_t> LabelSetTable::Without(uint32_t set, LabelId label) {
  std::vector<LabelId> labels = sets_[set];
  const auto it = std::lower_bound(labels.begin(), labels.end(), label);
  if (it == labels.end() || *it != label) return set;
  labels.erase(it);
  return FindSorted(labels);
}

bool LabelSetTable::Contains(uint32_t set, LabelId label) const {
  const std::vector<LabelId>& labels = sets_[set];
  return std::binary_search(labels.begin(), labels.end(), label);
}

}  // namespace tidemark::storage
