// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "graph/value.h"
#include "graph/value_coding.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

using ::testing::HasSubstr;

// Shards in this process; the test ends transactions from outside as a recovery does.
class WatchedBackend : public ShardBackend {
 public:
  WatchedBackend() : ShardBackend(/*worker_count=*/2, /*seed=*/7) {}
  void NoteUsed(TxId) override {}
  void NoteWaits(TxId) override {}
  void WatchTransaction(TxId tx, std::function<void(const absl::Status&)> aborted) override {
    watched_ = {tx, std::move(aborted)};
  }
  void Rollback(TxId tx) override {
    ++rollback_count_;
    ShardBackend::Rollback(tx);
  }
  void Commit(TxId tx, std::function<void(absl::StatusOr<Bookmark>)> done) override {
    if (!hold_commit_) return ShardBackend::Commit(tx, std::move(done));
    held_ = std::move(done);
  }
  void AbortFromOutside(const absl::Status& reason) {
    ShardBackend::Rollback(watched_.first);
    watched_.second(reason);
  }
  void HoldCommits() { hold_commit_ = true; }
  void AnswerHeldCommit(const absl::StatusOr<Bookmark>& bookmark) { held_(bookmark); }
  int rollback_count() const { return rollback_count_; }

 private:
  std::pair<TxId, std::function<void(const absl::Status&)>> watched_;
  bool hold_commit_ = false;
  std::function<void(absl::StatusOr<Bookmark>)> held_;
  int rollback_count_ = 0;
};

Operation Create() {
  Operation operation;
  operation.kind = OperationKind::kCreateVertex;
  operation.labels = {"L"};
  operation.properties = {{"k", graph::EncodeValue(graph::Value::Integer(1))}};
  return operation;
}

Operation Scan() {
  Operation operation;
  operation.kind = OperationKind::kScanLabel;
  operation.labels = {"L"};
  operation.limit = 100;
  return operation;
}

class SessionTest : public testing::Test {
 protected:
  absl::Status Begin(bool read_only = false) {
    BeginOptions options;
    options.read_only = read_only;
    return session_->Begin(options).status();
  }
  void Run(std::vector<Operation> operations) {
    run_.reset();
    session_->Run(std::move(operations),
                  [this](absl::StatusOr<RunOutcome> outcome) { run_ = std::move(outcome); });
  }
  void RunToEnd(std::vector<Operation> operations) {
    Run(std::move(operations));
    backend_.Run();
    CHECK(run_.has_value());
  }
  size_t CountVertices() {
    RunToEnd({Scan()});
    CHECK(run_->ok()) << run_->status();
    return (*run_)->results[0].vertices.size();
  }
  void Commit() {
    commit_.reset();
    session_->Commit([this](absl::StatusOr<Bookmark> bookmark) { commit_ = std::move(bookmark); });
    backend_.Run();
  }

  WatchedBackend backend_;
  std::optional<Session> session_{&backend_};
  std::optional<absl::StatusOr<RunOutcome>> run_;
  std::optional<absl::StatusOr<Bookmark>> commit_;
};

TEST_F(SessionTest, ABatchWithoutABeginIsATransactionOfItsOwn) {
  RunToEnd({Create()});
  ASSERT_TRUE(run_->ok()) << run_->status();
  EXPECT_TRUE((*run_)->bookmark.has_value());
  EXPECT_FALSE(session_->in_transaction());
  EXPECT_EQ(CountVertices(), 1u);
  EXPECT_FALSE((*run_)->bookmark.has_value()) << "nothing was written";
}

TEST_F(SessionTest, ATransactionIsSeenWhenItIsCommitted) {
  ASSERT_TRUE(Begin().ok());
  RunToEnd({Create()});
  ASSERT_TRUE(run_->ok());
  EXPECT_FALSE((*run_)->bookmark.has_value());
  Session other(&backend_);
  size_t seen = 99;
  other.Run({Scan()}, [&](absl::StatusOr<RunOutcome> outcome) {
    seen = outcome->results[0].vertices.size();
  });
  backend_.Run();
  EXPECT_EQ(seen, 0u);
  Commit();
  ASSERT_TRUE(commit_.has_value() && commit_->ok());
  EXPECT_EQ(CountVertices(), 1u);
}

