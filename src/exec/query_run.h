// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exec/memory_account.h"
#include "exec/operators/operator.h"
#include "graph/value.h"
#include "query/plan/fragment.h"

namespace tidemark::exec {

// A slice of work on a query: about 0.1 ms. What may take longer goes on in a later step.
inline constexpr int64_t kSliceUnits = 8'192;

// What a node gives to the queries that run on it. Owner: the node; outlives its queries.
struct QueryHost {
  query::SlabPool* pool = nullptr;
  MemoryPool* memory = nullptr;
  uint64_t query_limit_bytes = 0;  // what one query may take
};

// The statement as expressions see it.
struct QueryInput {
  std::string_view statement;  // its text, for the places of errors
  std::vector<graph::Value> parameters;
  int64_t transaction_micros = 0;
  int64_t statement_micros = 0;
  uint64_t seed = 0;
};

// One run of the home fragment of a plan, from its first row to its last or to wherever it is
// dropped. Owner: the session. Threads: the loop. Errors: query::Error; then the run is of no use.
class QueryRun {
 public:
  // The plan, the statement's text and the host outlive the run.
  QueryRun(const query::plan::Plan& plan, QueryInput input, const QueryHost& host);
  QueryRun(const QueryRun&) = delete;
  QueryRun& operator=(const QueryRun&) = delete;

  // The next batch of rows; works for about as many units as `units` says and takes them from it.
  absl::StatusOr<Pulled> Pull(int64_t* units, query::BatchRef* batch);

  const Operator& root() const { return *root_; }

 private:
  const QueryInput input_;
  MemoryAccount account_;
  query::eval::Environment environment_;
  RunContext context_;
  std::unique_ptr<Operator> root_;
};

}  // namespace tidemark::exec
