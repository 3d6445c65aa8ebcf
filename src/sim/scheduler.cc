// SPDX-License-Identifier: Apache-2.0
#include "sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace tidemark::sim {

bool Scheduler::Later(const Event& a, const Event& b) {
  if (a.time_micros != b.time_micros) return a.time_micros > b.time_micros;
  return a.sequence > b.sequence;
}

void Scheduler::At(int64_t time_micros, std::function<void()> fn) {
  heap_.push_back({std::max(time_micros, now_micros_), next_sequence_++, std::move(fn)});
  std::push_heap(heap_.begin(), heap_.end(), &Later);
}

bool Scheduler::RunOne() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), &Later);
  Event event = std::move(heap_.back());
  heap_.pop_back();
  now_micros_ = event.time_micros;
  trace_.SetTime(now_micros_);
  ++event_count_;
  event.fn();
  return true;
}

void Scheduler::RunUntil(int64_t time_micros) {
  while (!heap_.empty() && heap_.front().time_micros <= time_micros) RunOne();
  now_micros_ = std::max(now_micros_, time_micros);
  trace_.SetTime(now_micros_);
}

}  // namespace tidemark::sim
