// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
#include "env/clock.h"

namespace tidemark::drill {

// One client of the workloads: Cypher over Bolt, a statement for each operation. Callbacks come
// inside the call. The lock that guards workloads and scripts is held by whoever calls, and
// released while the server works.
// Owner: the load, one per thread. Threads: one.
class DrillClient final : public check::Client {
 public:
  // Every label gets `label_suffix`, so that workloads of two rounds do not meet. Owns neither the
  // clock nor the lock.
  DrillClient(std::string bolt_address, std::string label_suffix, env::Clock* clock,
              std::unique_lock<std::mutex>* lock);

  void Begin(bool read_only, std::optional<check::CommitPlace> after, StatusCallback done) override;
  void Run(std::vector<check::Operation> operations, ResultsCallback done) override;
  void Commit(CommitCallback done) override;
  void Rollback(StatusCallback done) override;
  void CreateUnique(const std::string& label, const std::string& key, StatusCallback done) override;

  // How long the server has been at what this client asked for last; 0: it was asked for nothing.
  // Guarded by the lock, as is what it was asked for.
  int64_t WaitedMs() const;
  const std::string& waits_for() const { return waits_for_; }

 private:
  class Released;
  absl::Status Connect();
  // Without the lock.
  absl::StatusOr<check::OperationResult> RunOne(const check::Operation& operation,
                                                const check::CypherStatement& statement);
  // What a failed call means to a workload.
  absl::Status StatusOf(const absl::Status& status);

  const std::string bolt_address_;
  const std::string label_suffix_;
  env::Clock* const clock_;
  std::unique_lock<std::mutex>* const lock_;
  std::unique_ptr<bolt_client::Connection> connection_;
  std::string waits_for_;
  int64_t waits_since_micros_ = 0;
};

}  // namespace tidemark::drill
