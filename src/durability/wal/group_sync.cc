// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/group_sync.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tidemark::durability {

void GroupSync::WriteAtTurnEnd() {
  if (turn_end_asked_) return;
  turn_end_asked_ = true;
  executor_->AtTurnEnd([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->AtTurnEnd();
  });
}

void GroupSync::SyncThrough(uint64_t position, std::function<void()> done) {
  if (position <= synced_) {
    executor_->Post([weak = weak_from_this(), round = round_, done = std::move(done)] {
      const auto self = weak.lock();
      if (self != nullptr && !self->stopped_ && self->round_ == round) done();
    });
    return;
  }
  waiters_.push_back({position, std::move(done)});
  WriteAtTurnEnd();
}

void GroupSync::AtTurnEnd() {
  turn_end_asked_ = false;
  if (!stopped_) WriteAndSync();
}

void GroupSync::WriteAndSync() {
  std::optional<Written> written = write_out_();
  if (!written) return;
  for (auto& file : written->files) {
    if (std::find(unsynced_.begin(), unsynced_.end(), file) == unsynced_.end()) {
      unsynced_.push_back(std::move(file));
    }
  }
  if (syncing_ || waiters_.empty()) return;
  syncing_ = true;
  sync_count_ += unsynced_.size();
  struct Outcome {
    bool failed = false;
    int64_t micros = 0;
  };
  const auto outcome = std::make_shared<Outcome>();
  watch_->Asked();
  executor_->Submit(
      env::JobQueue::kLogSync,
      [executor = executor_, clock = clock_, files = std::exchange(unsynced_, {}), outcome,
       watch = watch_] {
        const int64_t begin = clock == nullptr ? 0 : clock->NowMicros();
        for (const auto& file : files) {
          const absl::Status status = file->Sync();
          if (!status.ok()) {
            outcome->failed = true;
            return executor->Fail(status);
          }
          watch->Progressed();
        }
        if (clock != nullptr) outcome->micros = clock->NowMicros() - begin;
      },
      [weak = weak_from_this(), outcome, round = round_, position = written->position] {
        const auto self = weak.lock();
        if (self == nullptr || self->stopped_ || outcome->failed) return;
        self->last_sync_micros_ = outcome->micros;
        self->SyncDone(round, position);
      });
}

void GroupSync::SyncDone(uint64_t round, uint64_t position) {
  if (round != round_) return;
  syncing_ = false;
  watch_->Answered();
  synced_ = std::max(synced_, position);
  WakeWaiters();
}

void GroupSync::Resume(uint64_t synced) {
  CHECK(!syncing_);
  synced_ = std::max(synced_, synced);
  unsynced_.clear();
  WakeWaiters();
}

void GroupSync::WakeWaiters() {
  std::vector<Waiter> woken;
  for (auto it = waiters_.begin(); it != waiters_.end();) {
    if (it->position > synced_) {
      ++it;
      continue;
    }
    woken.push_back(std::move(*it));
    it = waiters_.erase(it);
  }
  if (!waiters_.empty()) WriteAndSync();
  const uint64_t round = round_;
  for (const Waiter& waiter : woken) {
    if (stopped_ || round != round_) return;
    waiter.done();
  }
}

void GroupSync::Restart() {
  ++round_;
  syncing_ = false;
  watch_->Answered();
  synced_ = 0;
  waiters_.clear();
  unsynced_.clear();
}

void GroupSync::CheckInvariants(uint64_t appended) const {
  CHECK_LE(synced_, appended);
  for (const Waiter& waiter : waiters_) {
    CHECK_GT(waiter.position, synced_);
    CHECK_LE(waiter.position, appended);
  }
}

}  // namespace tidemark::durability
