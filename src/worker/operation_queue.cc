// SPDX-License-Identifier: Apache-2.0
#include "worker/operation_queue.h"

#include <string>
#include <utility>

namespace tidemark::worker {

void OperationQueue::Add(storage::Shard* shard, wire::Execute execute) {
  std::string operations = std::move(*execute.mutable_operations());
  execute.clear_operations();
  const storage::View view{Csn(execute.read_csn()), TxId(execute.tx())};
  auto executor = std::make_unique<exec::BatchExecutor>(shard, view, std::move(operations));
  queue_.push_back({std::move(execute), std::move(executor)});
}

void OperationQueue::Remove(TxId tx) {
  std::erase_if(queue_, [tx](const Batch& batch) { return batch.execute.tx() == tx.value(); });
}

bool OperationQueue::RunSlice(int64_t max_units) {
  if (queue_.empty()) return false;
  Batch batch = std::move(queue_.front());
  queue_.pop_front();
  if (batch.executor->RunSome(max_units)) {
    const absl::Status status = batch.executor->status();
    answer_(batch.execute, status, status.ok() ? batch.executor->TakeResult() : std::string());
  } else {
    queue_.push_back(std::move(batch));
  }
  return !queue_.empty();
}

}  // namespace tidemark::worker
