// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tidemark::env {

// What the kernel keeps of the name of a thread.
inline constexpr size_t kThreadNameBytes = 15;

// A thread that runs jobs in the order of Add. Owner: its executor. Threads: any may Add; Finish is
// called once, by the owner.
class JobThread {
 public:
  // A larger `niceness` gives way to other threads.
  JobThread(std::string thread_name, int niceness);
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;
  ~JobThread();

  void Add(std::function<void()> job);
  // Returns when every job is done and the thread has ended.
  void Finish();

 private:
  void Run();

  const std::string thread_name_;
  const int niceness_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool finish_ = false;
  std::thread thread_;
};

}  // namespace tidemark::env
