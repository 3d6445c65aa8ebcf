// SPDX-License-Identifier: Apache-2.0
#include "worker/graph_counts.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace tidemark::worker {
namespace {

// Leaves the largest counts; true when there were more.
template <typename Id>
bool Cut(std::vector<std::pair<Id, int64_t>>* counts) {
  if (counts->size() <= kMaxToldCounts) return false;
  const auto end = counts->begin() + static_cast<ptrdiff_t>(kMaxToldCounts);
  std::nth_element(counts->begin(), end, counts->end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  counts->erase(end, counts->end());
  return true;
}

}  // namespace

void FillGraphCounts(const storage::Shard& shard, wire::GraphCounts* counts) {
  const storage::ShardStats stats = shard.stats();
  counts->set_vertices(stats.vertices);
  counts->set_edges(stats.edges);
  storage::ShardCounts by_name = shard.counts();
  const bool lacks_labels = Cut(&by_name.labels);
  const bool lacks_types = Cut(&by_name.types);
  counts->set_is_cut(lacks_labels || lacks_types);
  for (const auto& [label, count] : by_name.labels) {
    counts->add_labels(label.value());
    counts->add_label_counts(static_cast<uint64_t>(count));
  }
  for (const auto& [type, count] : by_name.types) {
    counts->add_types(type.value());
    counts->add_type_counts(static_cast<uint64_t>(count));
  }
}

}  // namespace tidemark::worker
