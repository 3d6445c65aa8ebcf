// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "proto/cluster.pb.h"

namespace tidemark::worker {

// Answers of no more than this do not wait behind bulk.
inline constexpr size_t kSmallAnswerBytes = size_t{16} << 10;
// Unless so much waits on the stream: then they do.
inline constexpr size_t kMaxSmallUnsentBytes = size_t{16} << 20;

// The Executed frames for the master. Large ones wait here, in order, until the stream has room, so
// that Applied, Flushed and HeartbeatReply, which never pass through here, have little in front of
// them and the stream is never closed because too much waits on it. An answer needs nothing of the
// one before: the session looks at requests, not at their order.
// Owner: WorkerNode. Threads: the worker's loop. Limits: FragmentQueue makes no more large answers
// while many are held.
class AnswerGate {
 public:
  AnswerGate(std::function<void(wire::Frame)> send, std::function<size_t()> unsent_bytes)
      : send_(std::move(send)), unsent_bytes_(std::move(unsent_bytes)) {}

  void Add(wire::Frame frame);
  // Sends what there is room for now.
  void SendSome();
  // The master is gone, or wants none of them any more.
  void Clear();
  size_t held_bytes() const { return held_bytes_; }
  void CheckInvariants() const;

 private:
  const std::function<void(wire::Frame)> send_;
  const std::function<size_t()> unsent_bytes_;
  std::deque<wire::Frame> held_;
  size_t held_bytes_ = 0;
};

}  // namespace tidemark::worker
