// SPDX-License-Identifier: Apache-2.0
#include "bench/degree_graph.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "cli/seeded_random.h"

namespace tidemark::bench {
namespace {

constexpr uint64_t kTargetSeed = 11;
constexpr TypeId kLink{1};
constexpr size_t kElementsPerTransaction = 1000;  // elements
constexpr size_t kPrefetchDistance = 16;          // as the executor of batches looks ahead
constexpr int64_t kGarbageUnits = 16384;

}  // namespace

DegreeGraph::DegreeGraph(const Shape& shape)
    : shape_(shape),
      shard_(storage::ShardLimits(), 1, NodeId(1)),
      middle_edges_(shape.vertex_count) {
  CreateVertices();
  CreateEdges();
  Collect();
}

storage::View DegreeGraph::Begin() { return {shard_.applied(), TxId(next_tx_++)}; }

void DegreeGraph::Commit(TxId tx) {
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(shard_.FindDeletedEdges(tx, &units).ok());
  shard_.TakePendingMutations(tx);
  shard_.Commit(tx, Csn(++csn_));
  CHECK(shard_.ApplySome(&units));
}

void DegreeGraph::Collect() {
  shard_.SetHorizon(shard_.applied());
  while (!shard_.CollectSome(kGarbageUnits)) {
  }
}

void DegreeGraph::CreateVertices() {
  const uint32_t count = std::max(shape_.vertex_count, shape_.target_count);
  while (vertices_.size() < count) {
    const storage::View view = Begin();
    const size_t end = std::min<size_t>(count, vertices_.size() + kElementsPerTransaction);
    while (vertices_.size() < end) {
      vertices_.push_back(*shard_.CreateVertex(view, {std::nullopt, {}, {}}, nullptr));
    }
    Commit(view.tx);
  }
}

void DegreeGraph::CreateEdges() {
  cli::SeededRandom random(kTargetSeed);
  targets_.resize(edge_count());
  for (uint32_t& target : targets_) target = random.Below(shape_.target_count);
  std::vector<uint32_t> sources(shape_.vertex_count);
  std::iota(sources.begin(), sources.end(), 0u);
  for (uint32_t round = 0; round < shape_.degree; ++round) {
    random.Shuffle(&sources);
    for (size_t i = 0; i < sources.size();) {
      const storage::View view = Begin();
      const size_t end = std::min(sources.size(), i + kElementsPerTransaction);
      for (; i < end; ++i) {
        if (i + kPrefetchDistance < end) {
          shard_.Prefetch(vertices_[sources[i + kPrefetchDistance]]);
        }
        const uint32_t source = sources[i];
        const uint32_t target = targets_[size_t{source} * shape_.degree + round];
        const auto edge =
            shard_.CreateEdge(view, {EdgeId(), vertices_[source], vertices_[target], kLink}, {});
        CHECK(edge.ok()) << edge.status();
        if (round == shape_.degree / 2) middle_edges_[source] = *edge;
      }
      Commit(view.tx);
      shard_.SetHorizon(shard_.applied());
      shard_.CollectSome(kGarbageUnits);
    }
  }
}

void DegreeGraph::DeleteMiddleEdges() {
  for (size_t i = 0; i < middle_edges_.size();) {
    const storage::View view = Begin();
    const size_t end = std::min(middle_edges_.size(), i + kElementsPerTransaction);
    for (; i < end; ++i) CHECK(shard_.DeleteEdge(view, middle_edges_[i]).ok());
    Commit(view.tx);
  }
}

Csr DegreeGraph::MakeCsr() const {
  Csr csr;
  for (uint32_t i = 0; i <= shape_.vertex_count; ++i) {
    csr.offsets.push_back(uint64_t{i} * shape_.degree);
  }
  for (const uint32_t target : targets_) csr.neighbours.push_back(vertices_[target]);
  return csr;
}

}  // namespace tidemark::bench
