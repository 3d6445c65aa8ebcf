// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/lru_cache.h"
#include "env/clock.h"
#include "env/executor.h"
#include "exec/background_jobs.h"
#include "exec/fragment_step.h"
#include "exec/memory_account.h"
#include "exec/operators/operator.h"
#include "exec/packed_graph.h"
#include "exec/write_gate.h"
#include "query/batch/slab_pool.h"
#include "storage/shard.h"

namespace tidemark::exec {

// So many runs may be open at a worker: results that are half read.
inline constexpr size_t kMaxFragmentRuns = 10'000;
inline constexpr size_t kMaxCachedFragments = 4'096;
inline constexpr size_t kMaxCachedFragmentBytes = size_t{32} << 20;

// Decoded fragments by their bytes: most calls bring one that was there before.
using FragmentCache = LruCache<std::shared_ptr<const query::plan::Fragment>>;

// What the runs of a worker share. Outlives them.
struct FragmentHost {
  query::SlabPool* pool = nullptr;
  MemoryPool* memory = nullptr;
  FragmentCache* fragments = nullptr;
  env::Clock* clock = nullptr;
  env::Executor* executor = nullptr;  // for functions of huge values; null: they run on the loop
  std::function<void()> job_done;     // called after each of its jobs
};

// Where a run works. The shard and the gate outlive it; a null gate is always open.
struct FragmentPlace {
  storage::Shard* shard = nullptr;
  storage::View view;
  WriteGate* gate = nullptr;
};

// One run of a fragment at a worker, from its first row to its last or to wherever it is dropped.
// It keeps ids and cursors between slices, never pointers into the shard.
// Owner: FragmentRuns, and the step under way. Threads: the shard's loop.
class FragmentRun {
 public:
  // Errors: kDataLoss for a malformed call.
  static absl::StatusOr<std::unique_ptr<FragmentRun>> Open(std::string call,
                                                           const FragmentPlace& place,
                                                           const FragmentHost& host);
  FragmentRun(const FragmentRun&) = delete;
  FragmentRun& operator=(const FragmentRun&) = delete;

  // Works for about so many units. True when the answer of this step is complete.
  absl::StatusOr<bool> RunSome(int64_t units);
  // What was found since the last call, encoded.
  std::string TakeAnswer();
  size_t answer_bytes() const { return answer_.size(); }
  bool has_ended() const { return has_ended_; }
  // It need not go on at once: a change waits for room in the log, or a job is under way.
  bool waits() const { return context_.waits_for_room || environment_.waits_for_call; }
  MemoryAccount* account() { return &account_; }
  // It does not go on: nobody is told of a job that ends.
  void Close() {
    if (background_.has_value()) background_->Close();
  }
  Csn read_csn() const { return context_.view.read_csn; }

 private:
  // Adds the rows from next_row_ on to the answer, as many as one part of it holds.
  absl::Status AppendSome();

  FragmentRun(std::string call, MemoryPool* memory)
      : bytes_(std::move(call)), account_(memory, memory->limit_bytes() / 2) {}

  const std::string bytes_;  // the call points into it
  FragmentCall call_;
  std::shared_ptr<const query::plan::Fragment> fragment_;
  MemoryAccount account_;
  std::optional<ShardGraph> graph_;
  std::optional<BackgroundJobs> background_;
  query::eval::Environment environment_;
  RunContext context_;
  Profile profile_;
  std::unique_ptr<Operator> root_;
  query::BatchRef rows_;  // found, and added to an answer up to next_row_
  size_t next_row_ = 0;
  size_t part_rows_ = query::kMaxBatchRows;  // so many fit into a part
  std::string answer_;
  bool has_ended_ = false;
};

class FragmentRuns;

// One step of a run, worked off in slices that a loop can bear. The first error ends the run: there
// is no answer, and a transaction that changes something must be aborted.
// Owner: whoever got it of FragmentRuns, which outlives it. Threads: the shard's loop.
class FragmentWork {
 public:
  using Key = std::pair<TxId, uint64_t>;

  FragmentWork(FragmentRuns* runs, const FragmentPlace& place, FragmentStep step);
  ~FragmentWork();
  FragmentWork(const FragmentWork&) = delete;
  FragmentWork& operator=(const FragmentWork&) = delete;

  // Works for about `max_units` entries looked at; 16,384 take about 0.2 ms. True when the step has
  // ended; then it does nothing more. REQUIRES: max_units > 0.
  bool RunSome(int64_t max_units);
  // The last slice has ended early: a change must wait for room in the log, or a job is under way.
  bool waits() const { return run_ != nullptr && run_->waits(); }
  const absl::Status& status() const { return status_; }
  // Of the answer so far.
  size_t answer_bytes() const { return run_ == nullptr ? 0 : run_->answer_bytes(); }
  // REQUIRES: RunSome gave true, status() is ok. Once.
  std::string TakeAnswer();

 private:
  FragmentRuns* const runs_;
  const FragmentPlace place_;
  const Key key_;
  // Begins with the first slice: to decode the rows of a call is a part of it.
  std::optional<FragmentStep> step_;
  absl::Status status_;
  std::shared_ptr<FragmentRun> run_;  // null without an error: there is nothing to do
};

// The runs that are open at a worker. A run ends with its last row, when its home closes it, with
// its transaction, and at the latest when nobody can read at its csn any more.
// Owner: the worker. Threads: the shard's loop.
class FragmentRuns : private MemoryPool {
 public:
  // `limit_bytes` is what all runs may take together; a large run is freed by a job of the
  // executor: without one all are freed at once. Without a clock no run tells how long it took.
  // Both outlive this. A run that waits for a job can go on when `job_done` is called.
  explicit FragmentRuns(uint64_t limit_bytes, env::Executor* executor = nullptr,
                        env::Clock* clock = nullptr, std::function<void()> job_done = nullptr)
      : limit_bytes_(limit_bytes),
        executor_(executor),
        clock_(clock),
        job_done_(std::move(job_done)) {}

  // The work of one step.
  std::unique_ptr<FragmentWork> MakeWork(const FragmentPlace& place, FragmentStep step);
  void Remove(TxId tx);
  void RemoveBelow(Csn horizon);
  void Clear();
  size_t size() const { return runs_.size(); }

 private:
  friend class FragmentWork;
  using Key = FragmentWork::Key;

  // The run that a step is about; null when it closes one.
  absl::StatusOr<std::shared_ptr<FragmentRun>> FindRun(const FragmentPlace& place,
                                                       FragmentStep step);
  absl::StatusOr<std::shared_ptr<FragmentRun>> OpenRun(const FragmentPlace& place,
                                                       FragmentStep step);
  // Forgets a run. The last who does frees it.
  void Drop(std::shared_ptr<FragmentRun> run);
  bool TryTake(uint64_t bytes) override;
  void Give(uint64_t bytes) override { used_bytes_ -= bytes; }
  uint64_t limit_bytes() const override { return limit_bytes_; }

  const uint64_t limit_bytes_;
  env::Executor* const executor_;
  env::Clock* const clock_;
  const std::function<void()> job_done_;
  uint64_t used_bytes_ = 0;
  // Shared with runs that are being freed, which may outlive this.
  const std::shared_ptr<query::SlabPool> pool_ = std::make_shared<query::SlabPool>();
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  FragmentCache fragments_{kMaxCachedFragments, kMaxCachedFragmentBytes};
  std::map<Key, std::shared_ptr<FragmentRun>> runs_;
};

}  // namespace tidemark::exec
