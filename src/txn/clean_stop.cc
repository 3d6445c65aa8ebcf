// SPDX-License-Identifier: Apache-2.0
#include "txn/clean_stop.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::txn {

void CleanStop::Begin(bool with_snapshot) {
  CHECK(context_.state == ClusterState::kStopping);
  advanced_micros_ = context_.now_micros;
  next_notice_micros_ = context_.now_micros + kStopNoticeMicros;
  with_snapshot_ = with_snapshot && snapshots_.has_news();
  if (!with_snapshot && snapshots_.active() && !snapshots_.has_waiter()) {
    snapshots_.Close(absl::UnavailableError("the cluster is being stopped"));
  }
}

bool CleanStop::IsComplete() {
  if (context_.state != ClusterState::kStopping) return false;
  if (!queue_.empty() || context_.pipeline.unapplied_count() > 0) return false;
  if (snapshots_.active()) return false;
  // The last flush is under way.
  if (context_.options.wal && context_.watermark() < context_.visible()) return false;
  if (!with_snapshot_) return true;
  with_snapshot_ = false;  // one try: without it there is more to replay, no harm
  if (!snapshots_.has_news()) return true;
  snapshots_.Request([](const absl::StatusOr<CommitId>&) {});
  snapshots_.Advance();
  return false;
}

bool CleanStop::IsOverdue() {
  if (context_.state != ClusterState::kStopping) return false;
  const int64_t now_micros = context_.now_micros;
  const bool snapshot = snapshots_.active();
  const uint64_t bytes = SnapshotBytes();
  if (snapshot && bytes != snapshot_bytes_) {
    snapshot_bytes_ = bytes;
    advanced_micros_ = now_micros;
  }
  const int64_t limit_micros = snapshot ? kSnapshotStallMicros : kStopLimitMicros;
  if (now_micros - std::max(advanced_micros_, snapshots_.ended_micros()) >= limit_micros) {
    context_.port->Log(absl::StrCat("the stop waits no longer: ", Describe()));
    return true;
  }
  if (snapshot && now_micros >= next_notice_micros_) {
    next_notice_micros_ = now_micros + kStopNoticeMicros;
    context_.port->Log(absl::StrCat("stopping: ", Describe()));
  }
  return false;
}

uint64_t CleanStop::SnapshotBytes() const {
  uint64_t bytes = 0;
  context_.members.connected().ForEach(
      [&](NodeId node) { bytes += context_.members.Find(node)->figures.snapshot_bytes(); });
  return bytes;
}

std::string CleanStop::Describe() const {
  if (snapshots_.active()) {
    std::string text;
    snapshots_.missing().ForEach([&](NodeId node) {
      const uint32_t permille = context_.members.Find(node)->figures.snapshot_permille();
      absl::StrAppend(&text, text.empty() ? "" : ", ", "worker ", node.value(),
                      " writes its snapshot (", permille / 10, " %)");
    });
    return text.empty() ? "the snapshot is being noted in the master log" : text;
  }
  const uint64_t commit_count = queue_.size() + context_.pipeline.unapplied_count();
  if (commit_count > 0) return absl::StrCat(commit_count, " commits are under way");
  return "the last flush is under way";
}

}  // namespace tidemark::txn
