// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check/cypher_statement.h"
#include "env/executor.h"
#include "graph/value.h"
#include "session/front.h"
#include "sim/conversation.h"
#include "sim/value_collector.h"

namespace tidemark::sim {

// A client that speaks Cypher, as a driver does over Bolt: one statement for each operation.
// Owner, threads: as of every Conversation.
class CypherConversation final : public Conversation, private session::AnswerSink {
 public:
  // Front and executor outlive the conversation.
  CypherConversation(session::Front* front, env::Executor* executor);

  void Begin(bool read_only, std::optional<check::CommitPlace> after,
             check::Client::StatusCallback done) override;
  void Run(std::vector<check::Operation> operations, check::Client::ResultsCallback done) override;
  void Commit(check::Client::CommitCallback done) override;
  void Rollback(check::Client::StatusCallback done) override;

 private:
  // session::AnswerSink
  void OnDone() override;
  void OnCommitted(const session::Bookmark& bookmark) override;
  void OnRunning(const session::RunningQuery& running) override;
  graph::ValueSink* BeginRow() override;
  bool EndRow() override;
  void DropRow() override { collector_ = ValueCollector(); }
  void OnPaused() override;
  void OnEnd(const session::Summary& summary) override;
  void OnFailure(const session::Failure& failure) override;

  void RunNext();
  // Ends the request with an error, once the session has forgotten its failure.
  void Fail(absl::Status status);
  // Runs `fn` in a later step of the loop: a session is not asked within its answer.
  void Later(std::function<void()> fn);

  env::Executor* const executor_;
  const std::unique_ptr<session::FrontSession> session_;
  ValueCollector collector_;
  // The request under way: one of these.
  check::Client::StatusCallback on_status_;
  check::Client::ResultsCallback on_results_;
  check::Client::CommitCallback on_commit_;
  std::vector<check::Operation> operations_;
  std::vector<check::OperationResult> results_;
  absl::Status row_error_;
  absl::Status failure_;  // while the session is reset
  bool is_resetting_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::sim
