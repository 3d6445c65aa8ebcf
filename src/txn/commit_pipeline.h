// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/master_log/master_log_state.h"
#include "txn/types.h"

namespace tidemark::txn {

// A callback with what it is to be told; run by the coordinator when its state is consistent.
struct Verdict {
  CommitCallback done;
  absl::StatusOr<CommitId> result;
};

// Commit numbers from their assignment to the watermark: gives csns, follows what each participant
// has applied, advances V, knows each worker's newest commit <= V, and holds the clients that wait
// for an answer, keyed by (epoch, csn).
// Owner: the coordinator. Threads: the master's loop.
class CommitPipeline {
 public:
  enum class Until : uint8_t { kVisible, kWatermark };

  // The cluster opens: numbering goes on at visible + 1, commits <= watermark are durable. `last`
  // is each worker's newest commit <= visible.
  void Open(Epoch epoch, Csn visible, Csn watermark, const std::map<NodeId, Csn>& last);
  // The cluster closes: nothing advances any more; waiters stay until TakeRecovered.
  void Close();

  // The next csn. REQUIRES: open, participants not empty.
  Csn Assign(TxId tx, NodeSet participants, int64_t now_micros);
  // Every commit sent to `node` up to `csn` is applied there. True when V has advanced.
  bool OnApplied(NodeId node, Csn csn);
  // REQUIRES: open, watermark() <= csn <= visible().
  void SetWatermark(Csn csn);

  Epoch epoch() const { return epoch_; }
  Csn visible() const { return visible_; }
  Csn watermark() const { return watermark_; }
  // The newest csn given out.
  Csn assigned() const { return assigned_; }
  uint64_t unapplied_count() const { return assigned_.value() - visible_.value(); }
  uint64_t unflushed_count() const { return assigned_.value() - watermark_.value(); }
  // About when the oldest commit above W was given its csn; never later.
  std::optional<int64_t> OldestUnflushedMicros() const;
  // Each worker's newest commit <= visible(), <= assigned().
  const std::map<NodeId, Csn>& last_visible() const { return last_visible_; }
  const std::map<NodeId, Csn>& last_assigned() const { return last_assigned_; }

  // `done` is to be told when V or W reaches id.csn of this epoch, or what a recovery decided.
  void Wait(CommitId id, TxId tx, Until until, CommitCallback done);
  // Somebody waits for the watermark to reach something in (after, up_to].
  bool HasWatermarkWaiter(Csn after, Csn up_to) const;
  // The waiters that have what they waited for, in csn order.
  std::vector<Verdict> TakeReady();
  // All waiters, with what the log says about their commits. To be called when a recovery has
  // ended: no verdict is given before that.
  std::vector<Verdict> TakeRecovered(const durability::MasterLogState& log);
  // All waiters, with `reason`.
  std::vector<Verdict> TakeAll(const absl::Status& reason);

  void CheckInvariants() const;

 private:
  struct InFlight {
    Csn csn;
    TxId tx;
    NodeSet participants;
  };
  struct Waiter {
    TxId tx;
    CommitCallback done;
  };
  using Waiters = std::multimap<CommitId, Waiter>;
  void TakeUpTo(Csn csn, Waiters* waiters, std::vector<Verdict>* out);

  bool open_ = false;
  Epoch epoch_;
  Csn visible_;
  Csn watermark_;
  Csn assigned_;
  std::deque<InFlight> in_flight_;  // visible_ + 1 ... assigned_, without gaps
  std::map<NodeId, Csn> applied_;
  std::map<NodeId, Csn> last_visible_;
  std::map<NodeId, Csn> last_assigned_;
  // (first csn, time) of each run of csns that were given out at one time, above the watermark.
  std::deque<std::pair<Csn, int64_t>> times_;
  Waiters visible_waiters_;
  Waiters watermark_waiters_;
  mutable CommitId checked_visible_;
  mutable CommitId checked_watermark_;
};

}  // namespace tidemark::txn
