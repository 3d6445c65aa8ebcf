// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/api.pb.h"
#include "rpc/tls_options.h"

namespace tidemark::client {

struct ClientOptions {
  std::string address = "127.0.0.1:7690";
  rpc::TlsOptions tls;
  int64_t connect_timeout_ms = 5000;  // how long a call waits for a connection
  int64_t status_timeout_ms = 5000;   // how long Status then waits for its answer
};

// When and how often a transaction is run again.
struct RetryPolicy {
  int64_t total_timeout_ms = 60'000;
  int64_t first_delay_ms = 5;
  int64_t max_delay_ms = 1000;
};

// Errors of a session are absl::Status with the codes of base/status.h; kUnknown means that a
// commit may or may not have happened.
bool IsRetryable(const absl::Status& status);

// One conversation with the server: transactions one after the other. Blocking.
// Owner: the caller; outlived by the Client. Threads: one at a time.
class ClientSession {
 public:
  virtual ~ClientSession() = default;
  virtual absl::StatusOr<api::Begun> Begin(const api::Begin& options = {}) = 0;
  virtual absl::StatusOr<api::RunResult> Run(const api::Run& run) = 0;
  virtual absl::StatusOr<api::Bookmark> Commit() = 0;
  virtual absl::Status Rollback() = 0;
  // Whether later calls of Run and Commit ask where their time goes. Off at first.
  virtual void SetTracing(bool on) = 0;
  // Of the newest call that succeeded; empty when it was not traced.
  virtual const api::Trace& trace() const = 0;
  // Runs `work` in a transaction and commits; again from the beginning after retryable errors.
  // kUnknown is never retried: whoever gets it must look whether the commit happened. An error that
  // `work` returns rolls back and, unless it is retryable, is returned.
  virtual absl::StatusOr<api::Bookmark> RunTransaction(
      const std::function<absl::Status(ClientSession*)>& work, const RetryPolicy& policy = {}) = 0;
};

// As Run, and goes on with what stopped at the end of a page until there are no more: one result
// for each operation. Outside a transaction each page is of the moment in which it is read.
absl::StatusOr<std::vector<api::OperationResult>> RunToEnd(ClientSession* session, api::Run run);

// A connection to the client port of a cluster; reconnects by itself.
// Threads: any.
class Client {
 public:
  virtual ~Client() = default;
  static absl::StatusOr<std::unique_ptr<Client>> Create(const ClientOptions& options);

  virtual std::unique_ptr<ClientSession> OpenSession() = 0;

  virtual absl::StatusOr<api::StatusResponse> Status() = 0;
  // Waits until the cluster is open.
  virtual absl::Status WaitUntilOpen(int64_t timeout_ms) = 0;
  virtual absl::StatusOr<api::SnapshotInfo> SnapshotNow() = 0;
  virtual absl::StatusOr<uint64_t> FlushNow() = 0;
  virtual absl::StatusOr<api::Index> CreateIndex(const api::Index& wanted) = 0;
  virtual absl::Status DropIndex(const std::string& name) = 0;
  virtual absl::StatusOr<std::vector<api::Index>> ListIndexes() = 0;
};

}  // namespace tidemark::client
