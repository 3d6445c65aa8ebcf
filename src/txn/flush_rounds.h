// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/ids.h"

namespace tidemark::txn {

// Flush broadcasts. A round covers every commit <= C; it is first with the workers, then with the
// master log. At most one round is with the workers; several may be with the log, so that the
// workers sync the next round while the master syncs this one.
// Owner: the coordinator, which has checked epoch and boot id of what it passes on.
// Threads: the master's loop.
class FlushRounds {
 public:
  // Everything <= csn is flushed everywhere.
  void Open(Csn csn);
  // Drops the rounds.
  void Close();

  // A round with the workers is under way.
  bool with_workers() const { return with_workers_; }
  // The C of the newest round started (or of Open).
  Csn started() const { return started_; }
  // The worker has synced its WAL through here.
  Csn FlushedOf(NodeId node) const;
  // It is known some other way (a snapshot) that the worker has synced through `csn`.
  void NoteFlushed(NodeId node, Csn csn);

  // Starts the round of `csn`; `last` is each worker's newest commit <= csn. It goes to the workers
  // with commits that are not known to be synced, and is complete at once when there is none.
  // Returns these workers. REQUIRES: open, !with_workers(), csn > started().
  NodeSet Start(Csn csn, const std::map<NodeId, Csn>& last, int64_t now_micros);
  int64_t started_micros() const { return started_micros_; }
  // True when the worker's answer was asked for.
  bool OnFlushed(NodeId node, Csn csn);
  struct Complete {
    Csn csn;
    std::map<NodeId, Csn> last;
  };
  // The round that every worker has answered; once per round.
  std::optional<Complete> TakeComplete();
  uint64_t count() const { return count_; }

  void CheckInvariants() const;

 private:
  bool open_ = false;
  bool with_workers_ = false;
  Csn started_;
  Csn opened_at_;
  NodeSet missing_;
  std::map<NodeId, Csn> last_;
  std::map<NodeId, Csn> flushed_;
  int64_t started_micros_ = 0;
  uint64_t count_ = 0;
};

}  // namespace tidemark::txn
