// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/master_log_state.h"
#include "txn/types.h"

namespace tidemark::txn {

// A callback with what it is to be told; run by the coordinator when its state is consistent.
struct Verdict {
  CommitCallback done;
  absl::StatusOr<CommitId> result;
};

// Commit numbers from their assignment to the watermark: gives csns, follows what each participant
// has applied, advances V, keeps each worker's csns for the Watermark record, and holds the clients
// that wait for an answer, keyed by (epoch, csn).
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
  // REQUIRES: watermark() <= csn <= visible().
  void SetWatermark(Csn csn);

  Epoch epoch() const { return epoch_; }
  Csn visible() const { return visible_; }
  Csn watermark() const { return watermark_; }
  // The newest csn given out.
  Csn assigned() const { return assigned_; }
  uint64_t unapplied_count() const { return assigned_.value() - visible_.value(); }
  uint64_t unflushed_count() const { return assigned_.value() - watermark_.value(); }
  // When the oldest commit above W was given its csn.
  std::optional<int64_t> OldestUnflushedMicros() const;
  // The worker's newest commit <= csn. REQUIRES: csn >= watermark().
  Csn LastOf(NodeId node, Csn csn) const;

  // `done` is to be told when V or W reaches id.csn of this epoch, or what a recovery decided.
  void Wait(CommitId id, TxId tx, Until until, CommitCallback done);
  // Somebody waits for the watermark to pass the current one, with everything below V.
  bool HasWatermarkWaiter() const;
  // The waiters that have what they waited for, in csn order.
  std::vector<Verdict> TakeReady();
  // The waiters of closed epochs, with what the log says about their commits. To be called when a
  // recovery has ended: no verdict is given before that.
  std::vector<Verdict> TakeRecovered(const durability::MasterLogState& log);
  size_t waiter_count() const { return waiters_.size(); }

  void CheckInvariants() const;

 private:
  struct InFlight {  // csn > watermark
    Csn csn;
    TxId tx;
    NodeSet participants;
    int64_t assigned_micros = 0;
  };
  struct Waiter {
    TxId tx;
    Until until = Until::kVisible;
    CommitCallback done;
  };
  bool IsReady(CommitId id, const Waiter& waiter) const;

  bool open_ = false;
  Epoch epoch_;
  Csn visible_;
  Csn watermark_;
  Csn assigned_;
  std::deque<InFlight> in_flight_;  // watermark_ + 1 ... assigned_, without gaps
  std::map<NodeId, Csn> applied_;
  std::map<NodeId, Csn> last_at_watermark_;
  TxId newest_flushed_tx_;
  std::multimap<CommitId, Waiter> waiters_;
  mutable CommitId checked_visible_;
  mutable CommitId checked_watermark_;
};

}  // namespace tidemark::txn
