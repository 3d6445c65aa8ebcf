// SPDX-License-Identifier: Apache-2.0
#include "env/event_loop.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "env/job_thread.h"
#include "env/memory_reserve.h"
#include "env/posix_executor.h"
#include "env/scheduling.h"

namespace tidemark::env {
namespace {

constexpr uint32_t kQuiet = 0;
constexpr uint32_t kSignalled = 1;
constexpr uint32_t kSleeping = 2;
constexpr int64_t kLongestSleepMicros = 60'000'000;

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void SleepWhile(std::atomic<uint32_t>* word, uint32_t value, int64_t micros) {
  timespec timeout;
  timeout.tv_sec = micros / 1'000'000;
  timeout.tv_nsec = micros % 1'000'000 * 1'000;
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &timeout, nullptr, 0);
}

void WakeSleeper(std::atomic<uint32_t>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace

EventLoop::EventLoop(Clock* clock, std::string thread_name, int64_t spin_micros, LoopWaiter* waiter)
    : clock_(clock),
      thread_name_(std::move(thread_name)),
      spin_micros_(spin_micros),
      waiter_(waiter) {}

EventLoop::~EventLoop() {
  Stop();
  CHECK(executors_.empty()) << "an executor outlives its loop " << thread_name_;
}

void EventLoop::Start() {
  CHECK(!thread_.joinable() && !stop_) << "loop " << thread_name_ << " was started already";
  thread_ = std::thread([this] { Run(); });
}

void EventLoop::Stop() {
  CHECK(!IsCurrentThread()) << "loop " << thread_name_ << " stops itself";
  stop_ = true;
  Wake();
  if (thread_.joinable()) thread_.join();
  for (PosixExecutor* executor : executors_) executor->FinishJobs();
}

void EventLoop::Attach(PosixExecutor* executor) {
  CHECK(!thread_.joinable()) << "loop " << thread_name_ << " is running";
  executors_.push_back(executor);
}

void EventLoop::Detach(PosixExecutor* executor) {
  CHECK(!thread_.joinable()) << "loop " << thread_name_ << " is running";
  std::erase(executors_, executor);
  std::erase_if(later_, [=](const Later& later) { return later.executor == executor; });
}

void EventLoop::AddLater(PosixExecutor* executor, std::function<void()> fn) {
  if (later_.empty()) later_since_micros_ = clock_->NowMicros();
  later_.push_back({executor, std::move(fn)});
}

void EventLoop::Wake() {
  if (state_.exchange(kSignalled) != kSleeping) return;
  if (waiter_ != nullptr) {
    waiter_->Wake();
  } else {
    WakeSleeper(&state_);
  }
}

void EventLoop::Run() {
  pthread_setname_np(pthread_self(), thread_name_.substr(0, kThreadNameBytes).c_str());
  thread_id_ = std::this_thread::get_id();
  GoFirst();
  UseMemoryReserve();
  bool has_waited = false;
  while (!stop_) {
    state_ = kQuiet;
    const int64_t now_micros = clock_->NowMicros();
    if (std::exchange(has_waited, false)) polled_micros_ = now_micros;
    const bool worked = RunTurns(now_micros);
    if (!worked && later_.empty()) {
      WaitForWork();
      has_waited = true;
      continue;
    }
    if (worked && now_micros - polled_micros_ < kPollMicros) continue;
    const bool polled = PollWaiter(now_micros);
    if (!later_.empty()) RunLater(!worked && !polled && state_ == kQuiet);
  }
  thread_id_ = std::thread::id();
}

bool EventLoop::RunTurns(int64_t now_micros) {
  bool worked = false;
  for (PosixExecutor* executor : executors_) worked |= executor->RunTurn(now_micros);
  return worked;
}

bool EventLoop::PollWaiter(int64_t now_micros) {
  polled_micros_ = now_micros;
  return waiter_ != nullptr && waiter_->Poll();
}

void EventLoop::RunLater(bool idle) {
  const int64_t now_micros = clock_->NowMicros();
  if (!idle && now_micros - later_since_micros_ < kLaterMicros) return;
  Later later = std::move(later_.front());
  later_.pop_front();
  later_since_micros_ = now_micros;
  later.executor->RunLater(std::move(later.fn));
}

void EventLoop::WaitForWork() {
  int64_t due_micros = std::numeric_limits<int64_t>::max();
  for (const PosixExecutor* executor : executors_) {
    due_micros = std::min(due_micros, executor->NextDueMicros());
  }
  int64_t now_micros = clock_->NowMicros();
  if (spin_micros_ > 0) {
    if (SpinForSignal(std::min(now_micros + spin_micros_, due_micros))) return;
    now_micros = clock_->NowMicros();
  }
  if (due_micros <= now_micros) return;
  uint32_t expected = kQuiet;
  if (!state_.compare_exchange_strong(expected, kSleeping)) return;
  Sleep(std::min(due_micros - now_micros, kLongestSleepMicros));
}

void EventLoop::Sleep(int64_t micros) {
  if (waiter_ != nullptr) {
    waiter_->Wait(micros);
  } else {
    SleepWhile(&state_, kSleeping, micros);
  }
}

bool EventLoop::SpinForSignal(int64_t until_micros) {
  do {
    if (state_.load(std::memory_order_relaxed) != kQuiet) return true;
    if (waiter_ != nullptr && waiter_->Poll()) return true;
    __builtin_ia32_pause();
  } while (clock_->NowMicros() < until_micros);
  return false;
}

}  // namespace tidemark::env
