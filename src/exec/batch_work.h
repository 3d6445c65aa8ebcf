// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"

namespace tidemark::exec {

// One request of a transaction at a worker, worked off in slices that a loop can bear. The first
// error ends it: there is no result, and the transaction must be aborted.
// Owner: the worker. Threads: the shard's loop.
class BatchWork {
 public:
  virtual ~BatchWork() = default;

  // Works for about `max_units` entries looked at; 16,384 take about 0.2 ms. True when the request
  // has ended; then it does nothing more. REQUIRES: max_units > 0.
  virtual bool RunSome(int64_t max_units) = 0;
  // The last slice has ended early, because a write must wait for room in the log.
  virtual bool waits_for_room() const { return false; }
  virtual const absl::Status& status() const = 0;
  // The number of the operation that caused the error.
  virtual std::optional<size_t> failed_operation() const { return std::nullopt; }
  // Of the results so far.
  virtual size_t result_bytes() const = 0;
  // REQUIRES: RunSome gave true, status() is ok. Once.
  virtual std::string TakeResult() = 0;
  // What is to be known of the error beside its status.
  virtual std::string TakeRefused() = 0;
  virtual void CheckInvariants() const {}
};

}  // namespace tidemark::exec
