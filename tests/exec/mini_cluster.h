// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/operation.h"
#include "graph/index_definition.h"
#include "storage/shard.h"

namespace tidemark::exec {

inline constexpr LabelId kPerson(1);
inline constexpr LabelId kTown(2);
inline constexpr TypeId kKnows(1);
inline constexpr TypeId kLikes(2);
inline constexpr KeyId kName(1);
inline constexpr KeyId kAge(2);
inline constexpr IndexId kUniqueName(1);  // unique :Person(name)
inline constexpr IndexId kAgeIndex(2);    // :Person(age)

// Builders of operations.
Operation CreateVertex(SlotId slot, std::vector<LabelId> labels = {}, std::string properties = {});
Operation CreateEdge(VertexId source, VertexId target, TypeId type = kKnows);
Operation OnVertex(OperationKind kind, VertexId vertex);
Operation OnEdge(OperationKind kind, EdgeId edge);
Operation DetachDelete(VertexId vertex);
Operation SetName(VertexId vertex, std::string_view name);  // empty = remove
Operation FindName(std::string_view name);
Operation ExpandAll(VertexId vertex, storage::Direction direction = storage::Direction::kAny);

// Packed properties.
std::string Named(std::string_view name);
std::string Aged(int64_t age);
std::string KeyOf(std::string_view text);
std::string KeyOf(int64_t number);

// Shards as the workers of a cluster, with a router in the place of sessions and a commit in the
// place of the coordinator. Batches go through the byte coding and run in small slices.
class MiniCluster {
 public:
  explicit MiniCluster(uint32_t worker_count);

  // Makes the unique constraint on names and the index over ages, online.
  void CreateIndexes();

  struct Tx {
    storage::View view;
  };
  Tx Begin() { return {{visible_, TxId(++last_tx_)}}; }
  // Runs the operations in order at their owners, one batch for each run of operations of one
  // owner, then the follow-ups, hop by hop. Scans run at `scan_worker`.
  absl::StatusOr<std::vector<OperationResult>> Run(const Tx& tx, std::vector<Operation> operations);
  absl::StatusOr<OperationResult> RunOne(const Tx& tx, Operation operation);
  // One batch at one worker; its follow-ups are left to the caller.
  absl::StatusOr<BatchResult> RunAt(NodeId worker, const Tx& tx,
                                    const std::vector<Operation>& operations);
  void Commit(const Tx& tx);
  void Abort(const Tx& tx);
  // Run and Commit, which must work.
  std::vector<OperationResult> RunAndCommit(std::vector<Operation> operations);

  // Frees the versions that no reader of commits >= horizon needs.
  void CollectUpTo(Csn horizon);
  void CollectAll() { CollectUpTo(visible_); }
  void CheckInvariants() const;

  uint32_t worker_count() const { return static_cast<uint32_t>(shards_.size()); }
  storage::Shard& shard(NodeId worker) { return *shards_[worker.value() - 1]; }
  NodeId OwnerOf(SlotId slot) const { return OwnerOfSlot(slot, worker_count()); }
  // A slot of worker 1, 2 ...
  SlotId SlotAt(uint32_t worker, uint32_t number = 0) const {
    return SlotId(static_cast<uint16_t>((worker - 1) * kSlotCount / worker_count() + number));
  }

  NodeId scan_worker{1};
  int64_t slice_units = 300;
  int slice_count = 0;  // of all batches
  int hop_count = 0;    // of all follow-ups

 private:
  absl::Status RunFollowUps(const Tx& tx, std::vector<Operation> follow_ups);
  NodeId WorkerFor(const Operation& operation) const;

  std::vector<std::unique_ptr<storage::Shard>> shards_;
  Csn visible_;
  uint64_t last_tx_ = 0;
};

}  // namespace tidemark::exec
