// SPDX-License-Identifier: Apache-2.0
#include "txn/watermark_keeper.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "txn/recovery_plan.h"

namespace tidemark::txn {

bool WatermarkKeeper::IsDue(Csn csn) const {
  const CoordinatorOptions& options = context_.options;
  if (!options.wal || rounds_.under_way() || csn <= rounds_.started()) return false;
  if (context_.pipeline.HasWatermarkWaiter(rounds_.started(), csn)) return true;
  if (!waiters_.empty() || context_.state == ClusterState::kStopping) return true;
  return context_.now_micros - rounds_.started_micros() >= options.wal_flush_interval_micros;
}

void WatermarkKeeper::Advance() {
  LogWatermark();
  StartRound();
  LogWatermark();  // a round that no worker needs to answer is complete
  const Csn watermark = context_.watermark();
  while (!waiters_.empty() && waiters_.front().csn <= watermark) {
    context_.callbacks.Add(
        [done = std::move(waiters_.front().done), watermark] { done(watermark); });
    waiters_.pop_front();
  }
}

// Streams are ordered: a worker that has Flush{C} has logged every commit <= C that is its own.
void WatermarkKeeper::StartRound() {
  const CommitPipeline& pipeline = context_.pipeline;
  const bool all_sent = !queue_.schema_is_logging();
  const Csn csn = all_sent ? pipeline.assigned() : pipeline.visible();
  if (!IsDue(csn)) return;
  const auto& last = all_sent ? pipeline.last_assigned() : pipeline.last_visible();
  rounds_.Start(csn, last, context_.now_micros).ForEach([&](NodeId node) {
    progress_.SendTo(node);
    wire::Frame frame;
    frame.mutable_flush()->set_csn(csn.value());
    context_.Send(node, std::move(frame));
  });
}

// What is flushed and visible.
void WatermarkKeeper::LogWatermark() {
  if (!context_.options.wal) return;
  const FlushRounds::Round& flushed = rounds_.complete();
  const Csn csn = std::min(flushed.csn, context_.visible());
  const Csn appended = context_.book.appended_watermark();
  if (csn <= appended) return;  // a snapshot may say more
  // The rest of a round becomes visible soon: it waits for a sync of the log that is under way.
  if (csn < flushed.csn && appended > context_.watermark()) return;
  durability::WatermarkRecord record;
  record.epoch = context_.epoch();
  record.csn = csn;
  const auto& newest = csn < flushed.csn ? context_.pipeline.last_visible() : flushed.last;
  for (uint32_t id = 1; id <= context_.worker_count(); ++id) {
    const auto last = newest.find(NodeId(id));
    record.last.push_back({NodeId(id), last == newest.end() ? Csn() : last->second});
  }
  if (PlantedBug("watermark-before-log-sync")) Raise(csn);
  context_.Append(record, [this, now = context_.epoch(), csn] {
    if (context_.working() && context_.epoch() == now) Raise(csn);
  });
}

void WatermarkKeeper::Raise(Csn csn) {
  if (csn > context_.watermark()) context_.pipeline.SetWatermark(csn);
}

void WatermarkKeeper::Request(Callback done) {
  if (context_.options.wal) {
    waiters_.push_back({context_.visible(), std::move(done)});
    return;
  }
  context_.callbacks.Add([done = std::move(done)] {
    done(absl::FailedPreconditionError("the WAL is off: take a snapshot instead"));
  });
}

void WatermarkKeeper::Close(const absl::Status& reason) {
  for (Waiter& waiter : waiters_) {
    context_.callbacks.Add([done = std::move(waiter.done), reason] { done(reason); });
  }
  waiters_.clear();
  rounds_.Close();
}

void WatermarkKeeper::CheckInvariants() const {
  rounds_.CheckInvariants();
  CHECK(std::is_sorted(waiters_.begin(), waiters_.end(),
                       [](const Waiter& a, const Waiter& b) { return a.csn < b.csn; }));
  if (context_.failed) return;
  CHECK(context_.working() || (!rounds_.under_way() && waiters_.empty()));
  // What W claims is what the log says: nothing else survives this process.
  if (context_.state == ClusterState::kOpen && context_.options.wal) {
    CHECK(context_.watermark() <= WatermarkOf(context_.log()))
        << context_.watermark() << " above the log's";
  }
}

}  // namespace tidemark::txn
