// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "exec/query_run.h"
#include "graph/value_sink.h"
#include "query/batch/batch.h"
#include "session/front.h"
#include "session/statement.h"

namespace tidemark::session {

// The rows of a statement that runs, one after the other.
// Owner: the session. Threads: the loop. Errors: of the statement.
class ResultStream {
 public:
  enum class Step : uint8_t {
    kRow,    // the next row is there
    kEnd,    // there is none
    kPause,  // the slice is used up
  };

  // The host outlives the stream. EXPLAIN runs nothing.
  ResultStream(std::shared_ptr<const PreparedStatement> statement, exec::QueryInput input,
               const exec::QueryHost& host);

  // Finds the next row that was neither taken nor skipped.
  absl::StatusOr<Step> Find(int64_t* units);
  // REQUIRES for both: Find gave kRow.
  void Write(graph::ValueSink* sink) const;
  void Skip() { ++next_row_; }

  const PreparedStatement& statement() const { return *statement_; }
  // Of EXPLAIN and PROFILE.
  std::optional<PlanNode> Plan() const;

 private:
  PlanNode ToPlanNode(const query::plan::Operator& node, const exec::Operator* run) const;

  const std::shared_ptr<const PreparedStatement> statement_;
  std::optional<exec::QueryRun> run_;
  query::BatchRef batch_;
  size_t next_row_ = 0;  // of those of the batch that count
};

}  // namespace tidemark::session
