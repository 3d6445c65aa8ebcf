// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "catalog/schema.h"
#include "exec/fragment_runs.h"
#include "exec/query_run.h"
#include "exec/worker_port.h"
#include "query/plan/fragment.h"
#include "tests/exec/mini_cluster.h"

namespace tidemark::exec {

// The names of MiniCluster's ids: Person, Town, KNOWS, LIKES, name, age.
const catalog::NameTable& Names();
// Its indexes.
const catalog::SchemaTable& Schema();
// The plan of a query that must have one. The catalog is that of MiniCluster.
query::plan::Plan PlanOf(const std::string& text, uint32_t worker_count);

class Unlimited : public MemoryPool {
 public:
  bool TryTake(uint64_t bytes) override {
    used_bytes += bytes;
    return true;
  }
  void Give(uint64_t bytes) override { used_bytes -= bytes; }
  uint64_t limit_bytes() const override { return uint64_t{1} << 40; }

  uint64_t used_bytes = 0;
};

// Runs fragments at the shards of a MiniCluster, through the byte codings and in small slices.
// Answers come when Pump is called, of the workers in a random order.
// Owner, threads: the test. Outlives the queries.
class FragmentWorkers {
 public:
  FragmentWorkers(MiniCluster* cluster, uint64_t seed);

  // What the query gives, each row as text, in any order unless it sorts them. Afterwards no worker
  // has a run of it.
  absl::StatusOr<std::vector<std::string>> Rows(const query::plan::Plan& plan,
                                                const std::string& text, storage::View view);
  absl::StatusOr<std::vector<std::string>> Rows(const std::string& text, storage::View view) {
    return Rows(PlanOf(text, cluster_->worker_count()), text, view);
  }

  FragmentRuns& runs(NodeId worker) { return *runs_[worker.value() - 1]; }
  query::SlabPool* pool() { return &pool_; }
  size_t step_count() const { return step_count_; }
  size_t max_call_bytes() const { return max_call_bytes_; }
  size_t max_answer_bytes() const { return max_answer_bytes_; }
  uint64_t peak_bytes() const { return peak_bytes_; }

  int64_t slice_units = 100;

 private:
  class Port;
  class Run;
  using Answer = absl::StatusOr<std::string>;
  struct Message {
    storage::View view;
    FragmentStep step;
    std::function<void(const Answer&)> done;
  };

  // Works off a step of one of the workers; false when there is none.
  bool Pump();

  MiniCluster* const cluster_;
  query::SlabPool pool_;
  Unlimited memory_;
  std::vector<std::unique_ptr<FragmentRuns>> runs_;
  std::vector<std::deque<Message>> queues_;
  std::minstd_rand random_;
  uint64_t last_run_ = 0;
  size_t step_count_ = 0;
  size_t max_call_bytes_ = 0;
  size_t max_answer_bytes_ = 0;
  uint64_t peak_bytes_ = 0;
};

}  // namespace tidemark::exec
