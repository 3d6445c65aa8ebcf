// SPDX-License-Identifier: Apache-2.0
#include "bench/shard_graph.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/time_units.h"
#include "cli/seeded_random.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "graph/value.h"
#include "graph/value_coding.h"

namespace tidemark::bench {
namespace {

constexpr uint64_t kSeed = 7;
constexpr LabelId kPerson{1};
constexpr KeyId kNumber{1};
constexpr KeyId kName{2};
constexpr TypeId kFollows{1};
constexpr IndexId kNumberIndex{1};
constexpr size_t kTransactionEdgeCount = 100;
constexpr size_t kTransactionVertexCount = 1000;
constexpr size_t kPrefetchEdgeCount = 16;  // as the executor of batches looks ahead
constexpr int64_t kCollectUnits = 16384;
constexpr uint64_t kHorizonLagCommits = 200;  // what readers hold back

std::string PropertiesOf(uint32_t number) {
  std::string packed;
  CHECK(graph::PackProperties(
            {{kNumber, graph::EncodeValue(graph::Value::Integer(number))},
             {kName, graph::EncodeValue(graph::Value::String("a name of a person"))}},
            &packed)
            .ok());
  return packed;
}

}  // namespace

ShardGraph::ShardGraph(const BenchOptions& options, env::Clock* clock)
    : clock_(clock), vertex_count_(static_cast<size_t>(options.vertices)) {
  csv_import::SocialModel model(static_cast<uint32_t>(options.vertices),
                                static_cast<uint64_t>(options.edges), kSeed);
  while (model.NextEdges(&pairs_)) {
  }
  cli::SeededRandom(kSeed).Shuffle(&pairs_);
}

double ShardGraph::Fill(bool with_index) {
  shard_ = std::make_unique<storage::Shard>(storage::ShardLimits(), 1, NodeId(1));
  vertices_.clear();
  log_.clear();
  csn_ = Csn();
  if (with_index) {
    graph::IndexDefinition definition;
    definition.id = kNumberIndex;
    definition.name = "person_number";
    definition.label = kPerson;
    definition.keys = {kNumber};
    definition.kind = graph::IndexKind::kLabelProperty;
    definition.state = graph::IndexState::kOnline;
    const TxId tx = next_tx_;
    next_tx_ = TxId(tx.value() + 1);
    shard_->AddSchemaChange(tx, definition);
    Commit(tx);
  }
  CreateVertices();
  std::vector<storage::EdgeEnds> edges;
  for (const csv_import::EdgePair& pair : pairs_) {
    edges.push_back({EdgeId(), vertices_[pair.source], vertices_[pair.target], kFollows});
  }
  const int64_t begin = clock_->NowMicros();
  for (size_t i = 0; i < edges.size();) {
    const int64_t step = clock_->NowMicros();
    const storage::View view{csn_, next_tx_};
    next_tx_ = TxId(view.tx.value() + 1);
    const size_t end = std::min(edges.size(), i + kTransactionEdgeCount);
    for (; i < end; ++i) {
      if (i + kPrefetchEdgeCount < end) {
        shard_->Prefetch(edges[i + kPrefetchEdgeCount].source);
        shard_->Prefetch(edges[i + kPrefetchEdgeCount].target);
      }
      CHECK(shard_->CreateEdge(view, edges[i], {}).ok());
    }
    Commit(view.tx);
    longest_step_micros_ = std::max(longest_step_micros_, clock_->NowMicros() - step);
  }
  const int64_t micros = clock_->NowMicros() - begin;
  shard_->SetHorizon(csn_);
  while (!shard_->CollectSome(kCollectUnits)) {
  }
  return static_cast<double>(pairs_.size()) / static_cast<double>(micros) * kMicrosPerSecond;
}

void ShardGraph::CreateVertices() {
  const std::vector<LabelId> labels{kPerson};
  for (uint32_t i = 0; i < vertex_count_; ++i) {
    const storage::View view{csn_, next_tx_};
    vertices_.push_back(
        *shard_->CreateVertex(view, {std::nullopt, labels, PropertiesOf(i)}, nullptr));
    if ((i + 1) % kTransactionVertexCount != 0 && i + 1 != vertex_count_) continue;
    next_tx_ = TxId(view.tx.value() + 1);
    Commit(view.tx);
  }
}

void ShardGraph::Commit(TxId tx) {
  log_.push_back(shard_->TakePendingMutations(tx));
  csn_ = csn_.Next();
  shard_->Commit(tx, csn_);
  int64_t units = kCollectUnits;
  while (!shard_->ApplySome(&units)) units = kCollectUnits;
  if (csn_.value() > kHorizonLagCommits) {
    shard_->SetHorizon(Csn(csn_.value() - kHorizonLagCommits));
  }
  shard_->CollectSome(kCollectUnits);
}

Csr ShardGraph::MakeCsr() const {
  Csr csr;
  csr.offsets.resize(vertex_count_ + 1);
  for (const csv_import::EdgePair& pair : pairs_) ++csr.offsets[pair.source + 1];
  std::partial_sum(csr.offsets.begin(), csr.offsets.end(), csr.offsets.begin());
  csr.neighbours.resize(pairs_.size());
  std::vector<uint64_t> next = csr.offsets;
  for (const csv_import::EdgePair& pair : pairs_) {
    csr.neighbours[next[pair.source]++] = vertices_[pair.target];
  }
  return csr;
}

std::vector<uint32_t> ShardGraph::RandomOrder(uint64_t seed) const {
  std::vector<uint32_t> order(vertex_count_);
  std::iota(order.begin(), order.end(), 0u);
  cli::SeededRandom(seed).Shuffle(&order);
  return order;
}

}  // namespace tidemark::bench
