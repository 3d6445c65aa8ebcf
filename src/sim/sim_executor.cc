// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_executor.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::sim {
namespace {

// How often a job looks whether a disk that hangs answers again.
constexpr int64_t kDiskRetryMicros = 20'000;

}  // namespace

SimExecutor::SimExecutor(Scheduler* scheduler, std::shared_ptr<Process> process, SimClock* clock,
                         SimDisk* disk, uint64_t seed)
    : scheduler_(scheduler),
      process_(std::move(process)),
      clock_(clock),
      disk_(disk),
      random_(seed, process_->node.value() * 1000 + process_->boot),
      queues_(env::kJobQueueCount) {}

SimExecutor::~SimExecutor() { process_->alive = false; }

void SimExecutor::Later(int64_t delay_micros, std::function<void()> fn) {
  // `this` is safe to use as long as the process is alive: the destructor ends it.
  scheduler_->After(delay_micros, [this, process = process_, fn = std::move(fn)]() mutable {
    if (!process->alive) return;
    if (hanging()) {
      held_.push_back(std::move(fn));
    } else {
      fn();
    }
  });
}

void SimExecutor::HangUntil(int64_t time_micros) {
  has_hung_ = true;
  hang_until_micros_ = time_micros;
  scheduler_->At(time_micros, [this, process = process_] {
    if (process->alive && !hanging()) GoOnAfterHang();
  });
}

void SimExecutor::EndHang() {
  hang_until_micros_ = 0;
  GoOnAfterHang();
}

void SimExecutor::GoOnAfterHang() {
  for (std::function<void()>& fn : std::exchange(held_, {})) Later(0, std::move(fn));
}

void SimExecutor::Post(std::function<void()> fn) {
  if (!process_->alive) return;
  posted_.push_back(std::move(fn));
  ScheduleTurn();
}

void SimExecutor::ScheduleTurn() {
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  Later(random_.Between(0, options_.max_turn_delay_micros), [this] { RunTurn(); });
}

void SimExecutor::AtTurnEnd(std::function<void()> fn) {
  if (!process_->alive) return;
  turn_end_.push_back(std::move(fn));
  if (!in_turn_) ScheduleTurn();
}

void SimExecutor::RunTurn() {
  turn_scheduled_ = false;
  in_turn_ = true;
  ++turn_count_;
  const std::vector<std::function<void()>> now = std::exchange(posted_, {});
  scheduler_->trace().Add(process_->node.value(), "turn", now.size(), turn_count_);
  for (const auto& fn : now) {
    if (!process_->alive) return;
    fn();
  }
  while (!turn_end_.empty()) {
    const std::vector<std::function<void()>> last = std::exchange(turn_end_, {});
    for (const auto& fn : last) {
      if (!process_->alive) return;
      fn();
    }
  }
  in_turn_ = false;
  if (process_->alive && after_turn_) after_turn_();
}

SimExecutor::TimerId SimExecutor::RunAfter(int64_t delay_micros, std::function<void()> fn) {
  if (!process_->alive) return 0;
  const TimerId timer = next_timer_++;
  timers_.emplace(timer, std::move(fn));
  const int64_t delay = clock_->ToSimulated(std::max<int64_t>(delay_micros, 0));
  Later(delay + random_.Between(0, options_.max_turn_delay_micros),
        [this, timer] { FireTimer(timer); });
  return timer;
}

void SimExecutor::FireTimer(TimerId timer) {
  if (!timers_.contains(timer)) return;
  // Stays cancellable until it runs.
  Post([this, timer] {
    auto node = timers_.extract(timer);
    if (!node.empty()) node.mapped()();
  });
}

void SimExecutor::Cancel(TimerId timer) { timers_.erase(timer); }

void SimExecutor::Submit(env::JobQueue queue, std::function<void()> job,
                         std::function<void()> done) {
  if (!process_->alive) return;
  const int index = static_cast<int>(queue);
  queues_[index].jobs.push_back({std::move(job), std::move(done)});
  if (!queues_[index].busy) StartJob(index);
}

int64_t SimExecutor::HalfJobMicros(int queue) {
  const int64_t time =
      random_.Between(options_.min_job_micros, options_.max_job_micros) * options_.job_slowdown / 2;
  if (queue == static_cast<int>(env::JobQueue::kSnapshot)) {
    return time / options_.snapshot_job_divisor;
  }
  const bool reads =
      queue == static_cast<int>(env::JobQueue::kRecovery) && queues_[queue].count > 1;
  return time + (reads ? options_.start_job_micros / 2 : 0);
}

bool SimExecutor::WaitsForDisk(int queue, std::function<void()> fn) {
  const bool of_log = queue == static_cast<int>(env::JobQueue::kLogSync) ||
                      queue == static_cast<int>(env::JobQueue::kLogPrepare);
  if (!of_log || disk_->faults().hang_until_micros <= scheduler_->now_micros()) return false;
  Later(kDiskRetryMicros, std::move(fn));
  return true;
}

std::optional<int64_t> SimExecutor::log_job_since_micros() const {
  const Queue& queue = queues_[static_cast<size_t>(env::JobQueue::kLogSync)];
  return queue.busy ? std::optional(queue.since_micros) : std::nullopt;
}

void SimExecutor::StartJob(int queue) {
  queues_[queue].busy = true;
  ++queues_[queue].count;
  queues_[queue].since_micros = scheduler_->now_micros();
  Later(HalfJobMicros(queue), [this, queue] { RunJob(queue); });
}

void SimExecutor::RunJob(int queue) {
  if (WaitsForDisk(queue, [this, queue] { RunJob(queue); })) return;
  scheduler_->trace().Add(process_->node.value(), "job", static_cast<uint64_t>(queue));
  CHECK(!queues_[queue].jobs.empty());
  queues_[queue].jobs.front().run();
  if (!process_->alive) return;
  Later(HalfJobMicros(queue), [this, queue] { FinishJob(queue); });
}

void SimExecutor::FinishJob(int queue) {
  if (WaitsForDisk(queue, [this, queue] { FinishJob(queue); })) return;
  Job job = std::move(queues_[queue].jobs.front());
  queues_[queue].jobs.pop_front();
  queues_[queue].busy = false;
  if (!queues_[queue].jobs.empty()) StartJob(queue);
  if (job.done) Post(std::move(job.done));
}

void SimExecutor::Fail(const absl::Status& reason) {
  if (!process_->alive) return;
  scheduler_->trace().AddText(process_->node.value(), "fail", MessageOf(reason));
  process_->Kill("failed: " + MessageOf(reason));
}

}  // namespace tidemark::sim
