// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "env/env.h"
#include "exec/query_run.h"
#include "query/batch/slab_pool.h"
#include "session/backend.h"
#include "session/plan_cache.h"
#include "session/result_stream.h"
#include "session/statement.h"

namespace tidemark::session {

// A longer text is made ready by a job, because the loop must not be held up by it.
inline constexpr size_t kMaxTextOnLoopBytes = 4 << 10;
// One with more variables too, named or not.
inline constexpr size_t kMaxVariablesOnLoop = 64;

// What all sessions of a node share to run statements.
// Owner: the QueryFront; outlives its sessions. Threads: the loop.
class QueryNode : private exec::MemoryPool {
 public:
  using Prepared = absl::StatusOr<std::shared_ptr<const PreparedStatement>>;

  // The backend and what env points to outlive the node.
  QueryNode(Backend* backend, const env::Env& env);

  // Makes a statement, a string, ready for a transaction that reads at `read_csn`; `done` is called
  // inside of the call or later, not after `alive` has gone.
  void PrepareStatement(graph::Value text, Csn read_csn, std::weak_ptr<void> alive,
                        std::function<void(Prepared)> done);

  // Destroys a result; a large one in the background.
  void Drop(std::unique_ptr<ResultStream> rows);

  env::Executor* executor() const { return env_.executor; }
  Backend* backend() const { return backend_; }
  const exec::QueryHost& host() const { return host_; }
  int64_t NowMicros() const { return env_.clock->NowMicros(); }
  int64_t WallMicros() const { return env_.clock->WallMicros(); }
  uint64_t RandomBits() const { return env_.random->Next(); }

 private:
  void PrepareOnce(graph::Value text, Csn read_csn, std::weak_ptr<void> alive,
                   std::function<void(Prepared)> done);
  void PrepareByJob(graph::Value text, const StatementContext& context, std::weak_ptr<void> alive,
                    std::function<void(Prepared)> done);
  StatementContext ContextAt(Csn read_csn) const;
  // exec::MemoryPool: what queries take is a part of what results may take.
  bool TryTake(uint64_t bytes) override;
  void Give(uint64_t bytes) override;
  uint64_t limit_bytes() const override;

  // The names as they are now, for a job.
  std::shared_ptr<const catalog::NameTable> CopyNames();

  Backend* const backend_;
  const env::Env env_;
  exec::QueryHost host_;
  std::shared_ptr<const catalog::NameTable> copied_names_;
  PlanCache plans_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::session
