// SPDX-License-Identifier: Apache-2.0
#include "worker/fragment_queue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace tidemark::worker {

FragmentQueue::FragmentQueue(uint64_t query_memory_bytes, Answer answer, env::Executor* executor,
                             env::Clock* clock, std::function<void()> job_done)
    : answer_(std::move(answer)), runs_(query_memory_bytes, executor, clock, std::move(job_done)) {
  CHECK(answer_ != nullptr);
}

void FragmentQueue::Add(storage::Shard* shard, wire::Execute execute, exec::WriteGate* gate) {
  CHECK(shard != nullptr);
  exec::FragmentStep step;
  step.kind = static_cast<exec::FragmentStepKind>(execute.kind());
  step.run = execute.run();
  step.bytes = std::move(*execute.mutable_call());
  execute.clear_call();
  const storage::View view{Csn(execute.read_csn()), TxId(execute.tx())};
  std::unique_ptr<exec::FragmentWork> work = runs_.MakeWork({shard, view, gate}, std::move(step));
  const TxId tx(execute.tx());
  auto line = std::find_if(queue_.begin(), queue_.end(),
                           [tx](const Line& other) { return other.tx == tx; });
  if (line == queue_.end()) line = queue_.insert(line, {tx, {}});
  line->steps.push_back({std::move(execute), std::move(work), false});
  // Of a line the first step counts; even before it has run its answer has a few bytes.
  if (line->steps.size() == 1) made_bytes_ += line->made_bytes();
}

void FragmentQueue::Remove(TxId tx) {
  runs_.Remove(tx);
  spent_micros_.erase(tx);
  std::erase_if(queue_, [this, tx](const Line& line) {
    if (line.tx != tx) return false;
    made_bytes_ -= line.made_bytes();
    return true;
  });
}

void FragmentQueue::Clear() {
  queue_.clear();
  runs_.Clear();
  spent_micros_.clear();
  made_bytes_ = 0;
  waits_ = false;
}

void FragmentQueue::AskAgain() {
  for (Line& line : queue_) line.waits = false;
  waits_ = false;
}

std::deque<FragmentQueue::Line>::const_iterator FragmentQueue::FirstNew() const {
  return std::find_if(queue_.begin(), queue_.end(),
                      [this](const Line& line) { return IsNew(line); });
}

bool FragmentQueue::IsNew(const Line& line) const {
  if (line.steps.front().begun) return false;
  const auto spent = spent_micros_.find(line.tx);
  return spent == spent_micros_.end() || spent->second < exec::kLongMicros;
}

void FragmentQueue::NoteTime(TxId tx, int64_t micros) {
  if (micros < kNotedMicros) return;
  // Transactions that only read end without a word: all are forgotten now and then.
  if (spent_micros_.size() >= kMaxNoted) spent_micros_.clear();
  spent_micros_[tx] += micros;
}

// What has had no slice is mostly small and goes before what is long, which goes on all the same.
std::deque<FragmentQueue::Line>::iterator FragmentQueue::Choose(size_t held_bytes) {
  if (held_bytes + made_bytes_ <= kMaxAnswerBytes) {
    const auto first = FirstNew();
    const bool is_turn_of_new = first != queue_.end() && ++slice_count_ % kLongShare != 0;
    if (is_turn_of_new) return queue_.begin() + (first - queue_.begin());
    return std::find_if_not(queue_.begin(), queue_.end(), Waits);
  }
  const auto little = std::find_if(queue_.begin(), queue_.end(), [](const Line& line) {
    return !line.waits && line.made_bytes() <= kLittleAnswerBytes;
  });
  if (little != queue_.end() || held_bytes > kMaxAnswerBytes || !has_work()) return little;
  return std::min_element(queue_.begin(), queue_.end(), [](const Line& a, const Line& b) {
    return std::pair(a.waits, a.tx) < std::pair(b.waits, b.tx);
  });
}

std::optional<TxId> FragmentQueue::RunSlice(int64_t max_units, size_t held_bytes) {
  CHECK_GT(max_units, 0);
  pauses_ = false;
  const auto chosen = Choose(held_bytes);
  if (chosen == queue_.end()) return std::nullopt;
  Line line = std::move(*chosen);
  const TxId tx = line.tx;
  queue_.erase(chosen);
  CHECK(!line.steps.empty());
  CHECK_LE(line.made_bytes(), made_bytes_);
  made_bytes_ -= line.made_bytes();
  line.steps.front().begun = true;
  std::list<Step> ended;
  const bool has_ended = line.steps.front().work->RunSome(max_units);
  line.waits = !has_ended && line.steps.front().work->waits();
  waits_ = waits_ || line.waits;
  pauses_ = !has_ended && !line.waits;
  if (has_ended) ended.splice(ended.begin(), line.steps, line.steps.begin());
  if (!line.steps.empty()) {
    made_bytes_ += line.made_bytes();
    queue_.push_back(std::move(line));
  }
  // Last: the answer may remove the transaction.
  for (const Step& step : ended) {
    exec::FragmentWork& work = *step.work;
    if (work.status().ok()) {
      answer_(step.execute, work.TakeAnswer());
    } else {
      answer_(step.execute, work.status());
    }
  }
  return tx;
}

void FragmentQueue::CheckInvariants() const {
  size_t made_bytes = 0;
  for (auto line = queue_.begin(); line != queue_.end(); ++line) {
    CHECK(!line->steps.empty()) << "transaction " << line->tx;
    const auto same = [&](const Line& other) { return other.tx == line->tx; };
    CHECK(std::none_of(std::next(line), queue_.end(), same)) << "transaction " << line->tx;
    CHECK(std::none_of(std::next(line->steps.begin()), line->steps.end(),
                       [](const Step& step) { return step.begun; }));
    CHECK(!line->waits || waits_) << "transaction " << line->tx;
    made_bytes += line->made_bytes();
  }
  CHECK_EQ(made_bytes, made_bytes_);
}

}  // namespace tidemark::worker
