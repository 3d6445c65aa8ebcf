// SPDX-License-Identifier: Apache-2.0
#include "worker/slice_scheduler.h"

#include <optional>

#include "base/check.h"

namespace tidemark::worker {
namespace {

// One turn in this many goes to background work while there is other work.
constexpr uint64_t kBackgroundShare = 10;
// Clients that wanted nothing for so long are not at work.
constexpr int64_t kQuietMicros = 20'000;
// A write that waits for room in the log asks again, and so does what waits for a job.
constexpr int64_t kWaitMicros = 1'000;

}  // namespace

SliceScheduler::SliceScheduler(EngineContext* context, const Work& work)
    : context_(context), work_(work) {
  CHECK(work.commits != nullptr && work.fragments != nullptr && work.bulk != nullptr);
}

void SliceScheduler::Wake() {
  if (awake_) return;
  awake_ = true;
  context_->env.executor->Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    awake_ = false;
    RunTurn();
  });
}

void SliceScheduler::WakeLater() {
  if (awake_ || put_off_) return;
  put_off_ = true;
  context_->env.executor->PostLater([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    put_off_ = false;
    RunTurn();
  });
}

void SliceScheduler::WakeForClient() {
  client_micros_ = context_->env.clock->NowMicros();
  work_.fragments->is_in_the_middle() ? WakeLater() : Wake();
}

void SliceScheduler::WakeForGarbage() {
  collecting_ = true;
  Wake();
}

void SliceScheduler::WakeAfter(int64_t delay_micros) {
  CHECK_GT(delay_micros, 0);
  if (wake_awaited_) return;
  wake_awaited_ = true;
  context_->env.executor->RunAfter(delay_micros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    wake_awaited_ = false;
    AskAgain();
  });
}

void SliceScheduler::AskAgain() {
  work_.fragments->AskAgain();
  Wake();
}

// Large operations go on when there is memory, or after so many pauses, unless small ones wait.
bool SliceScheduler::LacksMemory() const {
  if (!context_->env.executor->memory_is_low()) return false;
  const FragmentQueue& fragments = *work_.fragments;
  if (work_.commits->applying()) return !fragments.has_work();
  return fragments.has_work() && fragments.is_in_the_middle();
}

void SliceScheduler::RunTurn() {
  const FragmentQueue& fragments = *work_.fragments;
  if (low_memory_pauses_ < env::kMaxLowMemoryPauses && LacksMemory()) {
    ++low_memory_pauses_;
    return WakeAfter(env::kLowMemoryPauseMicros);
  }
  low_memory_pauses_ = 0;
  if (work_.commits->applying()) work_.commits->ApplySlice();
  // Operations that wait for room for their answers go on when answers were taken.
  const bool fragments_ran = RunFragments();
  const bool applying = work_.commits->applying();
  const bool foreground = applying || (fragments_ran && fragments.has_work());
  if (fragments.waits()) WakeAfter(kWaitMicros);
  ++turn_count_;
  if (!foreground || work_.bulk->is_late() || turn_count_ % kBackgroundShare == 0) RunBackground();
  if (!foreground && !collecting_) return;
  if (LacksMemory()) {
    WakeAfter(env::kLowMemoryPauseMicros);
  } else if (foreground && !applying && fragments.is_in_the_middle()) {
    WakeLater();
  } else {
    Wake();
  }
}

// Beside a large commit operations get as much as the commit does. Nobody reads at its csn before
// all of it is applied, and what is applied so far is hidden from older readers as it is later.
// Small batches share one turn: else each would wait for a slice of the commit.
bool SliceScheduler::RunFragments() {
  const int64_t batch_count = work_.commits->applying() ? kOperationsBesideCommit : 1;
  for (int64_t i = 0; i < batch_count; ++i) {
    const int64_t begun_micros = context_->env.clock->NowMicros();
    const std::optional<TxId> tx =
        work_.fragments->RunSlice(pace_.units() / batch_count, context_->events->HeldAnswerBytes());
    if (!tx.has_value()) return i > 0;
    const int64_t micros = context_->env.clock->NowMicros() - begun_micros;
    work_.fragments->pauses() ? pace_.Note(micros) : pace_.NoteShort(micros);
    work_.fragments->NoteTime(*tx, micros);
    work_.commits->NoteWrites(*tx);
  }
  return true;
}

void SliceScheduler::RunBackground() {
  if (collecting_) collecting_ = !context_->shard->CollectSome(kSliceUnits);
  const bool quiet = context_->env.clock->NowMicros() - client_micros_ > kQuietMicros;
  const std::optional<int64_t> pause_micros = work_.bulk->RunSlice(quiet);
  if (!pause_micros.has_value()) return;
  if (*pause_micros == 0) {
    Wake();
  } else {
    WakeAfter(*pause_micros);
  }
}

}  // namespace tidemark::worker
