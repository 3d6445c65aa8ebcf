// SPDX-License-Identifier: Apache-2.0
#include "worker/operation_queue.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tidemark::worker {

void OperationQueue::Add(storage::Shard* shard, wire::Execute execute, exec::WriteGate* gate) {
  std::string operations = std::move(*execute.mutable_operations());
  execute.clear_operations();
  const storage::View view{Csn(execute.read_csn()), TxId(execute.tx())};
  auto executor = std::make_unique<exec::BatchExecutor>(shard, view, std::move(operations), gate);
  const TxId tx(execute.tx());
  auto line = std::find_if(queue_.begin(), queue_.end(),
                           [tx](const Line& other) { return other.tx == tx; });
  if (line == queue_.end()) line = queue_.insert(line, Line{tx, {}});
  line->batches.push_back({std::move(execute), std::move(executor), false});
}

void OperationQueue::Remove(TxId tx) {
  std::erase_if(queue_, [tx](const Line& line) { return line.tx == tx; });
}

std::optional<TxId> OperationQueue::RunSlice(int64_t max_units) {
  waits_for_room_ = false;
  if (queue_.empty()) return std::nullopt;
  Line line = std::move(queue_.front());
  const TxId tx = line.tx;
  queue_.pop_front();
  line.batches.front().begun = true;
  std::optional<Batch> ended;
  const bool has_ended = line.batches.front().executor->RunSome(max_units);
  waits_for_room_ = !has_ended && line.batches.front().executor->waits_for_room();
  if (has_ended) {
    ended = std::move(line.batches.front());
    line.batches.pop_front();
  }
  if (!line.batches.empty()) queue_.push_back(std::move(line));
  // Last: the answer may remove the transaction.
  if (ended.has_value()) {
    exec::BatchExecutor& executor = *ended->executor;
    BatchOutcome outcome{executor.status(), executor.failed_operation(), {}};
    outcome.results = outcome.status.ok() ? executor.TakeResult() : executor.TakeRefused();
    answer_(ended->execute, std::move(outcome));
  }
  return tx;
}

}  // namespace tidemark::worker
