// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt_client/connection.h"
#include "check/client.h"
#include "check/cypher_statement.h"

namespace tidemark::drill {

// One client of the workloads: Cypher over Bolt, a statement for each operation. Callbacks come
// inside the call. The lock that guards workloads and scripts is held by whoever calls, and
// released while the server works.
// Owner: the load, one per thread. Threads: one.
class DrillClient final : public check::Client {
 public:
  // Every label gets `label_suffix`, so that workloads of two rounds do not meet. Does not own
  // the lock.
  DrillClient(std::string bolt_address, std::string label_suffix,
              std::unique_lock<std::mutex>* lock);

  void Begin(bool read_only, std::optional<check::CommitPlace> after, StatusCallback done) override;
  void Run(std::vector<check::Operation> operations, ResultsCallback done) override;
  void Commit(CommitCallback done) override;
  void Rollback(StatusCallback done) override;
  void CreateUnique(const std::string& label, const std::string& key, StatusCallback done) override;

 private:
  absl::Status Connect();
  absl::StatusOr<check::OperationResult> RunOne(const check::Operation& operation);
  // What a failed call means to a workload.
  absl::Status StatusOf(const absl::Status& status);

  const std::string bolt_address_;
  const std::string label_suffix_;
  std::unique_lock<std::mutex>* const lock_;
  std::unique_ptr<bolt_client::Connection> connection_;
};

}  // namespace tidemark::drill
