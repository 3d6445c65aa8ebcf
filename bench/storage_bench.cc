// SPDX-License-Identifier: Apache-2.0
// Measures one shard alone, on a graph with the shape of a social network: inserts, bytes per
// entity, loading, replay, expansion of a random frontier against an array of arrays (CSR).
//
// storage_bench [vertices] [edges] [edges per transaction]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "graph/value.h"
#include "graph/value_coding.h"
#include "storage/shard.h"

namespace tidemark::storage {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
constexpr int64_t kSliceUnits = 16384;
constexpr TypeId kType{1};
constexpr int kRepeatCount = 5;

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Edges {
  std::vector<uint32_t> from;
  std::vector<uint32_t> to;
};

// Ends dealt by weights of a log-normal distribution.
std::vector<uint32_t> DealEnds(uint32_t vertex_count, uint64_t edge_count,
                               std::mt19937_64* random) {
  std::lognormal_distribution<double> distribution(0, 1.3);
  std::vector<double> weights(vertex_count);
  for (double& weight : weights) weight = std::min(distribution(*random), 400.0);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<uint32_t> ends;
  double sum = 0;
  for (uint32_t i = 0; i < vertex_count; ++i) {
    sum += weights[i] / total * static_cast<double>(edge_count);
    while (static_cast<double>(ends.size()) < sum && ends.size() < edge_count) ends.push_back(i);
  }
  while (ends.size() < edge_count) ends.push_back(0);
  std::shuffle(ends.begin(), ends.end(), *random);
  return ends;
}

class StorageBench {
 public:
  StorageBench(uint32_t vertex_count, uint64_t edge_count, uint64_t batch)
      : batch_(batch), shard_(std::make_unique<Shard>(ShardLimits(), 1, NodeId(1))) {
    edges_.from = DealEnds(vertex_count, edge_count, &random_);
    edges_.to = DealEnds(vertex_count, edge_count, &random_);
    MakeVertices(vertex_count);
  }

  void Run() {
    Insert();
    Memory();
    Expand();
    Replay();
    Load();
  }

 private:
  Csn Commit(TxId tx) {
    log_.push_back(shard_->TakePendingMutations(tx));
    csn_ = csn_.Next();
    shard_->Commit(tx, csn_);
    while (!shard_->ApplySome(kSliceUnits)) {
    }
    if (csn_.value() > kHorizonLag) shard_->SetHorizon(Csn(csn_.value() - kHorizonLag));
    shard_->CollectSome(kSliceUnits);
    return csn_;
  }
  void MakeVertices(uint32_t count) {
    std::string properties;
    CHECK(graph::PackProperties(
              {{KeyId(1), graph::EncodeValue(graph::Value::Integer(123456))},
               {KeyId(2), graph::EncodeValue(graph::Value::String("a name of a person"))}},
              &properties)
              .ok());
    const std::vector<LabelId> labels{LabelId(1)};
    const double start = Now();
    for (uint32_t i = 0; i < count; ++i) {
      const View view{csn_, TxId(i / batch_ + 1)};
      vertices_.push_back(*shard_->CreateVertex(view, {std::nullopt, labels, properties}, nullptr));
      if ((i + 1) % batch_ == 0 || i + 1 == count) Commit(view.tx);
    }
    std::printf("create vertices          %8.2f million/s\n", count / (Now() - start) / 1e6);
  }
  void Insert() {
    std::vector<EdgeEnds> ends;
    for (size_t i = 0; i < edges_.from.size(); ++i) {
      ends.push_back({EdgeId(), vertices_[edges_.from[i]], vertices_[edges_.to[i]], kType});
    }
    double worst = 0;
    const double start = Now();
    for (size_t i = 0; i < edges_.from.size();) {
      const double begin = Now();
      const View view{csn_, TxId(1000000000 + i)};
      const size_t end = std::min(edges_.from.size(), i + batch_);
      for (; i < end; ++i) CHECK(shard_->CreateEdge(view, ends[i], {}).ok());
      Commit(view.tx);
      worst = std::max(worst, Now() - begin);
    }
    std::printf(
        "insert edges             %8.2f million/s (%zu in a transaction, longest %.2f ms)\n",
        static_cast<double>(edges_.from.size()) / (Now() - start) / 1e6,
        static_cast<size_t>(batch_), worst * 1e3);
  }
  void Memory() {
    shard_->SetHorizon(csn_);
    while (!shard_->CollectSome(kSliceUnits)) {
    }
    const auto entities = static_cast<double>(vertices_.size() + edges_.from.size());
    std::printf("memory                   %8.1f bytes per vertex or edge\n",
                static_cast<double>(shard_->stats().memory_bytes) / entities);
  }

