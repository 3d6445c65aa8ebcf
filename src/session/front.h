// SPDX-License-Identifier: Apache-2.0
// What a door for clients (Bolt, HTTP) needs of a node. A door opens a session for each client that
// has logged in, sends it one request at a time and takes the answers as an AnswerSink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "graph/value.h"
#include "graph/value_sink.h"
#include "session/bookmark.h"
#include "session/memory_budget.h"

namespace tidemark::session {

// Where in a statement; lines and columns start at 1 and count code points.
struct TextPosition {
  int64_t offset = 0;
  int64_t line = 1;
  int64_t column = 1;
};

// Why a request failed, in the words of Neo4j.
struct Failure {
  std::string code;  // "Neo.ClientError.Statement.SyntaxError"
  std::string message;
  // "42001" and its sentence; empty: the door takes the general ones of the code's class.
  std::string gql_status;
  std::string gql_description;
  std::optional<TextPosition> position;
  bool retryable = false;  // the same request may succeed when it is sent again
};

enum class AccessMode : uint8_t { kWrite, kRead };

enum class Severity : uint8_t { kInformation, kWarning, kOff };

// Which notifications a client wants.
struct NotificationFilter {
  Severity minimum = Severity::kInformation;
  std::vector<std::string> disabled_categories;  // "HINT", "UNRECOGNIZED" ...
};

struct TransactionOptions {
  AccessMode mode = AccessMode::kWrite;
  std::vector<Bookmark> bookmarks;    // reads at or behind all of them
  std::optional<int64_t> timeout_ms;  // from its begin; 0 = none of its own
  graph::Value metadata;              // a map or null: for the operator's eyes
  // What they are charged to until the transaction ends; null when they are small.
  std::shared_ptr<const MemoryCharge> charge;
  NotificationFilter notifications;
};

struct Statement {
  graph::Value text;        // a string: as a value, because a long one is not copied then
  graph::Value parameters;  // a map; no element of the graph in it
  // What the two are charged to, as long as the statement needs them; null when they are small.
  std::shared_ptr<const MemoryCharge> charge;
};

// A statement runs. The columns live as long as the call that names them.
struct RunningQuery {
  int64_t query = 0;  // its number in the transaction
  absl::Span<const std::string> columns;
  int64_t planned_ms = 0;  // from Run to here
};

enum class StatementType : uint8_t { kRead, kWrite, kReadWrite, kSchema };

struct Counters {
  int64_t nodes_created = 0;
  int64_t nodes_deleted = 0;
  int64_t relationships_created = 0;
  int64_t relationships_deleted = 0;
  int64_t properties_set = 0;
  int64_t labels_added = 0;
  int64_t labels_removed = 0;
  int64_t indexes_added = 0;
  int64_t indexes_removed = 0;
  int64_t constraints_added = 0;
  int64_t constraints_removed = 0;
  int64_t system_updates = 0;
};

// What EXPLAIN and PROFILE show: an operator with its inputs.
struct PlanNode {
  std::string operator_type;
  std::vector<std::string> identifiers;
  std::vector<graph::MapEntry> arguments;  // "Details", "EstimatedRows", "Rows", "DbHits" ...
  std::vector<PlanNode> children;
  int64_t rows = 0;     // PROFILE only, as the next two
  int64_t db_hits = 0;  // units of work
  int64_t time_nanos = 0;
};

struct Notification {
  std::string code;  // "Neo.ClientNotification.Statement.UnknownLabelWarning"
  std::string title;
  std::string description;
  std::string gql_status;       // "01N50"
  std::string gql_description;  // its sentence
  std::string category;         // "UNRECOGNIZED"
  Severity severity = Severity::kInformation;
  std::optional<TextPosition> position;
};

// How a statement ended.
struct Summary {
  StatementType type = StatementType::kRead;
  Counters counters;
  std::optional<Bookmark> bookmark;  // when the statement was a transaction of its own
  int64_t streamed_ms = 0;           // from the first Pull or Discard to here
  std::optional<PlanNode> plan;
  bool profiled = false;  // `plan` has figures
  std::vector<Notification> notifications;
};

// A row is sent when all of it is written: a larger one fails its statement.
inline constexpr size_t kMaxRowBytes = size_t{64} << 20;

// Takes the answers of a session: every request is answered by exactly one call, in the order of
// the requests, within the call of the request or later.
//
//   Begin, Rollback, Reset   OnDone
//   Run                      OnRunning
//   Pull, Discard            OnPaused when rows are left, else OnEnd; before it rows (Pull)
//   Commit                   OnCommitted
//   any                      OnFailure
//
// A row is BeginRow, a value for each column into the sink that it gave, EndRow; or DropRow instead
// of it, when the sink is full or the statement fails before. A large row is written in several
// steps, with PauseRow at the end of each but the last; meanwhile no answer comes.
// Owner: the door; outlives its session. Threads: the loop of the session. The next request may
// come before an answer that was not given within a request returns: a session answers last.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual void OnDone() = 0;
  virtual void OnCommitted(const Bookmark& bookmark) = 0;
  virtual void OnRunning(const RunningQuery& running) = 0;
  virtual graph::ValueSink* BeginRow() = 0;
  // False when the client is slower than the rows: the session keeps the next ones back until
  // FrontSession::Resume.
  [[nodiscard]] virtual bool EndRow() = 0;
  virtual void PauseRow() {}
  // A failure follows, or nothing of the request.
  virtual void DropRow() = 0;
  virtual void OnPaused() = 0;
  virtual void OnEnd(const Summary& summary) = 0;
  virtual void OnFailure(const Failure& failure) = 0;
};

// One client's conversation: at most one transaction at a time. After a failure its transaction is
// rolled back, and what is asked fails until Reset.
// Owner: the door. Threads: one loop; requests only from there. To destroy it ends what runs and
// rolls an open transaction back; no answer comes afterwards. Not to be destroyed within an answer.
class FrontSession {
 public:
  static constexpr int64_t kAllRows = -1;
  static constexpr int64_t kLatestQuery = -1;

  virtual ~FrontSession() = default;

  // REQUIRES, for all but Reset and Resume: every earlier request is answered.
  virtual void Begin(TransactionOptions options) = 0;
  // In the open transaction, or one of its own with these options.
  virtual void Run(Statement statement, TransactionOptions options) = 0;
  // The next `count` rows of a query of this transaction; all, when it is kAllRows.
  virtual void Pull(int64_t query, int64_t count) = 0;
  virtual void Discard(int64_t query, int64_t count) = 0;
  virtual void Commit() = 0;
  virtual void Rollback() = 0;

  // Goes on with rows that EndRow held back; nothing when there are none.
  virtual void Resume() = 0;
  // At any moment: interrupts the request under way, which is answered soon (by a failure unless it
  // came to its end), rolls an open transaction back and forgets failures; then OnDone.
  virtual void Reset() = 0;
};

// The node's side. Owner: main. Threads: the loop of its sessions. It outlives them.
class Front {
 public:
  virtual ~Front() = default;
  // `answers` outlives the session. `user` is empty when nobody had to log in.
  virtual std::unique_ptr<FrontSession> NewSession(std::string_view user, AnswerSink* answers) = 0;
  // The name of the one database.
  virtual std::string_view database() const = 0;
};

}  // namespace tidemark::session
