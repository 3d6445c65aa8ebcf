// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "exec/background_jobs.h"
#include "exec/query_run.h"
#include "graph/value_sink.h"
#include "graph/value_walk.h"
#include "query/batch/batch.h"
#include "session/front.h"
#include "session/graph_writer.h"
#include "session/procedures.h"
#include "session/statement.h"
#include "session/worker_port.h"

namespace tidemark::session {

// The rows of a statement that runs, one after the other.
// Owner: the session. Threads: the loop. Errors: of the statement.
class ResultStream {
 public:
  enum class Step : uint8_t {
    kRow,    // the next row is there
    kEnd,    // there is none
    kPause,  // the slice is used up
    kWait,   // an answer is under way; `wake` is called when it is there
  };

  // What a statement runs with. Backend and pool of the host outlive the stream.
  struct Context {
    Backend* backend = nullptr;
    TxId tx;
    Csn read_csn;
    exec::QueryHost host;
    env::Executor* executor = nullptr;
    std::function<void()> wake;
  };
  // EXPLAIN runs nothing.
  ResultStream(std::shared_ptr<const PreparedStatement> statement, exec::QueryInput input,
               const Context& context);

  // Finds the next row that was neither taken nor skipped.
  absl::StatusOr<Step> Find(int64_t* units);
  // Works until all rows are in memory, where later changes of the transaction do not reach them.
  absl::StatusOr<Step> KeepRows(int64_t* units);
  // Works until all rows are found, and forgets them.
  absl::StatusOr<Step> PassOver(int64_t* units);
  enum class Written : uint8_t {
    kRow,       // all of it; the next one is to be found
    kPart,      // the slice is used up: the rest goes into the same sink
    kTooLarge,  // more than kMaxRowBytes, or than the sink takes: it is of no use
  };
  // REQUIRES for both: Find gave kRow.
  Written Write(graph::ValueSink* sink, int64_t* units);
  void Skip() { ++next_row_; }

  // It takes long to be destroyed.
  bool is_large() const;
  // Ends what is under way: from then on it can only be destroyed, on any thread. Gives the memory
  // that is to be given back to the pool of the host then.
  uint64_t Close();

  const PreparedStatement& statement() const { return *statement_; }
  // What the statement has changed so far.
  Counters counters() const;
  // Of EXPLAIN and PROFILE.
  std::optional<PlanNode> Plan() const;

 private:
  // Rows that are kept, in columns of their own, with what is known of the elements in them.
  struct KeptRows {
    query::BatchRef batch;
    std::unique_ptr<exec::ElementTable> elements;
  };

  absl::Status KeepBatch();
  // Of the row that was found.
  const query::Batch& RowBatch() const;
  const exec::ElementTable& RowElements() const;
  uint32_t SlotOf(size_t column) const;
  // Of the texts that are columns of it: what it takes at least.
  size_t TextBytes() const;
  // The commonest cells are written without a value between; of a list or a map the walk is begun.
  // False: the row is too large.
  bool WriteColumn(size_t column, graph::ValueSink* sink, int64_t* units);

  const std::shared_ptr<const PreparedStatement> statement_;
  exec::QueryInput input_;
  SessionWorkers workers_;
  query::SlabPool* const pool_;
  SessionWriter writer_;
  SessionProcedures procedures_;
  std::function<void()> wake_;
  bool waits_for_call_ = false;
  std::optional<exec::BackgroundJobs> background_;
  std::optional<exec::QueryRun> run_;
  query::BatchRef batch_;
  size_t next_row_ = 0;     // of those of the batch that count
  size_t next_column_ = 0;  // of the row that is being written
  graph::ValueWalk walk_;   // through the column before it
  std::deque<KeptRows> kept_;
  exec::MemoryHold kept_hold_;  // until the stream ends
  bool is_kept_ = false;        // all rows are
};

}  // namespace tidemark::session