  // Every vertex once, in random order, 1,024 at a time into a batch of ids.
  void Expand() {
    std::vector<uint32_t> order(vertices_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), random_);
    const double csr = CsrRate(order);
    std::vector<VertexId> frontier;
    for (uint32_t i : order) frontier.push_back(vertices_[i]);
    double best = 0;
    NeighbourColumns out;
    for (int repeat = 0; repeat < kRepeatCount; ++repeat) {
      const double start = Now();
      for (size_t first = 0; first < frontier.size(); first += kFrontierCount) {
        const absl::Span<const VertexId> some =
            absl::MakeConstSpan(frontier).subspan(first, kFrontierCount);
        for (Shard::BatchCursor cursor; cursor.next < some.size();) {
          out.vertices.clear();
          out.ends.clear();
          shard_->ExpandBatch({csn_, TxId(0)}, {some, Direction::kOut, {}, 1 << 16}, &cursor, &out);
          Use(out.vertices);
        }
      }
      best = std::max(best, static_cast<double>(edges_.from.size()) / (Now() - start) / 1e6);
    }
    std::printf("expand random frontier   %8.1f million/s, CSR %.1f, ratio %.2f\n", best, csr,
                best / csr);
  }
  double CsrRate(const std::vector<uint32_t>& order) {
    std::vector<uint64_t> offsets(vertices_.size() + 1);
    for (uint32_t from : edges_.from) ++offsets[from + 1];
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    std::vector<VertexId> neighbours(edges_.from.size());
    std::vector<uint64_t> next = offsets;
    for (size_t i = 0; i < edges_.from.size(); ++i) {
      neighbours[next[edges_.from[i]]++] = vertices_[edges_.to[i]];
    }
    double best = 0;
    std::vector<VertexId> out;
    for (int repeat = 0; repeat < kRepeatCount; ++repeat) {
      const double start = Now();
      for (size_t first = 0; first < order.size(); first += kFrontierCount) {
        out.clear();
        const size_t last = std::min(order.size(), first + kFrontierCount);
        for (size_t i = first; i < last; ++i) {
          const auto begin = neighbours.begin();
          out.insert(out.end(), begin + static_cast<ptrdiff_t>(offsets[order[i]]),
                     begin + static_cast<ptrdiff_t>(offsets[order[i] + 1]));
        }
        Use(out);
      }
      best = std::max(best, static_cast<double>(edges_.from.size()) / (Now() - start) / 1e6);
    }
    return best;
  }
  // Keeps the compiler from leaving the work out.
  void Use(const std::vector<VertexId>& ids) {
    if (!ids.empty()) used_ ^= ids[ids.size() / 2].value();
  }

  void Replay() {
    Shard fresh(ShardLimits(), 1, NodeId(1));
    const double start = Now();
    uint64_t count = 0;
    for (size_t i = 0; i < log_.size(); ++i) {
      graph::MutationReader reader(log_[i]);
      graph::Mutation mutation;
      for (; *reader.Next(&mutation); ++count) CHECK(fresh.Replay(Csn(i + 1), mutation).ok());
    }
    fresh.FinishRecovery(csn_);
    std::printf("replay                   %8.2f million mutations/s\n",
                static_cast<double>(count) / (Now() - start) / 1e6);
  }
  void Load() {
    std::string snapshot;
    const double begin = Now();
    for (uint32_t slot = 0; slot < kSlotCount; ++slot) {
      Shard::SnapshotCursor cursor;
      while (!shard_->SnapshotSlot({csn_, SlotId(static_cast<uint16_t>(slot)), kSliceUnits,
                                    std::numeric_limits<size_t>::max()},
                                   &cursor, &snapshot)) {
      }
    }
    const double start = Now();
    std::printf("snapshot                 %8.2f million edges/s\n",
                static_cast<double>(edges_.from.size()) / (start - begin) / 1e6);
    Shard fresh(ShardLimits(), 1, NodeId(1));
    graph::MutationReader reader(snapshot);
    graph::Mutation mutation;
    while (*reader.Next(&mutation)) CHECK(fresh.Load(csn_, mutation).ok());
    fresh.FinishRecovery(csn_);
    std::printf("load                     %8.2f million edges/s\n",
                static_cast<double>(edges_.from.size()) / (Now() - start) / 1e6);
    CHECK_EQ(fresh.stats().edges, edges_.from.size());
    CHECK_NE(used_, 1u);
  }

  static constexpr uint64_t kHorizonLag = 200;  // commits
  static constexpr size_t kFrontierCount = 1024;
  std::mt19937_64 random_{7};
  const uint64_t batch_;
  Edges edges_;
  std::unique_ptr<Shard> shard_;
  std::vector<VertexId> vertices_;
  std::vector<std::string> log_;
  Csn csn_;
  uint64_t used_ = 0;
};

}  // namespace
}  // namespace tidemark::storage

int main(int argc, char** argv) {
  const auto argument = [&](int at, uint64_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
  tidemark::storage::StorageBench bench(static_cast<uint32_t>(argument(1, 100000)),
                                        argument(2, 1770000), argument(3, 100));
  bench.Run();
}
