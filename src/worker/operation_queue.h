// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/ids.h"
#include "exec/batch_executor.h"
#include "proto/cluster.pb.h"
#include "storage/shard.h"

namespace tidemark::worker {

// The batches of operations that wait for their turn on the worker's loop. The first slice of a
// batch runs at once when nothing else waits; batches that need more go round robin.
// Owner: the worker. Threads: its loop.
class OperationQueue {
 public:
  // Tells the answer of a finished batch: its status, and the encoded exec::BatchResult.
  using Answer = std::function<void(const wire::Execute&, absl::Status, std::string)>;
  explicit OperationQueue(Answer answer) : answer_(std::move(answer)) {}

  // Does not own the shard, which outlives the batch or Clear.
  void Add(storage::Shard* shard, wire::Execute execute);
  // Forgets a transaction's batches; they are not answered.
  void Remove(TxId tx);
  void Clear() { queue_.clear(); }
  // Runs one slice of one batch. True when more waits.
  bool RunSlice(int64_t max_units);
  bool empty() const { return queue_.empty(); }

 private:
  struct Batch {
    wire::Execute execute;
    std::unique_ptr<exec::BatchExecutor> executor;
  };
  Answer answer_;
  std::deque<Batch> queue_;
};

}  // namespace tidemark::worker
