// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "session/memory_budget.h"

namespace tidemark::session {

// What the results of one batch take of what all sessions may hold.
// Owner: TypedBatch. Threads: the loop.
class ResultRoom {
 public:
  // Does not own the budget, which outlives it.
  explicit ResultRoom(MemoryBudget* budget) : budget_(budget) {}

  // kResourceExhausted: the batch has more results than an answer may have, or those of all
  // sessions find no room; small ones always do.
  absl::Status Take(size_t bytes);
  size_t bytes() const { return charge_.bytes(); }
  // Once, with the results.
  MemoryCharge TakeCharge() { return std::move(charge_); }

 private:
  MemoryBudget* const budget_;
  MemoryCharge charge_;
};

}  // namespace tidemark::session
