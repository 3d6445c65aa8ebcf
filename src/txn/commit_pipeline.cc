// SPDX-License-Identifier: Apache-2.0
#include "txn/commit_pipeline.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "txn/options.h"

namespace tidemark::txn {

void CommitPipeline::Open(Epoch epoch, Csn visible, Csn watermark,
                          const std::map<NodeId, Csn>& last) {
  CHECK(!open_ && epoch > epoch_ && watermark <= visible);
  open_ = true;
  epoch_ = epoch;
  visible_ = visible;
  watermark_ = watermark;
  assigned_ = visible;
  in_flight_.clear();
  applied_.clear();
  last_visible_ = last;
  last_assigned_ = last;
  times_.clear();
}

void CommitPipeline::Close() { open_ = false; }

Csn CommitPipeline::Assign(TxId tx, NodeSet participants, int64_t now_micros) {
  CHECK(open_ && !participants.empty());
  assigned_ = assigned_.Next();
  in_flight_.push_back({assigned_, tx, participants});
  participants.ForEach([&](NodeId participant) { last_assigned_[participant] = assigned_; });
  // A commit without a time of its own counts as given out with those before it. Commits wait for
  // old unflushed ones long before there are so many times, except without a WAL, where only
  // snapshots move the watermark and nobody asks for times.
  const bool is_later = times_.empty() || times_.back().second != now_micros;
  if (is_later && times_.size() < kMaxCommitTimeCount) times_.emplace_back(assigned_, now_micros);
  return assigned_;
}

bool CommitPipeline::OnApplied(NodeId node, Csn csn) {
  if (!open_ || csn > assigned_) return false;
  Csn& applied = applied_[node];
  applied = std::max(applied, csn);
  const Csn before = visible_;
  while (!in_flight_.empty()) {
    const InFlight& next = in_flight_.front();
    bool everywhere = true;
    next.participants.ForEach([&](NodeId participant) {
      const auto it = applied_.find(participant);
      everywhere &= it != applied_.end() && it->second >= next.csn;
    });
    if (!everywhere) break;
    visible_ = next.csn;
    next.participants.ForEach([&](NodeId participant) { last_visible_[participant] = next.csn; });
    in_flight_.pop_front();
  }
  return visible_ > before;
}

void CommitPipeline::SetWatermark(Csn csn) {
  CHECK(open_ && csn >= watermark_ && csn <= visible_)
      << "watermark " << csn << " outside " << watermark_ << " ... " << visible_;
  watermark_ = csn;
  while (times_.size() >= 2 && times_[1].first <= csn.Next()) times_.pop_front();
}

std::optional<int64_t> CommitPipeline::OldestUnflushedMicros() const {
  if (watermark_ == assigned_ || times_.empty()) return std::nullopt;
  return times_.front().second;
}

void CommitPipeline::Wait(CommitId id, TxId tx, Until until, CommitCallback done) {
  CHECK(id.epoch == epoch_ && id.csn <= assigned_) << id << " in epoch " << epoch_;
  Waiters& waiters = until == Until::kVisible ? visible_waiters_ : watermark_waiters_;
  waiters.emplace(id, Waiter{tx, std::move(done)});
}

bool CommitPipeline::HasWatermarkWaiter(Csn after, Csn up_to) const {
  const auto first = watermark_waiters_.lower_bound({epoch_, after.Next()});
  return first != watermark_waiters_.end() && first->first.csn <= up_to;
}

void CommitPipeline::TakeUpTo(Csn csn, Waiters* waiters, std::vector<Verdict>* out) {
  const bool by_csn_alone = PlantedBug("waiter-keyed-by-csn");
  for (auto it = waiters->begin(); it != waiters->end() && it->first.csn <= csn;) {
    if (!by_csn_alone && it->first.epoch != epoch_) {  // only a recovery decides about it
      ++it;
      continue;
    }
    out->push_back({std::move(it->second.done), it->first});
    it = waiters->erase(it);
  }
}

std::vector<Verdict> CommitPipeline::TakeReady() {
  std::vector<Verdict> ready;
  if (!open_) return ready;
  TakeUpTo(visible_, &visible_waiters_, &ready);
  Csn durable = watermark_;
  if (PlantedBug("watermark-by-tx-id")) {  // takes start order for commit order
    TxId newest;
    for (const auto& [id, waiter] : watermark_waiters_) {
      if (id.csn <= watermark_) newest = std::max(newest, waiter.tx);
      if (id.csn <= visible_ && waiter.tx < newest) durable = id.csn;
    }
  }
  TakeUpTo(durable, &watermark_waiters_, &ready);
  return ready;
}

std::vector<Verdict> CommitPipeline::TakeRecovered(const durability::MasterLogState& log) {
  std::vector<Verdict> verdicts;
  if (PlantedBug("waiter-keyed-by-csn")) return verdicts;
  for (Waiters* waiters : {&visible_waiters_, &watermark_waiters_}) {
    for (auto& [id, waiter] : *waiters) {
      absl::StatusOr<CommitId> result = id;
      if (log.IsDead(id.epoch, id.csn)) {
        result = absl::UnavailableError(
            absl::StrCat("a recovery has undone transaction ", waiter.tx.value(), " (csn ",
                         id.csn.value(), " of epoch ", id.epoch.value(), "); it may be retried"));
      }
      verdicts.push_back({std::move(waiter.done), std::move(result)});
    }
    waiters->clear();
  }
  return verdicts;
}

std::vector<Verdict> CommitPipeline::TakeAll(const absl::Status& reason) {
  std::vector<Verdict> verdicts;
  for (Waiters* waiters : {&visible_waiters_, &watermark_waiters_}) {
    for (auto& [id, waiter] : *waiters) verdicts.push_back({std::move(waiter.done), reason});
    waiters->clear();
  }
  return verdicts;
}

void CommitPipeline::CheckInvariants() const {
  CHECK_LE(watermark_.value(), visible_.value());
  CHECK_LE(visible_.value(), assigned_.value());
  Csn expected = visible_.Next();
  for (const InFlight& commit : in_flight_) {
    CHECK(commit.csn == expected && !commit.participants.empty());
    expected = expected.Next();
  }
  CHECK(expected == assigned_.Next());
  CHECK_LE(times_.size(), kMaxCommitTimeCount);
  for (const auto& [node, csn] : last_visible_) CHECK(csn <= visible_) << "worker " << node;
  // An epoch never goes back, V not within one, W not at all.
  CHECK((CommitId{epoch_, visible_}) >= checked_visible_) << visible_ << " in " << epoch_;
  CHECK(epoch_ >= checked_watermark_.epoch && watermark_ >= checked_watermark_.csn) << watermark_;
  checked_visible_ = {epoch_, visible_};
  checked_watermark_ = {epoch_, watermark_};
}

}  // namespace tidemark::txn
