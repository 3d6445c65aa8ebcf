// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/graph_writer.h"
#include "session/backend.h"
#include "session/change_runner.h"
#include "session/operation.h"
#include "session/result_room.h"
#include "session/typed_reads.h"

namespace tidemark::session {

// Runs one batch of typed operations of an open transaction, in its order: operations that change
// something and follow each other go to a ChangeRunner, those that read to TypedReads.
// Owner: who waits for it, and has no answer without it. Threads: the session's loop.
// Errors: kResourceExhausted beyond kMaxBatchOperationCount operations; kInvalidArgument for what
// no operation can be; else those of the two, with the number of the operation.
class TypedBatch : public std::enable_shared_from_this<TypedBatch> {
 public:
  using Done = std::function<void(absl::StatusOr<std::vector<OperationResult>>)>;

  struct Options {
    Backend* backend = nullptr;  // outlives the batch
    TxId tx;
    Csn read_csn;
  };

  TypedBatch(const Options& options, std::vector<Operation> operations, Done done);

  void Start();
  // `done` will not be called any more.
  void Cancel();
  bool wrote() const { return wrote_; }
  // Of the results. Once, when `done` was called with them.
  MemoryCharge TakeMemory() { return room_.TakeCharge(); }

 private:
  // Goes on with the operations from next_ on that go together.
  void GoOn();
  absl::Status CheckReferences(size_t index) const;
  void Read(size_t end);
  void Change(size_t end);
  exec::GraphChange ChangeAt(size_t index);
  void TakeCreated(size_t begin, const std::vector<exec::CreatedElement>& created);
  void Finish(absl::Status status);
  // Gives back what the batch holds, in later steps when it is much. REQUIRES: done.
  void Drop();
  void DropSome();

  const Options options_;
  std::vector<Operation> operations_;
  Done done_;
  std::vector<OperationResult> results_;
  ResultRoom room_;
  size_t next_ = 0;
  std::shared_ptr<ChangeRunner> changes_;
  std::shared_ptr<TypedReads> reads_;
  bool wrote_ = false;
};

}  // namespace tidemark::session
