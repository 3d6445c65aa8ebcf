// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt/chunks.h"
#include "bolt/request.h"
#include "bolt/versions.h"
#include "bolt_client/address.h"
#include "bolt_client/socket.h"
#include "bolt_client/value.h"
#include "bolt_client/value_decoder.h"
#include "graph/value.h"

namespace tidemark::bolt_client {

struct ConnectionOptions {
  Address address;
  std::string ca_file;  // authorities for TLS; empty: those of the machine
  std::string user;     // empty: the scheme `none`, else `basic`
  std::string password;
  std::string database;  // empty: the server's own
  std::string user_agent = "tidemark";
  int64_t connect_timeout_ms = 5'000;  // until the login is answered
  // Set by whoever wants a wait for an answer to end with kCancelled; may be null.
  const std::atomic<bool>* interrupt = nullptr;
};

struct BeginOptions {
  bool read_only = false;
  std::vector<std::string> bookmarks;  // read at or behind all of them
};

// How a statement ended.
struct Summary {
  std::string type;      // "r", "w", "rw", "s"
  std::string bookmark;  // empty within a transaction
  Value metadata;        // everything that the server said: stats, plan, profile, notifications ...
  int64_t first_ms = 0;  // until the server had the first row, by the server
  int64_t last_ms = 0;   // from there to the last one
  bool has_more = false;
};

struct Result {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  Summary summary;
};

// One connection to a server that speaks Bolt, of versions 4.4 to 5.8. Every call waits for its
// answer. After a failure the connection resets itself, which ends an open transaction.
// Owner: the caller. Threads: one at a time.
//
// Errors: those of the server by failure.h; those of Socket. After kCancelled only Reset may be
// called; after the other errors of Socket, and after kDataLoss, the connection is_broken().
class Connection {
 public:
  static constexpr int64_t kAllRows = -1;
  using OnRow = std::function<void(Row row)>;

  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  // Says goodbye.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A statement; its rows come by Pull. `parameters` is a map or null. Gives the columns.
  absl::StatusOr<std::vector<std::string>> Run(std::string_view text,
                                               const graph::Value& parameters);
  absl::StatusOr<Summary> Pull(int64_t count, const OnRow& on_row);
  absl::StatusOr<Summary> Discard(int64_t count);
  // A statement and all of its rows, in one message there and back.
  absl::StatusOr<Result> Query(std::string_view text, const graph::Value& parameters);

  absl::Status Begin(const BeginOptions& options = {});
  // Goes out with the next statement, which is then answered for both, as drivers do it.
  void BeginWithNext(const BeginOptions& options = {});
  // Gives the bookmark. kFailedPrecondition when no transaction is open.
  absl::StatusOr<std::string> Commit();
  absl::Status Rollback();
  // At any moment: interrupts what runs, ends a transaction.
  absl::Status Reset();

  bool in_transaction() const { return in_transaction_; }
  bool is_broken() const { return broken_; }
  bolt::Version version() const { return version_; }
  // What the server calls itself: "Neo4j/5.26.0".
  const std::string& server() const { return server_; }

 private:
  explicit Connection(const ConnectionOptions& options);

  absl::Status Start();
  absl::Status ShakeHands(const Patience& patience);
  absl::Status ChooseFromManifest(const Patience& patience);
  absl::Status LogIn(const Patience& patience);
  Patience StatementPatience() const;

  // Puts a request behind those that wait to be sent.
  void Append(bolt::RequestKind kind, size_t field_count);
  void AppendRun(std::string_view text, const graph::Value& parameters);
  void AppendPull(bolt::RequestKind kind, int64_t count);
  void AppendTransactionOptions(bool always, const BeginOptions& options);
  void FinishRequest();
  absl::Status Send();

  absl::Status ReadBytes(size_t count, const Patience& patience, std::string* bytes);
  absl::StatusOr<Message> ReadMessage(const Patience& patience);
  // The answer of the oldest request: the metadata of SUCCESS, or its failure. Rows before it go to
  // `on_row`.
  absl::StatusOr<Value> ReadAnswer(const Patience& patience, const OnRow* on_row);
  absl::StatusOr<Value> ReadAnswerAndReset(const OnRow* on_row);
  absl::Status ReadBegun();
  absl::Status AfterFailure(const absl::Status& status);
  absl::StatusOr<Summary> ReadSummary(const OnRow* on_row);

  const ConnectionOptions options_;
  std::unique_ptr<Socket> socket_;
  bolt::Version version_;
  bolt::ValueForms forms_;
  std::string server_;
  bolt::ChunkReader chunks_;
  const std::unique_ptr<char[]> buffer_;  // of what is read
  std::string_view received_;             // of it, what is not taken apart yet
  std::string unsent_;                    // requests
  size_t request_start_ = 0;
  int unanswered_ = 0;  // requests that were appended
  bool begin_unanswered_ = false;
  bool in_transaction_ = false;
  bool broken_ = false;
  int64_t first_ms_ = 0;
};

}  // namespace tidemark::bolt_client
