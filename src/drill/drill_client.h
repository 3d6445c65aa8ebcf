// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "check/client.h"
#include "client/client.h"

namespace tidemark::drill {

// One client of the workloads over a blocking session: callbacks come inside the call. The lock
// that guards workloads and scripts is held by whoever calls, and released while the server works.
// Owner: the load, one per thread. Threads: one.
class DrillClient final : public check::Client {
 public:
  // Every label gets `label_suffix`, so that workloads of two rounds do not meet. Owns neither.
  DrillClient(client::Client* client, std::string label_suffix, std::unique_lock<std::mutex>* lock);

  void Begin(bool read_only, std::optional<check::CommitPlace> after, StatusCallback done) override;
  void Run(std::vector<check::Operation> operations, ResultsCallback done) override;
  void Commit(CommitCallback done) override;
  void Rollback(StatusCallback done) override;
  void CreateUnique(const std::string& label, const std::string& key, StatusCallback done) override;

 private:
  client::Client* const client_;
  const std::string label_suffix_;
  std::unique_lock<std::mutex>* const lock_;
  const std::unique_ptr<client::ClientSession> session_;
};

}  // namespace tidemark::drill
