// SPDX-License-Identifier: Apache-2.0
#include "master/graph_counts.h"

#include <algorithm>

namespace tidemark::master {
namespace {

template <typename Ids, typename Counts>
void Add(const Ids& ids, const Counts& counts, absl::flat_hash_map<uint32_t, double>* sums) {
  const int size = std::min(ids.size(), counts.size());
  for (int i = 0; i < size; ++i) (*sums)[ids[i]] += static_cast<double>(counts[i]);
}

}  // namespace

std::optional<query::Statistics> SumOfCounts(const txn::Coordinator& coordinator) {
  query::Statistics sum;
  sum.vertex_count = 0;
  sum.edge_count = 0;
  sum.is_complete = true;
  for (uint32_t worker = 1; worker <= coordinator.worker_count(); ++worker) {
    const wire::GraphCounts* const counts = coordinator.CountsOf(NodeId(worker));
    if (counts == nullptr) return std::nullopt;
    sum.vertex_count += static_cast<double>(counts->vertices());
    sum.edge_count += static_cast<double>(counts->edges());
    Add(counts->labels(), counts->label_counts(), &sum.label_counts);
    Add(counts->types(), counts->type_counts(), &sum.type_counts);
    if (counts->is_cut()) sum.is_complete = false;
  }
  return sum;
}

}  // namespace tidemark::master
