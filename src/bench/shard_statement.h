// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/names.h"
#include "env/clock.h"
#include "exec/fragment_runs.h"
#include "exec/query_run.h"
#include "graph/value.h"
#include "query/plan/fragment.h"
#include "storage/shard.h"

namespace tidemark::bench {

// A statement over one shard, planned once and run as a session and its only worker run it, bytes
// between them and all, but without messages and in this thread.
// Owner: a suite. Threads: one.
class ShardStatement {
 public:
  // It may use no names. The shard outlives this.
  ShardStatement(storage::Shard* shard, std::string text);

  // The one integer that the statement gives.
  int64_t Run(storage::View view, std::vector<graph::Value> parameters);

 private:
  class Port;
  class Remote;
  class Unlimited : public exec::MemoryPool {
   public:
    bool TryTake(uint64_t) override { return true; }
    void Give(uint64_t) override {}
    uint64_t limit_bytes() const override { return uint64_t{1} << 40; }
  };

  storage::Shard* const shard_;
  const std::string text_;
  const catalog::NameTable names_;
  const query::plan::Plan plan_;
  Unlimited memory_;
  query::SlabPool pool_;
  exec::FragmentRuns runs_;
};

}  // namespace tidemark::bench
