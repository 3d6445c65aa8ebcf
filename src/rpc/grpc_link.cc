// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_link.h"

#include <chrono>
#include <utility>

#include "base/status.h"

namespace tidemark::rpc {

void LiveLinks::Add(std::shared_ptr<GrpcLink> link) {
  const std::lock_guard<std::mutex> lock(mutex_);
  GrpcLink* const key = link.get();
  links_.emplace(key, std::move(link));
}

void LiveLinks::Remove(GrpcLink* link) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = links_.find(link);
  ended_.push_back(std::move(found->second));
  links_.erase(found);
  changed_.notify_all();
}

std::vector<std::shared_ptr<GrpcLink>> LiveLinks::TakeEnded() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(ended_, {});
}

void LiveLinks::CancelAndWait(int64_t grace_micros) {
  std::vector<std::shared_ptr<GrpcLink>> left;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, std::chrono::microseconds(grace_micros),
                      [this] { return links_.empty(); });
    for (const auto& [key, link] : links_) left.push_back(link);
  }
  for (const std::shared_ptr<GrpcLink>& link : left) link->Cancel();
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return links_.empty(); });
  }
  TakeEnded();
}

absl::Status GrpcLink::Write(wire::Envelope&& envelope, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closing_.has_value()) return absl::OkStatus();
  if (queued_bytes_ != 0 && queued_bytes_ + bytes > kMaxQueuedBytes) return QueueOverflow();
  MergeOrPush(std::move(envelope), bytes);
  if (!writing_) StartWriting();
  return absl::OkStatus();
}

size_t GrpcLink::queued_bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queued_bytes_;
}

// While one message is under way the others grow together: fewer messages under load.
void GrpcLink::MergeOrPush(wire::Envelope&& envelope, size_t bytes) {
  queued_bytes_ += bytes;
  const bool merge = queue_.size() >= 2 && queue_.back().bytes + bytes <= kEnvelopeTargetBytes;
  if (!merge) {
    queue_.push_back({std::move(envelope), bytes});
    return;
  }
  queue_.back().bytes += bytes;
  for (wire::Frame& frame : *envelope.mutable_frames()) {
    *queue_.back().envelope.add_frames() = std::move(frame);
  }
}

void GrpcLink::StartWriting() {
  writing_ = true;
  WireWrite(&queue_.front().envelope);
}

void GrpcLink::HandleWriteDone(bool ok) {
  const std::lock_guard<std::mutex> lock(mutex_);
  writing_ = false;
  const bool was_full = queued_bytes_ > kDrainedBytes;
  queued_bytes_ -= queue_.front().bytes;
  queue_.pop_front();
  if (was_full && queued_bytes_ <= kDrainedBytes) PostDrained();
  if (!ok) {
    EndAfterWrites(absl::UnavailableError("the connection broke"));
    queue_.clear();
  }
  if (!queue_.empty()) return StartWriting();
  if (closing_.has_value() && !std::exchange(ended_, true)) WireEnd(*closing_);
}

void GrpcLink::PostDrained() {
  context_.executor->Post(
      [self = shared_from_this()] { self->context_.table->Drained(self->stream_); });
}

void GrpcLink::EndAfterWrites(const absl::Status& reason) {
  if (closing_.has_value()) return;
  closing_ = reason;
  if (!writing_ && !std::exchange(ended_, true)) WireEnd(reason);
}

void GrpcLink::CloseAfterWrites(const absl::Status& reason) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    EndAfterWrites(reason);
  }
  context_.executor->RunAfter(kCloseGraceMicros, [self = shared_from_this()] { self->Cancel(); });
}

void GrpcLink::Cancel() {
  bool over = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (done_) return;
    if (queue_.size() > 1) queue_.erase(queue_.begin() + 1, queue_.end());
    EndAfterWrites(absl::UnavailableError("the stream was given up"));
    WireCancel();
    over = !reading_ && SetReadOver();
  }
  if (over) ReadingIsOver();
}

// True the first time.
bool GrpcLink::SetReadOver() { return !std::exchange(read_over_, true); }

void GrpcLink::HandleOpened(const std::string& peer) {
  context_.executor->Post([self = shared_from_this(), peer] {
    self->stream_ = self->context_.table->Open(self, peer);
  });
  const std::lock_guard<std::mutex> lock(mutex_);
  StartReading();
}

void GrpcLink::StartReading() {
  if (reading_ || read_over_ || unhandled_bytes_ >= kMaxUnhandledBytes) return;
  if (ended_ && !reads_after_end_) return;
  reading_ = true;
  WireRead(&inbound_);
}

void GrpcLink::HandleReadDone(bool ok) {
  if (!ok) return HandleReadOver();
  const std::lock_guard<std::mutex> lock(mutex_);
  reading_ = false;
  const size_t bytes = inbound_.ByteSizeLong();
  unhandled_bytes_ += bytes;
  context_.executor->Post([self = shared_from_this(), envelope = std::exchange(inbound_, {}),
                           bytes]() mutable { self->Deliver(std::move(envelope), bytes); });
  StartReading();
}

void GrpcLink::Deliver(wire::Envelope&& envelope, size_t bytes) {
  context_.table->Receive(stream_, std::move(envelope));
  const std::lock_guard<std::mutex> lock(mutex_);
  unhandled_bytes_ -= bytes;
  StartReading();
}

void GrpcLink::HandleReadOver() {
  bool over = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    reading_ = false;
    EndAfterWrites(absl::UnavailableError("the other side has closed the stream"));
    over = SetReadOver();
  }
  if (over) ReadingIsOver();
}

void GrpcLink::HandleClosed(const absl::Status& reason) { context_.table->Closed(stream_, reason); }

void GrpcLink::HandleDone() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  context_.live->Remove(this);
}

}  // namespace tidemark::rpc
