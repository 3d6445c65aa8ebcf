// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "env/env.h"
#include "txn/participant_port.h"
#include "worker/recovery_task.h"

namespace tidemark::worker {

// Builds the shard of a worker from its files in the background, and says every two seconds in the
// log how far that is.
// Owner: Engine. Threads: the worker's loop; RecoverShard runs as a job.
// Errors: those of RecoverShard go to `done`. `done` is not called after this is gone.
class Recovery {
 public:
  using Done = std::function<void(absl::StatusOr<RecoveredShard>)>;

  // Does not own what is in `env`.
  Recovery(const env::Env& env, const ShardSettings& settings) : env_(env), settings_(settings) {}
  ~Recovery() { Cancel(); }
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  // REQUIRES: none is under way; what `source` points to does not change before `done`.
  void Start(const RecoverySource& source, const txn::RecoveryOrder& order, Done done);
  // The one under way ends soon, with an error. Nothing happens when there is none.
  void Cancel();
  // Of the one under way; null when there is none.
  const RecoveryProgress* progress() const { return progress_.get(); }

 private:
  void TellProgress();
  void OnJobDone(absl::StatusOr<RecoveredShard> result, const Done& done);

  const env::Env env_;
  const ShardSettings settings_;
  std::shared_ptr<RecoveryProgress> progress_;  // its job holds it too
  int64_t start_micros_ = 0;                    // of the newest
  Csn csn_;                                     // to which the newest replays
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
