// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>

#include "base/ids.h"

namespace tidemark::txn {

// Flush broadcasts. A round has the workers sync every commit <= C; at most one is under way. What
// they have answered becomes the watermark once it is visible and the master log has it; meanwhile
// the workers sync the next round.
// Owner: the coordinator, which has checked epoch and boot id of what it passes on.
// Threads: the master's loop.
class FlushRounds {
 public:
  // Everything <= csn is flushed everywhere.
  void Open(Csn csn);
  // Drops the rounds.
  void Close();

  bool under_way() const { return !missing_.empty(); }
  // The C of the newest round started (or of Open).
  Csn started() const { return newest_.csn; }
  // The worker has synced its WAL through here.
  Csn FlushedOf(NodeId node) const;
  // It is known some other way (a snapshot) that the worker has synced through `csn`.
  void NoteFlushed(NodeId node, Csn csn);

  // Starts the round of `csn`; `last` is each worker's newest commit <= csn. It goes to the workers
  // with commits that are not known to be synced, and is complete at once when there is none.
  // Returns these workers. REQUIRES: open, !under_way(), csn > started().
  NodeSet Start(Csn csn, const std::map<NodeId, Csn>& last, int64_t now_micros);
  int64_t started_micros() const { return started_micros_; }
  // Nothing happens when the worker's answer was not asked for.
  void OnFlushed(NodeId node, Csn csn);
  struct Round {
    Csn csn;
    std::map<NodeId, Csn> last;
  };
  // The newest round that every worker has answered; Open counts as one, without `last`.
  const Round& complete() const { return complete_; }
  uint64_t count() const { return count_; }

  void CheckInvariants() const;

 private:
  bool open_ = false;
  Csn opened_at_;
  Round newest_;
  NodeSet missing_;  // workers that have not answered it
  Round complete_;
  std::map<NodeId, Csn> flushed_;
  int64_t started_micros_ = 0;
  uint64_t count_ = 0;
};

}  // namespace tidemark::txn
