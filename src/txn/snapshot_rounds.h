// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/master_log/master_log_record.h"
#include "txn/types.h"

namespace tidemark::txn {

// Synchronized snapshots, one at a time. A round is with the workers until all have answered, then
// with the master log until SnapshotComplete is synced; only then does the snapshot exist.
// Owner: the coordinator, which has checked epoch and boot id of what it passes on.
// Threads: the master's loop.
class SnapshotRounds {
 public:
  using Callback = std::function<void(absl::StatusOr<CommitId>)>;

  bool active() const { return active_; }
  // The workers that have not answered.
  NodeSet missing() const { return missing_; }
  // What the round reads: it holds the horizon.
  CommitId id() const { return id_; }
  // Counts the rounds; no two of a master have the same number, even when they are of one csn.
  uint64_t number() const { return number_; }
  // `last` is each worker's newest commit <= id.csn; it must find the same. REQUIRES: !active().
  void Start(CommitId id, NodeSet workers, const std::map<NodeId, Csn>& last);
  Csn LastOf(NodeId node) const;
  // Asks for the outcome of the next round (or of this one while it is with the workers).
  void Wait(Callback done) { waiters_.push_back(std::move(done)); }
  bool has_waiter() const { return !waiters_.empty(); }

  // A worker's answer to round `number`; false when it was not asked for.
  bool OnTaken(const durability::SnapshotCompleteRecord::Part& part, uint64_t number);
  // The record of the round that every worker has answered; once per round.
  std::optional<durability::SnapshotCompleteRecord> TakeComplete();
  // The round ends (logged, failed or dropped): the callbacks that are to be told.
  std::vector<Callback> Finish();

  void CheckInvariants() const;

 private:
  bool active_ = false;
  bool with_log_ = false;
  uint64_t number_ = 0;
  CommitId id_;
  NodeSet missing_;
  std::map<NodeId, Csn> last_;
  std::map<NodeId, durability::SnapshotCompleteRecord::Part> parts_;
  std::vector<Callback> waiters_;
};

}  // namespace tidemark::txn
