// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "env/executor.h"
#include "rpc/stream_table.h"

namespace tidemark::rpc {

// One node's end of the in-memory network: where functions for its loop can be posted, until it
// goes away. Owner: shared by its transport and the links to it. Threads: any; the table is the
// loop's.
class MemoryEndpoint {
 public:
  MemoryEndpoint(env::Executor* executor, TransportHandler* handler)
      : table(executor, handler), executor_(executor) {}

  // Posts to the loop; nothing happens after Detach.
  void Post(std::function<void()> fn);
  // Nothing is posted to the executor after this has returned.
  void Detach();

  StreamTable table;

 private:
  std::mutex mutex_;
  env::Executor* executor_;  // guarded by mutex_; null after Detach
};

// One direction of a stream: what its writer sends is posted to the loop of `to`.
// Owner: the writer's table and what was posted. Threads: each member names its loop.
class MemoryLink : public Link, public std::enable_shared_from_this<MemoryLink> {
 public:
  using EndFunction = std::function<void(const absl::Status&)>;

  // Makes both directions of a stream and posts their opening. `opened` and, once, `ended` run on
  // the client's loop. Loop of the client.
  static void Join(const std::shared_ptr<MemoryEndpoint>& client,
                   const std::shared_ptr<MemoryEndpoint>& server, const std::string& address,
                   std::function<void()> opened, EndFunction ended);

  explicit MemoryLink(std::shared_ptr<MemoryEndpoint> to) : to_(std::move(to)) {}

  // Loop of the writer.
  absl::Status Write(wire::Envelope&& envelope, size_t bytes) override;
  size_t queued_bytes() const override { return queued_bytes_.load(std::memory_order_relaxed); }
  void CloseAfterWrites(const absl::Status& reason) override { End(reason); }
  void Cancel() override;

 private:
  // A function that lets the writer's table know, on its loop. Threads: any.
  static std::function<void()> TellDrained(const std::shared_ptr<MemoryEndpoint>& writer,
                                           const std::shared_ptr<MemoryLink>& to_writer);
  void End(const absl::Status& reason);
  // Loop of `to_`.
  void Deliver(wire::Envelope&& envelope, size_t bytes);
  void DeliverEnd(const absl::Status& reason);

  const std::shared_ptr<MemoryEndpoint> to_;
  std::function<void()> on_drained_;     // tells the writer
  std::atomic<size_t> queued_bytes_{0};  // sent and not yet handled
  // The writer's loop.
  bool ended_ = false;
  EndFunction on_end_;
  // The loop of `to_`.
  StreamId to_stream_;
  EndFunction on_peer_end_;
};

}  // namespace tidemark::rpc
