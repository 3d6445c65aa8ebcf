// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::env {

// The figures of a StepStats at one moment; all zero where nobody measures.
struct StepFigures {
  uint64_t long_step_count = 0;
  int64_t max_cpu_micros = 0;
  std::vector<uint64_t> by_micros;  // the buckets, without empty ones at the end
};

// How long the steps of one node's loop took. A step is one posted function, timer or end-of-turn
// function; none should need a millisecond of processor time.
// Owner: its executor. Threads: the loop writes, any reads (each figure is exact, together they may
// be a step apart).
class StepStats {
 public:
  // Bucket i counts steps of less than 2^i µs of wall time that are in no earlier bucket; the last
  // bucket has no upper bound.
  static constexpr int kBucketCount = 24;
  static constexpr int64_t kLongStepMicros = 1000;
  // By so much at most the processor time of a long step may be taken for less than it was.
  static constexpr int64_t kMaxCpuAgeMicros = 250;

  // Starts to measure a turn. Threads: loop.
  void BeginTurn();
  // Ends the step that began with BeginTurn or the last EndStep. Threads: loop.
  void EndStep();

  uint64_t step_count() const { return step_count_.load(std::memory_order_relaxed); }
  // Steps that needed more than kLongStepMicros of the thread's processor time.
  uint64_t long_step_count() const { return long_step_count_.load(std::memory_order_relaxed); }
  int64_t max_cpu_micros() const { return max_cpu_micros_.load(std::memory_order_relaxed); }
  StepFigures figures() const;
  uint64_t bucket(int index) const { return buckets_[index].load(std::memory_order_relaxed); }

 private:
  // REQUIRES: the step has just ended.
  void NoteLongStep(int64_t start_nanos);

  int64_t step_start_nanos_ = 0;
  // Processor time of the thread when it was last read, and when that was.
  int64_t cpu_nanos_ = 0;
  int64_t cpu_read_nanos_ = 0;
  std::atomic<uint64_t> step_count_{0};
  std::atomic<uint64_t> long_step_count_{0};
  std::atomic<int64_t> max_cpu_micros_{0};
  std::array<std::atomic<uint64_t>, kBucketCount> buckets_{};
};

}  // namespace tidemark::env
