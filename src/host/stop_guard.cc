// SPDX-License-Identifier: Apache-2.0
#include "host/stop_guard.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/exit_code.h"

namespace tidemark::host {
namespace {

constexpr int64_t kMicrosPerMs = 1000;

}  // namespace

StopGuard::StopGuard(std::string name, int64_t limit_ms)
    : name_(std::move(name)), limit_ms_(limit_ms), thread_([this] { Run(); }) {}

StopGuard::~StopGuard() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void StopGuard::Extend() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    deadline_micros_ = clock_.NowMicros() + limit_ms_ * kMicrosPerMs;
  }
  changed_.notify_one();
}

void StopGuard::NothingIsLost() {
  const std::lock_guard<std::mutex> lock(mutex_);
  nothing_is_lost_ = true;
}

void StopGuard::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!done_) {
    if (!deadline_micros_.has_value()) {
      changed_.wait(lock);
      continue;
    }
    const int64_t left_micros = *deadline_micros_ - clock_.NowMicros();
    if (left_micros <= 0) EndProcess();
    changed_.wait_for(lock, std::chrono::microseconds(left_micros));
  }
}

// Destructors would wait for what hangs.
void StopGuard::EndProcess() const {
  const std::string text = absl::StrCat(
      "tidemark ", name_, ": the stop has got no further for ", limit_ms_ / 1000,
      " s (does a disk hang?); ",
      nothing_is_lost_ ? "the process ends, nothing is lost\n" : "the process is ended\n");
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
  _exit(nothing_is_lost_ ? kExitOk : kExitInternal);
}

}  // namespace tidemark::host
