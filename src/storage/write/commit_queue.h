// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>

#include "base/ids.h"
#include "storage/graph_state.h"

namespace tidemark::storage {

// Ends transactions: commits in csn order and aborts, both in slices; an edge, a record or a key
// costs kUnitsPerRecord. Threads: one. Errors: none.
class CommitQueue {
 public:
  explicit CommitQueue(GraphState* state) : state_(*state) {}

  // Hands over an open transaction (or one that wrote nothing here). REQUIRES: csns ascend.
  void Commit(TxId tx, Csn csn);
  // Applies commits in order. True when none is left.
  bool ApplySome(int64_t* units);
  bool settled() const { return commits_.empty(); }
  bool idle() const { return commits_.empty() && aborts_.empty() && !state_.has_open(); }

  // Undoes an open transaction; false when it is a large one, which AbortSome finishes. Unknown ids
  // are fine.
  bool Abort(TxId tx);
  bool AbortAll();
  bool AbortSome(int64_t* units);
  // Finishes all commits, then all aborts.
  void Finish();

 private:
  enum class Phase { kInserts, kRemovals, kUndo, kCounts, kKeys, kDone };
  struct Ending {
    std::unique_ptr<Transaction> transaction;
    Csn csn;
    Phase phase = Phase::kInserts;
    uint32_t position = 0;
    // Of the removal at `position`.
    bool source_done = false;
    EntrySearch search;
  };

  bool Apply(Ending* ending, int64_t* units);
  void ApplyInsert(EdgeInsert* insert, Csn csn);
  // False when the units ran out; the next call goes on.
  bool ApplyRemoval(Ending* ending, int64_t* units);
  bool BuryAt(const EdgeRemoval& removal, bool incoming, Ending* ending, int64_t* units);
  void Finish(Ending* ending);
  void PrefetchRecords(Transaction* transaction, uint32_t number) const;
  void PrefetchGroups(Transaction* transaction, uint32_t number) const;
  bool UndoSome(Ending* ending, int64_t* units);
  void ForgetOperations(VertexId source, VertexId target, uint8_t sides);

  GraphState& state_;
  std::deque<Ending> commits_;
  std::deque<Ending> aborts_;
};

}  // namespace tidemark::storage
