// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/storage/hub_model.h"
#include "tests/storage/shard_cluster.h"

namespace tidemark::storage {

// Random steps on a few hubs that grow to several blocks and shrink again, against HubModel. Beside
// the shards that live there are two that only replay: one from the log alone, one from a snapshot
// and the log above it. A difference ends the process (CHECK). Threads: one.
class HubModelRun {
 public:
  struct Shape {
    uint64_t seed = 1;
    uint32_t shard_count = 1;
    uint32_t hub_count = 2;
    uint32_t leaf_count = 8;
    uint64_t writes_per_run = 120;        // one write in so many is one of many edges
    uint64_t steps_per_check = 300;       // between two comparisons of everything
    uint64_t collections_per_check = 20;  // between two checks of the form of what lives
  };
  explicit HubModelRun(const Shape& shape);

  void Step();
  // Compares all that there is and ends what is open.
  void Finish();

  uint64_t step_count() const { return step_count_; }
  uint64_t write_count() const { return write_count_; }
  uint64_t comparison_count() const { return comparison_count_; }
  uint64_t restart_count() const { return restart_count_; }
  uint64_t rollback_count() const { return rollback_count_; }
  uint64_t conflict_count() const { return conflict_count_; }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t one_in) { return Below(one_in) == 0; }
  // Mostly small, now and then as large as `n`.
  uint64_t SmallBelow(uint64_t n) { return Below(Below(n) + 1); }
  template <typename T>
  const T& Any(const std::vector<T>& from) {
    return from[Below(from.size())];
  }
  Csn Newest() const { return next_csn_.Previous(); }

  // hub_model_run.cc
  void DefineIndexes();
  void Begin();
  void Commit(TxId tx);
  void Abort(TxId tx);
  void ApplySome(int64_t units);
  void ApplyAll();
  Csn OldestRead() const;
  void Collect();
  void RollBack();
  void Restart();
  void FollowLog();
  void SnapshotStep();
  void FinishSnapshot();
  void ReadStep();
  void EndRead();

  // hub_model_writes.cc
  void Write(TxId tx);
  void WriteRun(TxId tx);
  // False when the write was refused, rightly: the transaction has ended.
  bool Expect(TxId tx, const absl::Status& got, absl::StatusCode wanted);
  std::optional<VertexId> AnyVertex(TxId tx);
  std::optional<EdgeId> AnyEdge(TxId tx);
  bool CreateEdge(TxId tx, VertexId source, VertexId target);
  bool DeleteEdge(TxId tx, EdgeId edge);
  void AddEdges(TxId tx, size_t count);
  void DeleteEdges(TxId tx, size_t count);
  void TakeBackEdges(TxId tx, size_t count);
  void SetEdgeProperty(TxId tx);
  void SetVertexProperty(TxId tx);
  void CreateVertex(TxId tx);
  void DeleteVertex(TxId tx);

  // hub_model_check.cc
  void CheckEverything();
  void Compare(ShardCluster* cluster, View view);
  void CompareNeighbours(ShardCluster* cluster, View view);
  void CompareExpansion(ShardCluster* cluster, View view, const HubModel::Vertex& vertex,
                        Direction direction);
  void CompareBatch(ShardCluster* cluster, View view, Direction direction);
  void CompareEdges(ShardCluster* cluster, View view);
  void CompareScans(ShardCluster* cluster, View view);
  void CompareIndexes(ShardCluster* cluster, View view);
  // How many edges of the model a reader sees at each vertex, and the sum of hashed neighbours.
  struct Side {
    uint64_t count = 0;
    uint64_t neighbours = 0;
  };
  struct Degrees {
    std::map<VertexId, Side> out;
    std::map<VertexId, Side> in;
    std::map<VertexId, Side> loops;
    uint64_t edge_count = 0;
  };
  Degrees DegreesFor(View view) const;

  const Shape shape_;
  std::mt19937_64 random_;
  std::unique_ptr<ShardCluster> live_;
  std::unique_ptr<ShardCluster> log_alone_;
  std::unique_ptr<ShardCluster> from_snapshot_;  // null before the first snapshot
  HubModel model_;
  std::vector<VertexId> hubs_;  // as many as there should be; some may be gone
  TxId next_tx_{1};
  Csn next_csn_{1};
  Csn visible_;
  Csn horizon_;
  int64_t next_key_ = 1;
  bool hubs_shrink_ = false;
  bool is_aborting_ = false;  // a large abort may go on, and hold what it has written
  Degrees degrees_;

  // A snapshot that is being taken.
  struct Taking {
    Csn csn;
    size_t shard = 0;
    uint32_t slot = 0;
    Shard::SnapshotCursor cursor;
    std::vector<std::string> parts;
  };
  std::optional<Taking> taking_;
  // A reader who looks at a hub page by page.
  struct Reading {
    View view;
    VertexId vertex;
    Direction direction;
    Shard::Cursor cursor;
    std::vector<Neighbour> found;
  };
  std::vector<Reading> readings_;

  uint64_t step_count_ = 0;
  uint64_t write_count_ = 0;
  uint64_t comparison_count_ = 0;
  uint64_t restart_count_ = 0;
  uint64_t rollback_count_ = 0;
  uint64_t conflict_count_ = 0;
};

}  // namespace tidemark::storage
