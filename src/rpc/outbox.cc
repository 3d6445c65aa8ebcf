// SPDX-License-Identifier: Apache-2.0
#include "rpc/outbox.h"

#include <utility>

namespace tidemark::rpc {

Outbox::Outbox(env::Executor* executor, Sink sink) : executor_(executor), sink_(std::move(sink)) {}

void Outbox::Add(StreamId stream, wire::Frame&& frame, size_t bytes) {
  Pending* pending = Find(stream);
  if (pending == nullptr) {
    pending_.push_back({stream, {}, 0});
    pending = &pending_.back();
  }
  *pending->envelope.add_frames() = std::move(frame);
  pending->bytes += bytes;
  if (pending->bytes >= kEnvelopeTargetBytes) return Flush(stream);
  if (!asked_) AskForTurnEnd();
}

void Outbox::AskForTurnEnd() {
  asked_ = true;
  executor_->AtTurnEnd([self = std::weak_ptr<Outbox*>(self_), executor = executor_] {
    executor->AtTurnEnd([self] {
      if (const auto outbox = self.lock()) (*outbox)->FlushAll();
    });
  });
}

void Outbox::FlushAll() {
  asked_ = false;
  std::vector<Pending> pending;
  pending.swap(pending_);
  for (Pending& each : pending) sink_(each.stream, std::move(each.envelope), each.bytes);
}

void Outbox::Flush(StreamId stream) {
  Pending* const found = Find(stream);
  if (found == nullptr) return;
  Pending pending = std::move(*found);
  Drop(stream);
  sink_(pending.stream, std::move(pending.envelope), pending.bytes);
}

size_t Outbox::pending_bytes(StreamId stream) const {
  const Pending* const pending = Find(stream);
  return pending == nullptr ? 0 : pending->bytes;
}

void Outbox::Drop(StreamId stream) {
  std::erase_if(pending_, [stream](const Pending& pending) { return pending.stream == stream; });
}

Outbox::Pending* Outbox::Find(StreamId stream) {
  for (Pending& pending : pending_) {
    if (pending.stream == stream) return &pending;
  }
  return nullptr;
}

}  // namespace tidemark::rpc
