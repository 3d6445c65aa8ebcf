// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "env/clock.h"
#include "exec/element_table.h"
#include "exec/graph_writer.h"
#include "exec/memory_account.h"
#include "exec/operators/operator.h"
#include "exec/procedure_port.h"
#include "graph/value.h"
#include "query/plan/fragment.h"

namespace tidemark::exec {

// What a node gives to the queries that run on it. Owner: the node; outlives its queries.
struct QueryHost {
  query::SlabPool* pool = nullptr;
  MemoryPool* memory = nullptr;
  uint64_t query_limit_bytes = 0;  // what one query may take
  const catalog::NameTable* names = nullptr;
  env::Clock* clock = nullptr;  // for PROFILE
  // Where functions of huge values are run; null: on the loop.
  query::eval::Background* background = nullptr;
};

// What a run needs of its transaction; null for a plan that does not touch the graph.
struct QueryPorts {
  WorkerPort* workers = nullptr;
  GraphWriter* writer = nullptr;
  ProcedurePort* procedures = nullptr;
  // A run that gave kWait can go on. Not called within Pull.
  std::function<void()> wake;
};

// The statement as expressions see it.
struct QueryInput {
  std::string_view statement;  // its text, for the places of errors
  std::vector<graph::Value> parameters;
  int64_t transaction_micros = 0;
  int64_t statement_micros = 0;
  uint64_t seed = 0;
  bool is_profiled = false;
};

// One run of the home fragment of a plan, from its first row to its last or to wherever it is
// dropped. Owner: the session. Threads: the loop. Errors: query::Error; then the run is of no use.
class QueryRun {
 public:
  // Plan, input, host and ports outlive the run.
  QueryRun(const query::plan::Plan& plan, const QueryInput& input, const QueryHost& host,
           const QueryPorts& ports);
  QueryRun(const QueryRun&) = delete;
  QueryRun& operator=(const QueryRun&) = delete;

  // The next batch of rows; works for about as many units as `units` says and takes them from it.
  absl::StatusOr<Pulled> Pull(int64_t* units, query::BatchRef* batch);

  // The last pull has paused because a job is under way for the run.
  bool waits_for_call() const { return environment_.waits_for_call; }

  MemoryAccount* account() { return &account_; }
  const MemoryAccount* account() const { return &account_; }
  const ElementTable& elements() const { return elements_; }
  const WriteCounters& counters() const { return counters_; }
  // Of PROFILE, or null.
  const Profile* profile() const { return context_.profile; }

 private:
  MemoryAccount account_;
  ElementTable elements_;
  WriteCounters counters_;
  query::eval::Environment environment_;
  RunContext context_;
  Profile profile_;
  std::unique_ptr<Operator> root_;
};

}  // namespace tidemark::exec
