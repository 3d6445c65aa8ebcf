// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time_units.h"
#include "exec/slice_pace.h"
#include "session/backend.h"
#include "session/front.h"
#include "session/query_node.h"
#include "session/result_stream.h"

namespace tidemark::session {

// So many results of one transaction may be half read.
inline constexpr size_t kMaxOpenResults = 100;
// How often, and for how long, a statement of its own is run again that has lost a conflict.
inline constexpr int kMaxRepeats = 10;
inline constexpr int64_t kMaxRepeatMicros = 5 * kMicrosPerSecond;

// One client's conversation in Cypher, as a state machine:
//
//   idle            Begin → in transaction; Run → streaming, in a transaction of its own
//   in transaction  Run, Pull, Discard; Commit → committing; Rollback → idle
//   streaming       Pull, Discard; the end of the rows → committing
//   committing      → idle
//   failed          what went wrong rolled the transaction back; Reset → idle
//
// A statement of its own that loses a conflict with another writer is run again, as long as nobody
// has seen a row of it. Commands of the schema are checked when they are run and take effect when
// their transaction is committed, one after the other.
// Reset leads to idle from everywhere: what runs is interrupted; a commit that is under way is
// waited for, because nobody can take it back.
// Owner: the door. Threads: the loop. Errors: told to the door, through session/error.h.
class QuerySession : public FrontSession {
 public:
  // Both outlive the session.
  QuerySession(QueryNode* node, AnswerSink* answers) : node_(node), answers_(answers) {}
  ~QuerySession() override;
  QuerySession(const QuerySession&) = delete;
  QuerySession& operator=(const QuerySession&) = delete;

  void Begin(TransactionOptions options) override;
  void Run(Statement statement, TransactionOptions options) override;
  void Pull(int64_t query, int64_t count) override { Fetch(query, count, true); }
  void Discard(int64_t query, int64_t count) override { Fetch(query, count, false); }
  void Commit() override;
  void Rollback() override;
  void Resume() override;
  void Reset() override;

 private:
  enum class State : uint8_t { kIdle, kInTransaction, kStreaming, kCommitting, kFailed };
  enum class Request : uint8_t { kNone, kBegin, kRun, kFetch, kCommit };

  // What Pull and Discard have asked for.
  struct Fetching {
    int64_t query = 0;
    int64_t left = 0;  // kAllRows: all
    bool wanted = false;
    int64_t since_micros = 0;
  };
  struct Open {
    std::unique_ptr<ResultStream> rows;
    int64_t streamed_micros = 0;
    std::shared_ptr<const MemoryCharge> charge;  // of its parameters
    Counters of_schema;                          // of a command
    bool is_running_ahead = false;
    exec::SlicePace pace;
  };
  // A statement of its own that writes.
  struct Repeatable {
    Statement statement;
    int64_t since_micros = 0;
    int count = 0;
  };

  // True, with an answer, when the session has failed and takes no request.
  bool Refuse();
  void OpenTransaction(const TransactionOptions& options);
  void OnReadable(const BeginOptions& options);
  void PrepareStatement();
  void OnPrepared(QueryNode::Prepared prepared);
  // Whether the statement may be run in this transaction.
  absl::Status CheckAllowed(const PreparedStatement& statement) const;
  void StartStatement(const std::shared_ptr<const PreparedStatement>& prepared);
  absl::Status StartCommand(const PreparedStatement& statement, const graph::Value& parameters);
  // Runs a statement that writes up to its first row.
  void RunAhead();
  // Works off the results that are half read, then goes on with `then`: their rows are kept for
  // later, or those of statements that write are passed over.
  void FinishResults(bool keeps_rows, std::function<void()> then);
  void FinishSome();
  void TellRunning();
  absl::StatusOr<int64_t> OpenResult(std::shared_ptr<const PreparedStatement> prepared);
  void Fetch(int64_t query, int64_t count, bool wanted);
  void OnWake(int64_t query);
  // Goes on in the next turn or, when the statement is long, behind what is small.
  void GoOn(const Open& open, void (QuerySession::*step)());
  // Works for a slice, and posts the next one, or waits for the answer of a worker.
  void Continue();
  // False when there is nothing more to do now.
  bool TakeRows(int64_t units);
  // Hands over the row that was found, or a part of it, or passes over it; false when the door
  // takes no more now.
  bool TakeRow(ResultStream* rows, int64_t* units);
  void EndResult();
  void SendCommit();
  // The commands of the schema, then the answer.
  void ChangeSchema(const Bookmark& bookmark);
  void EndCommit(const Bookmark& bookmark);
  void OnCommitted(const absl::StatusOr<Bookmark>& bookmark);
  void OnAborted(const absl::Status& reason);
  void Fail(const absl::Status& status);
  bool MayRepeat(const absl::Status& status) const;
  void RepeatLater();
  void DropResults();
  // Ends the transaction, unless it is being committed.
  void DropTransaction();
  void FinishReset();
  void Rest(State state);
  // Calls `fn` unless the request has been answered or interrupted by then.
  std::function<void()> InTurn(std::function<void()> fn);

  QueryNode* const node_;
  AnswerSink* const answers_;
  State state_ = State::kIdle;
  Request request_ = Request::kNone;  // what is not answered yet
  bool reset_waits_ = false;          // for a commit
  bool is_held_ = false;              // the door takes no more rows before Resume
  TransactionOptions options_;
  TxId tx_;
  Csn read_csn_;  // of the transaction
  int64_t transaction_micros_ = 0;
  bool has_written_ = false;                    // the transaction
  std::vector<SchemaCommand> schema_commands_;  // of the transaction
  Statement statement_;                         // being prepared
  std::optional<Repeatable> repeatable_;        // no row of it has gone out
  int64_t run_since_micros_ = 0;
  int64_t running_ = 0;  // the result of the statement that Run has opened
  Fetching fetching_;
  std::map<int64_t, Open> results_;  // by number
  int64_t next_query_ = 0;
  int64_t slice_begun_micros_ = 0;   // of Continue
  graph::ValueSink* row_ = nullptr;  // that is being written
  // FinishResults is under way: what comes then.
  std::function<void()> when_finished_;
  bool keeps_rows_ = false;
  Summary summary_;  // of a statement that waits for its commit
  Failure failure_;  // why the session has failed
  // Callbacks hold a weak reference; the turn is renewed with each Reset and failure.
  std::shared_ptr<QuerySession*> self_ = std::make_shared<QuerySession*>(this);
  std::shared_ptr<bool> turn_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::session
