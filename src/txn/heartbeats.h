// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "base/ids.h"
#include "txn/membership.h"
#include "txn/options.h"

namespace tidemark::txn {

// The numbers and times of heartbeats, and who waits for the figures that the replies bring.
// Owner: the coordinator, which sends the frames. Threads: the master's loop.
class Heartbeats {
 public:
  explicit Heartbeats(int64_t interval_micros) : interval_micros_(interval_micros) {}

  // True once per interval.
  bool IsDue(int64_t now_micros);
  // The sequence of the heartbeat that goes out now.
  uint64_t Next() { return ++sequence_; }
  // `done` when every worker has answered the newest heartbeat, or when kFiguresLimitMicros have
  // passed. REQUIRES: !is_full().
  void Wait(int64_t now_micros, std::function<void()> done);
  bool is_full() const { return requests_.size() >= kMaxFigureRequestCount; }
  // The requests that can be answered, or all, in their order.
  std::vector<std::function<void()>> TakeAnswered(const Membership& members, int64_t now_micros);
  std::vector<std::function<void()>> TakeAll();

 private:
  struct Request {
    uint64_t sequence = 0;
    int64_t deadline_micros = 0;
    std::function<void()> done;
  };
  const int64_t interval_micros_;
  int64_t next_micros_ = 0;
  uint64_t sequence_ = 0;
  std::deque<Request> requests_;
};

}  // namespace tidemark::txn
