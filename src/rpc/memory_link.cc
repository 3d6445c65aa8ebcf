// SPDX-License-Identifier: Apache-2.0
#include "rpc/memory_link.h"

#include <utility>

#include "base/status.h"

namespace tidemark::rpc {

void MemoryEndpoint::Post(std::function<void()> fn) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (executor_ != nullptr) executor_->Post(std::move(fn));
}

void MemoryEndpoint::Detach() {
  const std::lock_guard<std::mutex> lock(mutex_);
  executor_ = nullptr;
}

// The writer has its stream's id in the link that brings it frames.
std::function<void()> MemoryLink::TellDrained(const std::shared_ptr<MemoryEndpoint>& writer,
                                              const std::shared_ptr<MemoryLink>& to_writer) {
  return [writer = std::weak_ptr<MemoryEndpoint>(writer),
          weak = std::weak_ptr<MemoryLink>(to_writer)] {
    const auto endpoint = writer.lock();
    if (endpoint == nullptr) return;
    endpoint->Post([weak] {
      const auto link = weak.lock();
      if (link != nullptr) link->to_->table.Drained(link->to_stream_);
    });
  };
}

// The client hears of the stream before the server can have sent anything, because its loop runs
// this function; the server hears of it before the client can send.
void MemoryLink::Join(const std::shared_ptr<MemoryEndpoint>& client,
                      const std::shared_ptr<MemoryEndpoint>& server, const std::string& address,
                      std::function<void()> opened, EndFunction ended) {
  const auto to_server = std::make_shared<MemoryLink>(server);
  const auto to_client = std::make_shared<MemoryLink>(client);
  to_server->on_drained_ = TellDrained(client, to_client);
  to_client->on_drained_ = TellDrained(server, to_server);
  to_server->on_end_ = ended;
  to_client->on_peer_end_ = std::move(ended);
  client->Post([to_server, to_client, address, opened = std::move(opened)] {
    opened();
    to_client->to_stream_ = to_client->to_->table.Open(to_server, address);
  });
  server->Post([to_server, to_client] {
    to_server->to_stream_ = to_server->to_->table.Open(to_client, "this process");
  });
}

absl::Status MemoryLink::Write(wire::Envelope&& envelope, size_t bytes) {
  if (ended_) return absl::OkStatus();
  const size_t queued_bytes = queued_bytes_.load(std::memory_order_relaxed);
  if (queued_bytes != 0 && queued_bytes + bytes > kMaxQueuedBytes) return QueueOverflow();
  queued_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  to_->Post([self = shared_from_this(), envelope = std::move(envelope), bytes]() mutable {
    self->Deliver(std::move(envelope), bytes);
  });
  return absl::OkStatus();
}

void MemoryLink::Cancel() { End(absl::UnavailableError("the other side gave the stream up")); }

void MemoryLink::End(const absl::Status& reason) {
  if (std::exchange(ended_, true)) return;
  to_->Post([self = shared_from_this(), reason] { self->DeliverEnd(reason); });
  if (on_end_) std::exchange(on_end_, nullptr)(reason);
}

void MemoryLink::Deliver(wire::Envelope&& envelope, size_t bytes) {
  const size_t before = queued_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  if (before > kDrainedBytes && before - bytes <= kDrainedBytes) on_drained_();
  to_->table.Receive(to_stream_, std::move(envelope));
}

void MemoryLink::DeliverEnd(const absl::Status& reason) {
  to_->table.Closed(to_stream_, reason);
  if (on_peer_end_) std::exchange(on_peer_end_, nullptr)(reason);
}

}  // namespace tidemark::rpc
