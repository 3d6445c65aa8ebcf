// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "env/clock.h"
#include "proto/cluster.pb.h"

namespace tidemark::worker {

// Takes the time from the arrival of a frame with `trace` to its answer.
// Owner: WorkerNode. Threads: its loop. Limits: the newest kMaxOpenCount frames; what is never
// answered (a transaction that was aborted) goes with time or with the stream.
class SpentBook {
 public:
  static constexpr size_t kMaxOpenCount = 1000;

  // Does not own the clock.
  explicit SpentBook(env::Clock* clock) : clock_(clock) {}

  // Nothing waits for an answer: OnSend may be left out.
  bool empty() const { return open_.empty(); }
  void OnReceive(const wire::Frame& frame);
  // Fills in `spent` when the frame answers one that came with `trace`. The newest sync of the WAL
  // took `sync_micros`.
  void OnSend(wire::Frame* frame, int64_t sync_micros);
  void Clear() { open_.clear(); }

 private:
  struct Open {
    wire::Frame::BodyCase kind;
    uint64_t key;  // request or csn
    int64_t since_micros;
  };

  env::Clock* const clock_;
  std::deque<Open> open_;
};

}  // namespace tidemark::worker
