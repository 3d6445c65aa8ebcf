// SPDX-License-Identifier: Apache-2.0
#include "txn/flush_rounds.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::txn {

void FlushRounds::Open(Csn csn) {
  CHECK(!open_);
  open_ = true;
  opened_at_ = csn;
  newest_ = {csn, {}};
  complete_ = newest_;
  missing_ = NodeSet();
  flushed_.clear();
}

void FlushRounds::Close() {
  open_ = false;
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
  CHECK(open_ && !under_way() && csn > started()) << "csn " << csn << " after " << started();
  newest_ = {csn, last};
  for (const auto& [node, newest] : last) {
    if (newest > FlushedOf(node)) missing_.Add(node);
  }
  if (missing_.empty()) complete_ = newest_;
  started_micros_ = now_micros;
  ++count_;
  return missing_;
}

void FlushRounds::OnFlushed(NodeId node, Csn csn) {
  if (csn != started() || !missing_.Contains(node)) return;
  missing_.Remove(node);
  NoteFlushed(node, csn);
  if (missing_.empty()) complete_ = newest_;
}

void FlushRounds::CheckInvariants() const {
  CHECK(open_ || !under_way());
  if (!open_) return;
  CHECK(opened_at_ <= complete_.csn && complete_.csn <= newest_.csn);
  CHECK_EQ(under_way(), complete_.csn != newest_.csn);
}

}  // namespace tidemark::txn
