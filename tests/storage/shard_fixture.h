// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/shard.h"

namespace tidemark::storage {

inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
inline constexpr TypeId kType{1};

// One shard that owns everything, and short words for its calls.
class ShardTest : public testing::Test {
 protected:
  ShardTest() : shard_(std::make_unique<Shard>(ShardLimits(), 1, NodeId(1))) {}

  View Now(TxId tx = TxId(0)) { return {shard_->applied(), tx}; }
  TxId NextTx() { return next_tx_ = next_tx_.Next(); }
  // As a worker does it: what cannot be applied does not get into the log.
  void FindDeleted(TxId tx) {
    bool found = false;
    while (!found) {
      int64_t units = 100;
      const auto result = shard_->FindDeletedEdges(tx, &units);
      ASSERT_TRUE(result.ok()) << result.status();
      found = *result;
    }
  }
  Csn Commit(TxId tx) {
    FindDeleted(tx);
    log_.push_back(shard_->TakePendingMutations(tx));
    const Csn csn(log_.size());
    shard_->Commit(tx, csn);
    int64_t units = kNoLimit;
    EXPECT_TRUE(shard_->ApplySome(&units));
    return csn;
  }
  // A unit at a time.
  absl::Status Validate(TxId tx) {
    Validation validation;
    while (true) {
      int64_t units = 1;
      const absl::StatusOr<bool> done = shard_->ValidateBeforeCommit(tx, &validation, &units);
      if (!done.ok() || *done) return done.status();
    }
  }
  VertexId Vertex(View view, std::vector<LabelId> labels = {}) {
    return *shard_->CreateVertex(view, {std::nullopt, labels, {}}, nullptr);
  }
  EdgeId Edge(View view, VertexId from, VertexId to, TypeId type = kType) {
    return *shard_->CreateEdge(view, {EdgeId(), from, to, type}, {});
  }
  // A hub with `degree` edges to `leaves` leaves, committed.
  VertexId MakeHub(size_t degree, size_t leaf_count) {
    const TxId tx = NextTx();
    const View view = Now(tx);
    const VertexId hub = Vertex(view);
    leaves_.clear();
    for (size_t i = 0; i < leaf_count; ++i) leaves_.push_back(Vertex(view));
    for (size_t i = 0; i < degree; ++i) Edge(view, hub, leaves_[i % leaf_count]);
    Commit(tx);
    return hub;
  }
  std::vector<Neighbour> Expand(View view, VertexId vertex, Direction direction) {
    std::vector<Neighbour> out;
    for (Shard::Cursor cursor; !cursor.done;) {
      if (!shard_->Expand(view, {vertex, direction, {}, 1000}, &cursor, &out)) break;
    }
    return out;
  }
  void CollectAll() {
    shard_->SetHorizon(shard_->applied());
    while (!shard_->CollectSome(10000)) {
    }
  }
  graph::IndexDefinition Define(graph::IndexKind kind, graph::IndexState state) {
    graph::IndexDefinition definition;
    definition.id = IndexId(1);
    definition.kind = kind;
    definition.state = state;
    definition.label = LabelId(1);
    definition.keys = {KeyId(1)};
    definition.name = "rule";
    const TxId tx = NextTx();
    shard_->AddSchemaChange(tx, definition);
    Commit(tx);
    return definition;
  }

  std::unique_ptr<Shard> shard_;
  TxId next_tx_;
  std::vector<std::string> log_;
  std::vector<VertexId> leaves_;
};

}  // namespace tidemark::storage
