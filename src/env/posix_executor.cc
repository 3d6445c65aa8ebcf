// SPDX-License-Identifier: Apache-2.0
#include "env/posix_executor.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/exit_code.h"
#include "base/status.h"
#include "env/memory_reserve.h"
#include "env/scheduling.h"

namespace tidemark::env {
namespace {

// Snapshots give way to everything that a client waits for.
constexpr int kSnapshotNiceness = 10;
// What is freed does not give way: others wait for the memory.
int NicenessOf(JobQueue queue) {
  switch (queue) {
    case JobQueue::kSnapshot:
      return kSnapshotNiceness;
    case JobQueue::kPlan:
    case JobQueue::kCompute:
    case JobQueue::kLogPrepare:
      return kGivingWayNiceness;
    default:
      return 0;
  }
}

const char* NameOf(JobQueue queue) {
  switch (queue) {
    case JobQueue::kLogSync:
      return "sync";
    case JobQueue::kLogPrepare:
      return "prep";
    case JobQueue::kSnapshot:
      return "snap";
    case JobQueue::kRecovery:
      return "load";
    case JobQueue::kConnect:
      return "conn";
    case JobQueue::kPlan:
      return "plan";
    case JobQueue::kFree:
      return "free";
    case JobQueue::kCompute:
      return "calc";
  }
  return "job";
}

// Reasons that an operator can do something about keep their code; that a disk cannot be written is
// not "nobody answers".
ExitCode FailCodeFor(const absl::Status& reason) {
  switch (reason.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kResourceExhausted:
      return ExitCodeFor(reason);
    default:
      return kExitInternal;
  }
}

}  // namespace

PosixExecutor::PosixExecutor(EventLoop* loop, const std::string& name) : loop_(loop) {
  for (int i = 0; i < kJobQueueCount; ++i) {
    const auto queue = static_cast<JobQueue>(i);
    job_threads_[static_cast<size_t>(i)] =
        std::make_unique<JobThread>(name + "." + NameOf(queue), NicenessOf(queue));
  }
  loop_->Attach(this);
}

PosixExecutor::~PosixExecutor() {
  FinishJobs();
  loop_->Detach(this);
}

void PosixExecutor::Post(std::function<void()> fn) {
  bool was_empty;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    was_empty = posted_.empty();
    posted_.push_back(std::move(fn));
  }
  // Otherwise whoever posted first has woken the loop, which has not taken the queue since.
  if (was_empty) loop_->Wake();
}

void PosixExecutor::PostLater(std::function<void()> fn) {
  DCHECK(loop_->IsCurrentThread() || !loop_->IsRunning());
  loop_->AddLater(this, std::move(fn));
}

void PosixExecutor::AtTurnEnd(std::function<void()> fn) {
  DCHECK(loop_->IsCurrentThread() || !loop_->IsRunning());
  turn_end_.push_back(std::move(fn));
}

Executor::TimerId PosixExecutor::RunAfter(int64_t delay_micros, std::function<void()> fn) {
  DCHECK(loop_->IsCurrentThread() || !loop_->IsRunning());
  const TimerId timer = next_timer_++;
  const int64_t due_micros = loop_->clock()->NowMicros() + std::max<int64_t>(delay_micros, 0);
  timers_.emplace(TimerKey(due_micros, timer), std::move(fn));
  timer_due_micros_.emplace(timer, due_micros);
  return timer;
}

void PosixExecutor::Cancel(TimerId timer) {
  DCHECK(loop_->IsCurrentThread() || !loop_->IsRunning());
  const auto found = timer_due_micros_.find(timer);
  if (found == timer_due_micros_.end()) return;
  timers_.erase(TimerKey(found->second, timer));
  timer_due_micros_.erase(found);
}

void PosixExecutor::Submit(JobQueue queue, std::function<void()> job, std::function<void()> done) {
  DCHECK(loop_->IsCurrentThread() || !loop_->IsRunning());
  JobThread* thread = job_threads_[static_cast<size_t>(queue)].get();
  if (thread == nullptr) return;  // the loop has stopped
  thread->Add([this, job = std::move(job), done = std::move(done)]() mutable {
    job();
    job = nullptr;
    Post(std::move(done));
  });
}

bool PosixExecutor::memory_is_low() const { return MemoryReserveIsLow(); }

void PosixExecutor::Fail(const absl::Status& reason) {
  google::FlushLogFiles(google::GLOG_INFO);
  const std::string text = absl::StrCat("tidemark: fatal: ", reason.message(), "\n");
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
  _exit(FailCodeFor(reason));
}

bool PosixExecutor::RunTurn(int64_t now_micros) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.swap(posted_);
  }
  if (running_.empty() && turn_end_.empty() && NextDueMicros() > now_micros) return false;
  step_stats_.BeginTurn();
  const TimerId first_new_timer = next_timer_;
  RunPosted();
  RunTimers(now_micros, first_new_timer);
  RunTurnEnd();
  return true;
}

void PosixExecutor::RunLater(std::function<void()> fn) {
  step_stats_.BeginTurn();
  RunStep(&fn);
  RunTurnEnd();
}

void PosixExecutor::RunPosted() {
  for (std::function<void()>& fn : running_) RunStep(&fn);
  running_.clear();
}

void PosixExecutor::RunTimers(int64_t now_micros, TimerId first_new_timer) {
  while (!timers_.empty()) {
    const auto next = timers_.begin();
    const auto [due_micros, timer] = next->first;
    if (due_micros > now_micros || timer >= first_new_timer) return;
    std::function<void()> fn = std::move(next->second);
    timers_.erase(next);
    timer_due_micros_.erase(timer);
    RunStep(&fn);
  }
}

void PosixExecutor::RunTurnEnd() {
  for (size_t i = 0; i < turn_end_.size(); ++i) {
    std::function<void()> fn = std::move(turn_end_[i]);
    RunStep(&fn);
  }
  turn_end_.clear();
}

void PosixExecutor::RunStep(std::function<void()>* fn) {
  (*fn)();
  *fn = nullptr;
  step_stats_.EndStep();
}

int64_t PosixExecutor::NextDueMicros() const {
  return timers_.empty() ? std::numeric_limits<int64_t>::max() : timers_.begin()->first.first;
}

void PosixExecutor::FinishJobs() {
  for (std::unique_ptr<JobThread>& thread : job_threads_) thread.reset();
}

}  // namespace tidemark::env
