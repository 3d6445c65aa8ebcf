// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exec/batch_work.h"
#include "exec/operation.h"
#include "exec/operation_coding.h"
#include "exec/operation_reader.h"
#include "exec/operation_writer.h"
#include "exec/write_gate.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Runs one encoded batch on a shard for one transaction, in slices that a loop can bear: operations
// are decoded, run and their results encoded one by one. They run in order and see what those
// before them wrote.
//
// The first error ends the batch: there is no result, and the transaction must be aborted. Besides
// the errors of storage::Shard: kInvalidArgument (malformed operation or cursor),
// kResourceExhausted (results beyond kMaxBatchResultBytes). Owner: the worker. Threads: the shard's
// loop.
class BatchExecutor : public BatchWork {
 public:
  // Does not own shard and gate, which outlive the batch. Without a gate writes always go on.
  BatchExecutor(storage::Shard* shard, storage::View view, std::string encoded_batch,
                WriteGate* gate = nullptr);
  BatchExecutor(const BatchExecutor&) = delete;
  BatchExecutor& operator=(const BatchExecutor&) = delete;

  bool RunSome(int64_t max_units) override;

  bool waits_for_room() const override { return waits_for_room_; }
  const absl::Status& status() const override { return status_; }
  std::optional<size_t> failed_operation() const override { return failed_operation_; }
  // What a constraint refused, as an encoded batch of one change of a key (see OperationWriter);
  // empty after other errors.
  std::string TakeRefused() override;
  size_t result_bytes() const override { return out_.size_bytes(); }
  // The encoded BatchResult. REQUIRES: RunSome gave true, status() is ok. Once.
  std::string TakeResult() override;
  void CheckInvariants() const override;

 private:
  absl::Status Begin();
  // Decodes the next operations and begins to fetch what they touch.
  void LookAhead();
  const Operation& operation() const { return window_[next_ % kLookAheadCount]; }
  // Goes on with the operation under way. True when it is done.
  absl::StatusOr<bool> Continue(int64_t* units);
  // Whether the operation under way may go on in this slice.
  absl::StatusOr<bool> PassGate();
  absl::Status End(int64_t* units);
  absl::Status CheckResultBytes() const;
  // Goes on with the search for what the batch has deleted.
  void FindDeletedEdges(int64_t* units);
  bool done() const { return !status_.ok() || ready_to_commit_; }

  storage::Shard* const shard_;
  WriteGate* const gate_;
  bool gate_passed_ = false;  // in this slice
  bool waits_for_room_ = false;
  const std::string encoded_batch_;
  BatchReader batch_;
  absl::Status status_;
  std::optional<size_t> failed_operation_;
  BatchResultWriter out_;
  OperationReader reader_;
  OperationWriter writer_;
  const TxId tx_;
  bool ready_to_commit_ = false;
  // Enough to hide the way to memory, few enough to stay in the nearest cache.
  static constexpr size_t kLookAheadCount = 16;
  // The operation under way is number next_; those before decoded_ are in the window.
  size_t next_ = 0;
  size_t decoded_ = 0;
  absl::Status decode_error_;  // of operation decoded_
  bool under_way_ = false;
  std::array<Operation, kLookAheadCount> window_;
  OperationResult result_;
};

}  // namespace tidemark::exec
