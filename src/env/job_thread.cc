// SPDX-License-Identifier: Apache-2.0
#include "env/job_thread.h"

#include <pthread.h>

#include <utility>

#include "env/scheduling.h"

namespace tidemark::env {

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
