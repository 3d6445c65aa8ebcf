// SPDX-License-Identifier: Apache-2.0
#include "txn/snapshot_rounds.h"

#include <utility>

#include "base/check.h"

namespace tidemark::txn {

void SnapshotRounds::Start(CommitId id, NodeSet workers, const std::map<NodeId, Csn>& last) {
  CHECK(!active_);
  active_ = true;
  with_log_ = false;
  ++number_;
  id_ = id;
  missing_ = workers;
  last_ = last;
  parts_.clear();
}

Csn SnapshotRounds::LastOf(NodeId node) const {
  const auto it = last_.find(node);
  return it == last_.end() ? Csn() : it->second;
}

bool SnapshotRounds::OnTaken(const durability::SnapshotCompleteRecord::Part& part,
                             uint64_t number) {
  if (!active_ || with_log_ || number != number_ || !missing_.Contains(part.node)) return false;
  missing_.Remove(part.node);
  parts_[part.node] = part;
  return true;
}

std::optional<durability::SnapshotCompleteRecord> SnapshotRounds::TakeComplete() {
  if (!active_ || with_log_ || !missing_.empty()) return std::nullopt;
  with_log_ = true;
  durability::SnapshotCompleteRecord record;
  record.epoch = id_.epoch;
  record.csn = id_.csn;
  for (const auto& [node, part] : parts_) record.parts.push_back(part);
  return record;
}

std::vector<SnapshotRounds::Callback> SnapshotRounds::Finish() {
  active_ = false;
  with_log_ = false;
  missing_ = NodeSet();
  parts_.clear();
  return std::exchange(waiters_, {});
}

void SnapshotRounds::CheckInvariants() const {
  CHECK(active_ || (!with_log_ && missing_.empty() && parts_.empty()));
  CHECK(!with_log_ || missing_.empty());
  for (const auto& [node, part] : parts_) CHECK(part.node == node && !missing_.Contains(node));
}

}  // namespace tidemark::txn
