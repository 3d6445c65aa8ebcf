// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/participant_port.h"
#include "worker/bulk_pace.h"
#include "worker/engine_context.h"
#include "worker/snapshot_task.h"

namespace tidemark::worker {

// The work on a shard that may take minutes and that nobody waits for within a request: one
// snapshot and any number of index builds. It goes on in slices, with pauses for the clients.
//
// Owner: Engine. Threads: the worker's loop; SnapshotTask writes in jobs of its own.
// Errors: a snapshot that cannot be written says so in OnSnapshotDone, and the worker goes on.
class BulkWork {
 public:
  // `wake` asks for RunSlice to be called again. Does not own the context, which outlives this.
  BulkWork(EngineContext* context, std::function<void()> wake);
  BulkWork(const BulkWork&) = delete;
  BulkWork& operator=(const BulkWork&) = delete;

  // Begins to write a snapshot; OnSnapshotDone follows. One that is under way is abandoned. The
  // shard keeps the versions of the snapshot's csn until then.
  void StartSnapshot(const txn::SnapshotOrder& order);
  // OnSnapshotDone does not follow any more. Nothing happens when there is none.
  void AbandonSnapshot() { snapshot_ = nullptr; }
  // Adds what is in the shard to an index in the state kBuilding; OnIndexBuilt follows. Nothing
  // happens when that is under way already.
  void BuildIndex(IndexId index);
  // Abandons everything: the shard becomes another one.
  void AbandonAll();
  bool empty() const { return snapshot_ == nullptr && building_.empty(); }

  // The snapshot needs more than its usual share of the slices.
  bool is_late() const { return snapshot_ != nullptr && pace_.is_late(); }
  // Runs a slice if the pause is over. Gives the time until the next one; nullopt when nothing is
  // to be done before `wake` is called. `quiet`: no client is at work, no pause is needed.
  std::optional<int64_t> RunSlice(bool quiet);

  void FillFigures(wire::HeartbeatReply* reply) const;
  void CheckInvariants() const;

 private:
  void OnSnapshotWritten(uint64_t number, const txn::Participant::SnapshotResult& result);
  // True when there is more to do at once.
  bool Work();

  EngineContext* const context_;
  const std::function<void()> wake_;
  std::unique_ptr<SnapshotTask> snapshot_;
  uint64_t snapshot_number_ = 0;  // of the newest, counted from 1
  BulkPace pace_;                 // of the newest snapshot
  std::vector<IndexId> building_;
  int64_t due_micros_ = 0;  // no slice before
  // What comes back from the executor after this is gone does nothing.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
