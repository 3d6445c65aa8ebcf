// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "txn/options.h"
#include "txn/types.h"

namespace tidemark::txn {

// One open transaction as the coordinator knows it.
struct Transaction {
  TxId id;
  AccessMode mode = AccessMode::kWrite;
  Csn read_csn;
  NodeSet touched;       // may have work or writes of it
  NodeSet participants;  // hold writes of it
  int64_t began_micros = 0;
  int64_t used_micros = 0;
  int64_t limit_micros = 0;        // its own, from begin; 0 = none
  uint32_t outstanding_count = 0;  // requests that a worker has not answered: it is not idle
  bool client_waits = false;       // for what the master does: it is not idle
  // Its end was asked for: it cannot be idle, and nobody may use it any more.
  bool ending = false;
};

// The open transactions: their ids, the read csns they hold the horizon with, who took part, and
// which have been open or idle for too long.
// Owner: the coordinator. Threads: the master's loop.
// Limits: kMaxOpenTransactionCount, then kResourceExhausted.
class TransactionTable {
 public:
  // Ids from now on are above every id of earlier epochs. REQUIRES: the table is empty.
  void StartEpoch(Epoch epoch);

  // `limit_micros`: the transaction's own time limit; 0 = none.
  absl::StatusOr<TxId> Begin(AccessMode mode, Csn read_csn, int64_t limit_micros,
                             int64_t now_micros);
  // An id of its own for a commit without a client's transaction (schema changes).
  TxId NewId();
  // nullptr when it is not open. The pointer lives until the transaction ends.
  Transaction* Find(TxId tx);
  // Forgets it and its read csn. REQUIRES: it is open.
  void End(TxId tx);

  size_t size() const { return open_.size(); }
  // The oldest csn still read by someone.
  std::optional<Csn> OldestReadCsn() const;
  // Lowest id first.
  std::vector<TxId> OpenIds() const;

  struct Expired {
    TxId tx;
    absl::Status reason;
  };
  // The transactions beyond a limit of `options`, lowest id first; nothing is ended yet. Only a
  // transaction that reads below `visible` holds anything back.
  std::vector<Expired> FindExpired(const CoordinatorOptions& options, Csn visible,
                                   int64_t now_micros) const;

  // The transactions beyond the time limit that they were begun with, the same way. Cheap: to be
  // called at every tick.
  std::vector<Expired> FindOverdue(int64_t now_micros) const;

  // Runs `done` (through TakeEnded) once every transaction that is open now has ended and what it
  // committed is visible: a reader that begins then sees all of it, and no worker applies any of it
  // later.
  void WhenOlderEnd(std::function<void()> done);
  // What WhenOlderEnd promised and can run now, in order. `assigned` is the newest csn given out;
  // every commit <= `visible` is applied everywhere.
  std::vector<std::function<void()>> TakeEnded(Csn assigned, Csn visible);

  void CheckInvariants() const;

 private:
  TxId next_{1};
  std::map<TxId, Transaction> open_;
  std::multiset<Csn> read_csns_;
  std::set<std::pair<int64_t, TxId>> deadlines_;  // of those with a limit of their own
  struct OlderWaiter {
    TxId before;
    std::function<void()> done;
    // Set when all of them have ended: their newest commit is not above it.
    std::optional<Csn> visible_at;
  };
  std::vector<OlderWaiter> older_waiters_;
};

}  // namespace tidemark::txn
