// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"

namespace tidemark::master {

// Execute frames of no more than this do not wait behind bulk.
inline constexpr size_t kSmallExecuteBytes = size_t{16} << 10;
// What one worker may hold of large frames that it has not answered. One frame may be larger, when
// it is alone.
inline constexpr size_t kMaxExecuteBytes = size_t{4} << 20;
// The same for small ones, counted together with the large ones.
inline constexpr size_t kMaxSmallExecuteBytes = size_t{16} << 20;

// The Execute frames for one worker. They leave in the order of coming, but only so many that
// neither the stream nor the worker is filled with them: frames that must not come late (Commit,
// Flush, Heartbeat) share the stream and never pass through here. A small Execute goes before large
// ones that wait, but those of one transaction keep their order: they may change the same vertex.
// Owner: Gateway. Threads: the master's loop. Limits: what waits is bounded by the windows of the
// sessions and by Gateway's memory for requests.
class ExecuteQueue {
 public:
  // What the queue needs of the worker's stream and of the coordinator.
  struct Way {
    std::function<void(wire::Frame)> send;
    std::function<size_t()> unsent_bytes;
    // False once an Abort of the transaction is on the stream: nothing of it may follow.
    std::function<bool(TxId)> is_open;
  };
  explicit ExecuteQueue(Way way) : way_(std::move(way)) {}

  // `request` was never used before.
  void Add(uint64_t request, wire::Frame frame);
  // The request was answered, or its transaction has ended: then the worker will not answer.
  void Forget(uint64_t request);
  // Sends what there is room for now.
  void SendSome();

  // CHECKs everything that must hold. Looks at everything that waits.
  void CheckInvariants() const;

  size_t under_way_bytes() const { return under_way_bytes_; }
  size_t waiting_count() const { return small_.size() + large_.size(); }

 private:
  struct Waiting {
    uint64_t request = 0;
    wire::Frame frame;
  };
  struct Request {
    size_t bytes = 0;
    bool is_sent = false;
  };

  bool IsSmall(const wire::Frame& frame) const;
  void SendFrom(std::deque<Waiting>* waiting, size_t limit_bytes);
  bool HasRoom(size_t bytes, size_t limit_bytes) const;

  Way way_;
  std::deque<Waiting> small_;
  std::deque<Waiting> large_;
  // How many of large_ are of this transaction.
  absl::flat_hash_map<uint64_t, size_t> large_of_;
  // Of those that wait or are under way; a frame whose request is not here is dropped when its turn
  // comes.
  absl::flat_hash_map<uint64_t, Request> requests_;
  size_t under_way_bytes_ = 0;
};

}  // namespace tidemark::master
