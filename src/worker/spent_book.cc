// SPDX-License-Identifier: Apache-2.0
#include "worker/spent_book.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::worker {

void SpentBook::OnReceive(const wire::Frame& frame) {
  uint64_t key = 0;
  if (frame.has_execute()) {
    key = frame.execute().request();
  } else if (frame.has_commit()) {
    key = frame.commit().csn();
  } else if (frame.has_flush()) {
    key = frame.flush().csn();
  } else {
    return;
  }
  CHECK_LE(open_.size(), kMaxOpenCount);
  if (open_.size() == kMaxOpenCount) open_.pop_front();
  open_.push_back({frame.body_case(), key, clock_->NowMicros()});
}

void SpentBook::OnSend(wire::Frame* frame, int64_t sync_micros) {
  const auto answers = [frame](const Open& open) {
    switch (open.kind) {
      case wire::Frame::kExecute:
        return frame->has_executed() && frame->executed().request() == open.key;
      case wire::Frame::kCommit:
        return frame->has_applied() && frame->applied().csn() >= open.key;
      default:
        return frame->has_flushed() && frame->flushed().csn() >= open.key;
    }
  };
  const auto newest = std::find_if(open_.rbegin(), open_.rend(), answers);
  if (newest == open_.rend()) return;
  const int64_t total = clock_->NowMicros() - newest->since_micros;
  CHECK_GE(total, 0);
  frame->mutable_spent()->set_total_micros(static_cast<uint64_t>(total));
  if (frame->has_flushed()) {
    frame->mutable_spent()->set_sync_micros(static_cast<uint64_t>(std::min(sync_micros, total)));
  }
  std::erase_if(open_, answers);
}

}  // namespace tidemark::worker
