// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/change.h"
#include "exec/fragment_runs.h"
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

// Builders of changes.
Change CreateVertex(SlotId slot, std::vector<LabelId> labels = {}, std::string properties = {});
Change CreateEdge(VertexId source, VertexId target, TypeId type = kKnows);
Change OnVertex(ChangeKind kind, VertexId vertex);
Change OnEdge(ChangeKind kind, EdgeId edge);
Change DetachDelete(VertexId vertex);
Change SetName(VertexId vertex, std::string_view name);  // empty = remove

// Packed properties.
std::string Named(std::string_view name);
std::string Aged(int64_t age);
std::string KeyOf(std::string_view text);
std::string KeyOf(int64_t number);

// Shards as the workers of a cluster, with a router in the place of sessions and a commit in the
// place of the coordinator. Fragments go through the byte coding and run in small slices.
class MiniCluster {
 public:
  explicit MiniCluster(uint32_t worker_count);

  // Makes the unique constraint on names and the index over ages, online.
  void CreateIndexes();

  struct Tx {
    storage::View view;
  };
  Tx Begin() { return {{visible_, TxId(++last_tx_)}}; }
  // Makes the changes in order at their owners, one request for each run of changes of one owner,
  // then the follow-ups, hop by hop. Gives what each change has made, with the id alone.
  absl::StatusOr<std::vector<Change>> Run(const Tx& tx, const std::vector<Change>& changes);
  absl::StatusOr<Change> RunOne(const Tx& tx, const Change& change);
  // The changes at one worker; their follow-ups are left to the caller. An error has the row in its
  // request, which are of query::kMaxBatchRows each.
  absl::StatusOr<std::vector<ChangeOutput>> RunAt(NodeId worker, const Tx& tx,
                                                  const std::vector<Change>& changes);
  void Commit(const Tx& tx);
  void Abort(const Tx& tx);
  // Run and Commit, which must work.
  std::vector<Change> RunAndCommit(const std::vector<Change>& changes);

  // Runs a fragment at a worker to its end and hands over each row.
  using UseRow = std::function<absl::Status(const query::Batch& batch, uint16_t row)>;
  absl::Status RunFragment(NodeId worker, const Tx& tx, const query::plan::Remote& remote,
                           const query::BatchRef& input, const UseRow& use);

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

  query::SlabPool* pool() { return &pool_; }

  NodeId scan_worker{1};
  int64_t slice_units = 300;
  int slice_count = 0;  // of all fragments
  int hop_count = 0;    // of all follow-ups

 private:
  absl::Status RunFollowUps(const Tx& tx, std::vector<Change> follow_ups);
  NodeId WorkerFor(const Change& change) const;

  query::SlabPool pool_;
  std::vector<std::unique_ptr<storage::Shard>> shards_;
  std::vector<std::unique_ptr<FragmentRuns>> runs_;
  Csn visible_;
  uint64_t last_tx_ = 0;
  uint64_t last_run_ = 0;
};

}  // namespace tidemark::exec
