// SPDX-License-Identifier: Apache-2.0
#include "env/step_stats.h"

#include <time.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace tidemark::env {
namespace {

int64_t ReadNanos(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// One writer: no read-modify-write needed.
template <typename T>
void Add(std::atomic<T>* counter, T amount) {
  counter->store(counter->load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

void StepStats::BeginTurn() {
  step_start_nanos_ = ReadNanos(CLOCK_MONOTONIC);
  if (step_start_nanos_ - cpu_read_nanos_ > kMaxCpuAgeMicros * 1000) {
    cpu_nanos_ = ReadNanos(CLOCK_THREAD_CPUTIME_ID);
    cpu_read_nanos_ = step_start_nanos_;
  }
}

void StepStats::EndStep() {
  const int64_t now_nanos = ReadNanos(CLOCK_MONOTONIC);
  const int64_t start_nanos = std::exchange(step_start_nanos_, now_nanos);
  const int64_t wall_nanos = now_nanos - start_nanos;
  Add<uint64_t>(&step_count_, 1);
  const int width = std::bit_width(static_cast<uint64_t>(wall_nanos / 1000));
  Add<uint64_t>(&buckets_[std::min(width, kBucketCount - 1)], 1);
  if (wall_nanos > kLongStepMicros * 1000) NoteLongStep(start_nanos);
}

StepFigures StepStats::figures() const {
  StepFigures figures{long_step_count(), max_cpu_micros(), {}};
  for (int i = 0; i < kBucketCount; ++i) figures.by_micros.push_back(bucket(i));
  while (!figures.by_micros.empty() && figures.by_micros.back() == 0) figures.by_micros.pop_back();
  return figures;
}

// The processor clock is a system call, so it is read now and then, and after steps that look long.
// From the last time to the start of the step no more processor time than wall time was used: what
// remains of the difference is what the long step used at least.
void StepStats::NoteLongStep(int64_t start_nanos) {
  const int64_t before_nanos = start_nanos - cpu_read_nanos_;
  const int64_t now_nanos = ReadNanos(CLOCK_THREAD_CPUTIME_ID);
  const int64_t used_nanos = now_nanos - cpu_nanos_ - before_nanos;
  cpu_nanos_ = now_nanos;
  cpu_read_nanos_ = step_start_nanos_;
  const int64_t cpu_micros = std::min(used_nanos, step_start_nanos_ - start_nanos) / 1000;
  if (cpu_micros <= kLongStepMicros) return;
  Add<uint64_t>(&long_step_count_, 1);
  if (cpu_micros > max_cpu_micros()) max_cpu_micros_.store(cpu_micros, std::memory_order_relaxed);
}

}  // namespace tidemark::env
