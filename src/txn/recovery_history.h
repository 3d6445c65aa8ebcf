// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/ids.h"
#include "txn/cluster_status.h"

namespace tidemark::txn {

// What the recoveries of this master process have undone, for people.
// Owner: the coordinator. Threads: the master's loop.
class RecoveryHistory {
 public:
  // A commit that was given out, or that somebody reported, during the recovery under way.
  void NoteSeen(Csn csn) { newest_seen_ = std::max(newest_seen_, csn); }
  // The recovery has ended at `csn`: what was seen above it is undone.
  void End(Csn csn);

  uint64_t count() const { return count_; }               // of recoveries that have ended
  const UndoneStatus& undone() const { return undone_; }  // by the last one
  uint64_t undone_total() const { return undone_total_; }
  // "; undone: 3 commits, csn 7 to 9", or nothing.
  std::string DescribeUndone() const;

 private:
  Csn newest_seen_;
  UndoneStatus undone_;
  uint64_t undone_total_ = 0;
  uint64_t count_ = 0;
};

}  // namespace tidemark::txn
