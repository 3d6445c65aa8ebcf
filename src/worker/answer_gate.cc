// SPDX-License-Identifier: Apache-2.0
#include "worker/answer_gate.h"

#include "base/check.h"
#include "base/planted_bug.h"
#include "rpc/limits.h"

namespace tidemark::worker {

void AnswerGate::Add(wire::Frame frame) {
  CHECK(frame.has_executed());
  const size_t bytes = frame.executed().results().size();
  const bool is_small = bytes <= kSmallAnswerBytes && unsent_bytes_() <= kMaxSmallUnsentBytes;
  if (is_small || PlantedBug("bulk-not-held-back")) return send_(std::move(frame));
  held_bytes_ += bytes;
  held_.push_back(std::move(frame));
  SendSome();
}

void AnswerGate::SendSome() {
  while (!held_.empty() && unsent_bytes_() <= rpc::kDrainedBytes) {
    CHECK_GE(held_bytes_, held_.front().executed().results().size());
    held_bytes_ -= held_.front().executed().results().size();
    wire::Frame frame = std::move(held_.front());
    held_.pop_front();
    send_(std::move(frame));
  }
}

void AnswerGate::Clear() {
  held_.clear();
  held_bytes_ = 0;
}

void AnswerGate::CheckInvariants() const {
  size_t bytes = 0;
  for (const wire::Frame& frame : held_) bytes += frame.executed().results().size();
  CHECK_EQ(bytes, held_bytes_);
}

}  // namespace tidemark::worker
