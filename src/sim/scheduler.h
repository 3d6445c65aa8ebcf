// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/trace.h"

namespace tidemark::sim {

// Simulated time and the one queue of everything that will happen. Events of one instant run in
// the order of their scheduling, so a run depends on nothing but its seed.
// Owner: the simulated world. Threads: one.
class Scheduler {
 public:
  int64_t now_micros() const { return now_micros_; }
  Trace& trace() { return trace_; }

  // Runs `fn` at `time_micros`, or now when that has passed.
  void At(int64_t time_micros, std::function<void()> fn);
  void After(int64_t delay_micros, std::function<void()> fn) {
    At(now_micros_ + delay_micros, std::move(fn));
  }
  // Runs the next event; false when there is none.
  bool RunOne();
  // Runs every event up to `time_micros`, then sets the time to it.
  void RunUntil(int64_t time_micros);

  uint64_t event_count() const { return event_count_; }

 private:
  struct Event {
    int64_t time_micros;
    uint64_t sequence;
    std::function<void()> fn;
  };
  // Orders the heap: the earliest event on top.
  static bool Later(const Event& a, const Event& b);

  Trace trace_;
  std::vector<Event> heap_;
  int64_t now_micros_ = 0;
  uint64_t next_sequence_ = 0;
  uint64_t event_count_ = 0;
};

}  // namespace tidemark::sim
