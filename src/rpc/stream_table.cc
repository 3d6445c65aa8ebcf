// SPDX-License-Identifier: Apache-2.0
#include "rpc/stream_table.h"

#include <utility>

#include "base/status.h"

namespace tidemark::rpc {

absl::Status QueueOverflow() {
  return absl::ResourceExhaustedError(
      absl::StrCat("does not read what is sent to it: more than ", kMaxQueuedBytes, " bytes wait"));
}

StreamTable::StreamTable(env::Executor* executor, TransportHandler* handler)
    : executor_(executor),
      handler_(handler),
      outbox_(executor, [this](StreamId stream, wire::Envelope&& envelope, size_t bytes) {
        Write(stream, std::move(envelope), bytes);
      }) {}

StreamId StreamTable::Open(std::shared_ptr<Link> link, const std::string& peer) {
  const StreamId stream(next_stream_++);
  if (stopped()) {
    link->Cancel();
    return stream;
  }
  streams_.emplace(stream, Stream{std::move(link), peer});
  handler_->OnStreamOpened(stream, peer);
  return stream;
}

void StreamTable::Receive(StreamId stream, wire::Envelope&& envelope) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.link == nullptr) return;
  handler_->OnEnvelope(stream, std::move(envelope));
}

void StreamTable::Drained(StreamId stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.link == nullptr || !found->second.is_full) return;
  if (UnsentBytesOf(stream, found->second) > kDrainedBytes) return;
  found->second.is_full = false;
  handler_->OnStreamDrained(stream);
}

size_t StreamTable::UnsentBytes(StreamId stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.link == nullptr) return 0;
  const size_t bytes = UnsentBytesOf(stream, found->second);
  if (bytes > kDrainedBytes) found->second.is_full = true;
  return bytes;
}

void StreamTable::Closed(StreamId stream, const absl::Status& reason) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.link == nullptr) return;
  outbox_.Drop(stream);
  streams_.erase(found);
  handler_->OnStreamClosed(stream, reason);
}

void StreamTable::Send(StreamId stream, wire::Frame&& frame) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.link == nullptr) return;
  const size_t bytes = frame.ByteSizeLong();
  if (bytes > kMaxFrameBytes) {
    return Fail(stream, absl::ResourceExhaustedError(
                            absl::StrCat("a message of ", bytes, " bytes for ", found->second.peer,
                                         " is above the limit of ", kMaxFrameBytes,
                                         " bytes; send less in one request")));
  }
  outbox_.Add(stream, std::move(frame), bytes);
}

void StreamTable::Write(StreamId stream, wire::Envelope&& envelope, size_t bytes) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.link == nullptr) return;
  const absl::Status status = found->second.link->Write(std::move(envelope), bytes);
  if (!status.ok()) return Fail(stream, Annotate(status, found->second.peer));
  if (!found->second.is_full || UnsentBytesOf(stream, found->second) > kDrainedBytes) return;
  executor_->Post([weak = std::weak_ptr<StreamTable*>(self_), stream] {
    const auto self = weak.lock();
    if (self != nullptr) (*self)->Drained(stream);
  });
}

// The handler hears of it in a turn of its own, unless it closes the stream before.
void StreamTable::Fail(StreamId stream, const absl::Status& reason) {
  outbox_.Drop(stream);
  std::exchange(streams_[stream].link, nullptr)->Cancel();
  executor_->Post([weak = std::weak_ptr<StreamTable*>(self_), stream, reason] {
    const auto self = weak.lock();
    if (self == nullptr || (*self)->streams_.erase(stream) == 0) return;
    (*self)->handler_->OnStreamClosed(stream, reason);
  });
}

bool StreamTable::Close(StreamId stream, const absl::Status& reason) {
  outbox_.Flush(stream);
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return false;
  const std::shared_ptr<Link> link = std::move(found->second.link);
  streams_.erase(found);
  if (link != nullptr) link->CloseAfterWrites(reason);
  return true;
}

void StreamTable::Stop(const absl::Status& reason) {
  handler_ = nullptr;
  while (!streams_.empty()) Close(streams_.begin()->first, reason);
}

}  // namespace tidemark::rpc
