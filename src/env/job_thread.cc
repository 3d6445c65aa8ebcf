// SPDX-License-Identifier: Apache-2.0
#include "env/job_thread.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace tidemark::env {
namespace {

// What the kernel takes for a thread's slice of a processor: who wakes up with a shorter one goes
// first. All others have 3 ms or less by themselves.
constexpr uint64_t kLongSliceNanos = 8'000'000;

// As in linux/sched/types.h, which cannot be included beside sched.h.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = 0;  // the usual one
  uint64_t flags = 0;
  int32_t niceness = 0;
  uint32_t priority = 0;
  uint64_t runtime_nanos = 0;
  uint64_t deadline_nanos = 0;
  uint64_t period_nanos = 0;
};

// Linux 6.12 and later; earlier ones take the niceness alone.
void GiveWay(int niceness) {
  SchedulingAttributes attributes;
  attributes.niceness = niceness;
  attributes.runtime_nanos = kLongSliceNanos;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

JobThread::JobThread(std::string thread_name, int niceness)
    : thread_name_(std::move(thread_name)), niceness_(niceness), thread_([this] { Run(); }) {}

JobThread::~JobThread() { Finish(); }

void JobThread::Add(std::function<void()> job) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void JobThread::Finish() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    finish_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void JobThread::Run() {
  pthread_setname_np(pthread_self(), thread_name_.substr(0, kThreadNameBytes).c_str());
  if (niceness_ != 0) GiveWay(niceness_);
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return finish_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace tidemark::env
