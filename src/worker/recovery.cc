// SPDX-License-Identifier: Apache-2.0
#include "worker/recovery.h"

#include <utility>

#include "base/check.h"

namespace tidemark::worker {
namespace {

constexpr int64_t kProgressLineMicros = 2'000'000;

}  // namespace

void Recovery::Start(const RecoverySource& source, const txn::RecoveryOrder& order, Done done) {
  CHECK(progress_ == nullptr) << "a recovery is under way";
  CHECK(source.files != nullptr && source.wal != nullptr);
  CHECK(order.snapshot.csn <= order.csn);
  progress_ = std::make_shared<RecoveryProgress>();
  start_micros_ = env_.clock->NowMicros();
  csn_ = order.csn;
  TellProgress();
  const auto result =
      std::make_shared<absl::StatusOr<RecoveredShard>>(absl::InternalError("recovery did not run"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [source, order, settings = settings_, result, progress = progress_] {
        *result = RecoverShard(source, order, settings, progress.get());
      },
      [this, result, done = std::move(done), alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnJobDone(std::move(*result), done);
      });
}

void Recovery::OnJobDone(absl::StatusOr<RecoveredShard> result, const Done& done) {
  CHECK(progress_ != nullptr);
  CHECK(!result.ok() || result->shard != nullptr);
  const uint64_t mutation_count = progress_->mutations;
  progress_ = nullptr;
  if (result.ok()) {
    LOG(INFO) << "worker " << settings_.self << ": recovered " << mutation_count << " mutations in "
              << (env_.clock->NowMicros() - start_micros_) / 1000 << " ms";
  }
  done(std::move(result));
}

void Recovery::Cancel() {
  if (progress_ != nullptr) progress_->reads.cancelled = true;
}

// For people who wait.
void Recovery::TellProgress() {
  const auto tell = [this, progress = progress_, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired() || progress_ != progress) return;
    LOG(INFO) << "worker " << settings_.self << ": "
              << ProgressText(*progress, csn_, env_.clock->NowMicros() - start_micros_);
    TellProgress();
  };
  env_.executor->RunAfter(kProgressLineMicros, tell);
}

}  // namespace tidemark::worker
