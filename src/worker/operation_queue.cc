// SPDX-License-Identifier: Apache-2.0
#include "worker/operation_queue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "exec/batch_executor.h"

namespace tidemark::worker {

OperationQueue::OperationQueue(uint64_t query_memory_bytes, Answer answer, env::Executor* executor,
                               env::Clock* clock)
    : answer_(std::move(answer)), runs_(query_memory_bytes, executor, clock) {
  CHECK(answer_ != nullptr);
}

std::unique_ptr<exec::BatchWork> OperationQueue::MakeWork(storage::Shard* shard,
                                                          wire::Execute* execute,
                                                          exec::WriteGate* gate) {
  std::string operations = std::move(*execute->mutable_operations());
  execute->clear_operations();
  const storage::View view{Csn(execute->read_csn()), TxId(execute->tx())};
  if (!execute->has_fragment()) {
    return std::make_unique<exec::BatchExecutor>(shard, view, std::move(operations), gate);
  }
  exec::FragmentStep step;
  step.kind = static_cast<exec::FragmentStepKind>(execute->fragment().kind());
  step.run = execute->fragment().run();
  step.bytes = std::move(operations);
  return runs_.MakeWork(shard, view, std::move(step));
}

void OperationQueue::Add(storage::Shard* shard, wire::Execute execute, exec::WriteGate* gate) {
  CHECK(shard != nullptr);
  std::unique_ptr<exec::BatchWork> executor = MakeWork(shard, &execute, gate);
  const TxId tx(execute.tx());
  auto line = std::find_if(queue_.begin(), queue_.end(),
                           [tx](const Line& other) { return other.tx == tx; });
  if (line == queue_.end()) line = queue_.insert(line, Line{tx, {}});
  line->batches.push_back({std::move(execute), std::move(executor), false});
  // Of a line the first batch counts; even before it has run its answer has a few bytes.
  if (line->batches.size() == 1) made_bytes_ += line->made_bytes();
}

void OperationQueue::Remove(TxId tx) {
  runs_.Remove(tx);
  std::erase_if(queue_, [this, tx](const Line& line) {
    if (line.tx != tx) return false;
    made_bytes_ -= line.made_bytes();
    return true;
  });
}

void OperationQueue::Clear() {
  queue_.clear();
  runs_.Clear();
  made_bytes_ = 0;
  waits_for_room_ = false;
}

std::deque<OperationQueue::Line>::const_iterator OperationQueue::FirstNew() const {
  return std::find_if(queue_.begin(), queue_.end(),
                      [](const Line& line) { return !line.batches.front().begun; });
}

// What has had no slice is mostly small and goes before what is long, which goes on all the same.
std::deque<OperationQueue::Line>::iterator OperationQueue::Choose(size_t held_bytes) {
  if (held_bytes + made_bytes_ <= kMaxAnswerBytes) {
    const auto first = FirstNew();
    if (first == queue_.end() || ++slice_count_ % kLongShare == 0) return queue_.begin();
    return queue_.begin() + (first - queue_.begin());
  }
  const auto little = std::find_if(queue_.begin(), queue_.end(), [](const Line& line) {
    return line.made_bytes() <= kLittleAnswerBytes;
  });
  if (little != queue_.end() || held_bytes > kMaxAnswerBytes) return little;
  return std::min_element(queue_.begin(), queue_.end(),
                          [](const Line& a, const Line& b) { return a.tx < b.tx; });
}

std::optional<TxId> OperationQueue::RunSlice(int64_t max_units, size_t held_bytes) {
  CHECK_GT(max_units, 0);
  waits_for_room_ = false;
  pauses_ = false;
  const auto chosen = Choose(held_bytes);
  if (chosen == queue_.end()) return std::nullopt;
  Line line = std::move(*chosen);
  const TxId tx = line.tx;
  queue_.erase(chosen);
  CHECK(!line.batches.empty());
  CHECK_LE(line.made_bytes(), made_bytes_);
  made_bytes_ -= line.made_bytes();
  line.batches.front().begun = true;
  std::optional<Batch> ended;
  const bool has_ended = line.batches.front().executor->RunSome(max_units);
  waits_for_room_ = !has_ended && line.batches.front().executor->waits_for_room();
  pauses_ = !has_ended && !waits_for_room_;
  if (has_ended) {
    ended = std::move(line.batches.front());
    line.batches.pop_front();
  }
  if (!line.batches.empty()) {
    made_bytes_ += line.made_bytes();
    queue_.push_back(std::move(line));
  }
  // Last: the answer may remove the transaction.
  if (ended.has_value()) {
    exec::BatchWork& executor = *ended->executor;
    BatchOutcome outcome{executor.status(), executor.failed_operation(), {}};
    outcome.results = outcome.status.ok() ? executor.TakeResult() : executor.TakeRefused();
    answer_(ended->execute, std::move(outcome));
  }
  return tx;
}

void OperationQueue::CheckInvariants() const {
  size_t made_bytes = 0;
  for (auto line = queue_.begin(); line != queue_.end(); ++line) {
    CHECK(!line->batches.empty()) << "transaction " << line->tx;
    const auto same = [&](const Line& other) { return other.tx == line->tx; };
    CHECK(std::none_of(std::next(line), queue_.end(), same)) << "transaction " << line->tx;
    for (const Batch& batch : line->batches) batch.executor->CheckInvariants();
    for (size_t i = 1; i < line->batches.size(); ++i) CHECK(!line->batches[i].begun);
    made_bytes += line->made_bytes();
  }
  CHECK_EQ(made_bytes, made_bytes_);
}

}  // namespace tidemark::worker
