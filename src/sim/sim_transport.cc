// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_transport.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace tidemark::sim {

SimTransport::SimTransport(SimNetwork* network, std::shared_ptr<Process> process,
                           SimExecutor* executor, const NodeId* server)
    : network_(network),
      process_(std::move(process)),
      executor_(executor),
      is_client_(server != nullptr),
      server_(server != nullptr ? *server : NodeId()) {}

SimTransport::~SimTransport() { Stop(); }

void SimTransport::Start(rpc::TransportHandler* handler, Started started) {
  handler_ = handler;
  *running_ = true;
  if (is_client_) {
    DialLater(0);
  } else {
    network_->Register(this);
  }
  started(absl::OkStatus());
}

void SimTransport::DialLater(int64_t delay_micros) {
  executor_->RunAfter(delay_micros, [this, running = running_] {
    if (*running) Dial();
  });
}

void SimTransport::Dial() {
  if (network_->Connect(this)) {
    redial_micros_ = rpc::kFirstRedialMicros;
    return;
  }
  DialLater(redial_micros_);
  redial_micros_ = std::min(redial_micros_ * 2, rpc::kMaxRedialMicros);
}

rpc::StreamId SimTransport::Add(std::shared_ptr<SimNetwork::Connection> connection, int side) {
  const rpc::StreamId stream = next_stream_;
  next_stream_ = next_stream_.Next();
  Open open;
  open.connection = std::move(connection);
  open.side = side;
  streams_.emplace(stream, std::move(open));
  return stream;
}

void SimTransport::Receive(rpc::StreamId stream, SimNetwork::Item item) {
  auto shared = std::make_shared<SimNetwork::Item>(std::move(item));
  executor_->Post([this, stream, shared, running = running_] {
    if (*running) Handle(stream, std::move(*shared));
  });
}

void SimTransport::Handle(rpc::StreamId stream, SimNetwork::Item item) {
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return;  // closed by this side
  SimNetwork::Handled(it->second.connection, it->second.side, item.bytes);
  switch (item.kind) {
    case SimNetwork::ItemKind::kOpen:
      it->second.announced = true;
      handler_->OnStreamOpened(stream, absl::StrCat("sim:", server_.value()));
      return;
    case SimNetwork::ItemKind::kEnvelope:
      handler_->OnEnvelope(stream, std::move(item.envelope));
      return;
    case SimNetwork::ItemKind::kClose:
      network_->CloseSide(it->second.connection, it->second.side, item.reason, true);
      const bool announced = it->second.announced;
      streams_.erase(it);
      if (is_client_) DialLater(rpc::kFirstRedialMicros);
      if (announced) handler_->OnStreamClosed(stream, item.reason);
  }
}

void SimTransport::Send(rpc::StreamId stream, wire::Frame&& frame) {
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return;
  Open& open = it->second;
  open.pending_bytes += frame.ByteSizeLong();
  *open.pending.add_frames() = std::move(frame);
  if (open.pending_bytes >= rpc::kEnvelopeTargetBytes) Flush(&open);
  if (flush_asked_) return;
  flush_asked_ = true;
  // Twice: after the functions that this turn has asked for at its end.
  executor_->AtTurnEnd([this, running = running_] {
    if (!*running) return;
    executor_->AtTurnEnd([this, running] {
      if (*running) FlushAll();
    });
  });
}

size_t SimTransport::UnsentBytes(rpc::StreamId stream) {
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return 0;
  const size_t bytes = it->second.unsent_bytes();
  if (bytes > rpc::kDrainedBytes) it->second.is_full = true;
  return bytes;
}

// In a turn of its own; by then it may be full again.
void SimTransport::Drained(rpc::StreamId stream) {
  executor_->Post([this, stream, running = running_] {
    const auto it = *running ? streams_.find(stream) : streams_.end();
    if (it == streams_.end() || !it->second.is_full) return;
    if (it->second.unsent_bytes() > rpc::kDrainedBytes) return;
    it->second.is_full = false;
    handler_->OnStreamDrained(stream);
  });
}

void SimTransport::FlushAll() {
  flush_asked_ = false;
  for (auto& [stream, open] : streams_) {
    if (!process_->alive) return;
    Flush(&open);
    if (open.is_full && open.unsent_bytes() <= rpc::kDrainedBytes) Drained(stream);
  }
}

void SimTransport::Flush(Open* open) {
  if (open->pending.frames_size() == 0) return;
  open->pending_bytes = 0;
  network_->SendEnvelope(open->connection, open->side,
                         std::exchange(open->pending, wire::Envelope()));
}

void SimTransport::Close(rpc::StreamId stream, const absl::Status& reason) {
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return;
  Flush(&it->second);
  network_->CloseSide(it->second.connection, it->second.side, reason, false);
  streams_.erase(it);
  if (is_client_ && *running_) DialLater(redial_micros_);
}

void SimTransport::Stop() {
  if (!*running_) return;
  *running_ = false;
  network_->Unregister(this);
  if (!process_->alive) return;  // ProcessDied has told the peers
  for (auto& [stream, open] : streams_) {
    Flush(&open);
    network_->CloseSide(open.connection, open.side, absl::UnavailableError("stopped"), false);
  }
  streams_.clear();
}

}  // namespace tidemark::sim
