// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "exec/operation.h"
#include "exec/operation_reader.h"
#include "exec/operation_writer.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Runs one decoded batch on a shard for one transaction, in slices that a loop can bear. Operations
// run in order and see what those before them wrote.
//
// The first error ends the batch: status() names the operation's number and kind, there is no
// result, and the transaction must be aborted. Besides the errors of storage::Shard:
// kInvalidArgument (cursor), kResourceExhausted (results beyond kMaxBatchResultBytes).
// Owner: the worker. Threads: the shard's loop.
class BatchExecutor {
 public:
  // Does not own the shard, which outlives the batch.
  BatchExecutor(storage::Shard* shard, storage::View view, std::vector<Operation> operations);

  // Works for about `max_units` entries or records touched. True when the batch has ended. May be
  // called again then; does nothing.
  bool RunSome(int64_t max_units);

  const absl::Status& status() const { return status_; }
  // REQUIRES: RunSome gave true, status() is ok. Once.
  BatchResult TakeResult();

 private:
  absl::StatusOr<bool> RunNext(int64_t* units);
  absl::Status CheckSize() const;

  storage::Shard* const shard_;
  const std::vector<Operation> operations_;
  OperationReader reader_;
  OperationWriter writer_;
  size_t next_ = 0;
  std::vector<OperationResult> results_;
  absl::Status status_;
};

}  // namespace tidemark::exec