TEST_F(SessionTest, WhatIsAskedInTheWrongStateIsRefusedByName) {
  EXPECT_THAT(MessageOf(session_->Rollback()), HasSubstr("no transaction is open"));
  Commit();
  ASSERT_TRUE(commit_.has_value());
  EXPECT_THAT(MessageOf(commit_->status()), HasSubstr("begin one first"));
  ASSERT_TRUE(Begin().ok());
  EXPECT_THAT(MessageOf(Begin()), HasSubstr("commit it or roll it back"));
  EXPECT_TRUE(session_->in_transaction()) << "the open one goes on";
  EXPECT_TRUE(session_->Rollback().ok());
  EXPECT_FALSE(session_->in_transaction());
}

TEST_F(SessionTest, AReadOnlyTransactionThatWritesEnds) {
  ASSERT_TRUE(Begin(/*read_only=*/true).ok());
  RunToEnd({Scan(), Create()});
  EXPECT_EQ(run_->status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(MessageOf(run_->status()), HasSubstr("operation 1 writes"));
  EXPECT_EQ(backend_.rollback_count(), 1);
  // What was sent ahead is not taken for a transaction of its own.
  RunToEnd({Create()});
  EXPECT_FALSE(run_->ok());
  EXPECT_TRUE(session_->Rollback().ok());
  EXPECT_EQ(CountVertices(), 0u);
}

TEST_F(SessionTest, ARecoveryIsToldToTheNextRequest) {
  ASSERT_TRUE(Begin().ok());
  RunToEnd({Create()});
  backend_.AbortFromOutside(absl::AbortedError("a recovery has undone it"));
  EXPECT_FALSE(session_->in_transaction());
  Commit();
  ASSERT_TRUE(commit_.has_value());
  EXPECT_THAT(MessageOf(commit_->status()), HasSubstr("a recovery has undone it"));
  EXPECT_EQ(CountVertices(), 0u) << "told once, the session is free again";
}

TEST_F(SessionTest, ARecoveryAnswersTheRequestUnderWay) {
  ASSERT_TRUE(Begin().ok());
  Run({Create()});
  backend_.AbortFromOutside(absl::AbortedError("a worker is gone"));
  ASSERT_TRUE(run_.has_value());
  EXPECT_THAT(MessageOf(run_->status()), HasSubstr("a worker is gone"));
  backend_.Run();
  RunToEnd({Create()});
  EXPECT_FALSE(run_->ok()) << "it belonged to the transaction that has ended";
  EXPECT_TRUE(session_->Rollback().ok());
  RunToEnd({Create()});
  EXPECT_TRUE(run_->ok());
}

TEST_F(SessionTest, ACommitUnderWayTellsItsOwnOutcome) {
  ASSERT_TRUE(Begin().ok());
  RunToEnd({Create()});
  backend_.HoldCommits();
  Commit();
  EXPECT_FALSE(commit_.has_value());
  backend_.AbortFromOutside(absl::AbortedError("a recovery"));
  EXPECT_FALSE(commit_.has_value()) << "the coordinator decides";
  backend_.AnswerHeldCommit(Bookmark{Epoch(1), Csn(5)});
  ASSERT_TRUE(commit_.has_value());
  ASSERT_TRUE(commit_->ok());
  EXPECT_EQ((*commit_)->csn, Csn(5));
  EXPECT_EQ(backend_.rollback_count(), 0);
}

TEST_F(SessionTest, AnOpenTransactionEndsWithItsSession) {
  ASSERT_TRUE(Begin().ok());
  Run({Create()});
  session_.reset();
  EXPECT_EQ(backend_.rollback_count(), 1);
  backend_.Run();
  EXPECT_FALSE(run_.has_value()) << "no callback runs after the session is gone";
}

}  // namespace
}  // namespace tidemark::session
