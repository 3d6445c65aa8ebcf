// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/executor.h"
#include "master/master_node.h"
#include "session/session.h"
#include "sim/conversation.h"

namespace tidemark::sim {

// A client of the typed operations.
// Owner, threads: as of every Conversation.
class TypedConversation final : public Conversation {
 public:
  // Node and executor outlive the conversation.
  TypedConversation(master::MasterNode* node, env::Executor* executor);
  ~TypedConversation() override;

  void Begin(bool read_only, std::optional<check::CommitPlace> after,
             check::Client::StatusCallback done) override;
  void Run(std::vector<check::Operation> operations, check::Client::ResultsCallback done) override;
  void Commit(check::Client::CommitCallback done) override;
  void Rollback(check::Client::StatusCallback done) override;
  void CheckInvariants() const override { session_.CheckInvariants(); }

 private:
  class Batch;

  void RunBatch(const std::shared_ptr<Batch>& batch, const check::Client::ResultsCallback& done);

  master::MasterNode* const node_;
  env::Executor* const executor_;
  session::Session session_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::sim
