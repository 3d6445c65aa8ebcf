// SPDX-License-Identifier: Apache-2.0
#include "txn/flush_rounds.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::txn {

void FlushRounds::Open(Csn csn) {
  CHECK(!open_);
  open_ = true;
  with_workers_ = false;
  started_ = csn;
  opened_at_ = csn;
  missing_ = NodeSet();
  flushed_.clear();
}

void FlushRounds::Close() {
  open_ = false;
  with_workers_ = false;
  missing_ = NodeSet();
}

Csn FlushRounds::FlushedOf(NodeId node) const {
  const auto it = flushed_.find(node);
  return it == flushed_.end() ? opened_at_ : std::max(it->second, opened_at_);
}

void FlushRounds::NoteFlushed(NodeId node, Csn csn) {
  Csn& flushed = flushed_[node];
  flushed = std::max(flushed, csn);
}

NodeSet FlushRounds::Start(Csn csn, const std::map<NodeId, Csn>& last, int64_t now_micros) {
  CHECK(open_ && !with_workers_ && csn > started_) << "csn " << csn << " after " << started_;
  with_workers_ = true;
  started_ = csn;
  last_ = last;
  missing_ = NodeSet();
  for (const auto& [node, newest] : last) {
    if (newest > FlushedOf(node)) missing_.Add(node);
  }
  started_micros_ = now_micros;
  ++count_;
  return missing_;
}

bool FlushRounds::OnFlushed(NodeId node, Csn csn) {
  if (!with_workers_ || csn != started_ || !missing_.Contains(node)) return false;
  missing_.Remove(node);
  NoteFlushed(node, csn);
  return true;
}

std::optional<FlushRounds::Complete> FlushRounds::TakeComplete() {
  if (!with_workers_ || !missing_.empty()) return std::nullopt;
  with_workers_ = false;
  return Complete{started_, last_};
}

void FlushRounds::CheckInvariants() const {
  CHECK(open_ || !with_workers_);
  CHECK(with_workers_ || missing_.empty());
  if (!open_) return;
  CHECK_GE(started_.value(), opened_at_.value());
}

}  // namespace tidemark::txn
