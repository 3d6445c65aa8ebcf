// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/status.h"
#include "session/backend.h"
#include "session/query_front.h"
#include "tests/cypher/row_text.h"

namespace tidemark::cypher_test {

// A node without workers, sockets and threads: what is posted and what jobs have done runs when
// RunTurns is called. Threads: one.
class TestNode : public session::Backend,
                 public env::Executor,
                 public env::Clock,
                 public env::Random {
 public:
  explicit TestNode(uint64_t memory_bytes = uint64_t{64} << 20)
      : memory_(this, memory_bytes), front_(this, env::Env{this, this, nullptr, this}) {}

  session::QueryFront* front() { return &front_; }
  // Until nothing is left to run, or `until` says so.
  void RunTurns(const std::function<bool()>& until = [] { return false; }) {
    for (; !tasks_.empty() && !until(); ++turn_count_) {
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }
  bool RunTurn() {
    if (tasks_.empty()) return false;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    return true;
  }
  uint64_t turn_count() const { return turn_count_; }
  uint64_t used_bytes() const { return memory_.used_bytes(); }
  bool is_at_rest() const { return open_.empty() && memory_.used_bytes() == 0; }
  // The coordinator ends what is open.
  void AbortAll(const absl::Status& reason) {
    const auto open = std::exchange(open_, {});
    for (const auto& [tx, aborted] : open) aborted(reason);
  }
  void set_holds_commits(bool holds) { holds_commits_ = holds; }
  void FinishCommits(const absl::Status& outcome) {
    for (const auto& done : std::exchange(commits_, {})) FinishCommit(outcome, done);
  }
  void set_begin_error(const absl::Status& error) { begin_error_ = error; }
  const std::vector<std::string>& log() const { return log_; }

  // session::Backend
  absl::StatusOr<session::BegunTransaction> Begin(const session::BeginOptions& options) override {
    if (!begin_error_.ok()) return begin_error_;
    const TxId tx(++last_tx_);
    open_[tx] = [](const absl::Status&) {};
    log_.push_back(absl::StrCat("begin", options.read_only ? " read" : ""));
    return session::BegunTransaction{tx, {Epoch(1), Csn(7)}};
  }
  void WhenReadable(const session::Bookmark&, std::function<void()> done) override {
    tasks_.push_back(std::move(done));
  }
  void RunFragment(TxId, NodeId, exec::FragmentStep,
                   std::function<void(absl::StatusOr<std::string>)>) override {
    LOG(FATAL) << "there are no workers";
  }
  void Commit(TxId tx, std::function<void(absl::StatusOr<session::Bookmark>)> done) override {
    CHECK_EQ(open_.erase(tx), 1u);
    log_.push_back("commit");
    if (holds_commits_) return commits_.push_back(std::move(done));
    FinishCommit(absl::OkStatus(), done);
  }
  void Rollback(TxId tx) override {
    CHECK_EQ(open_.erase(tx), 1u);
    log_.push_back("rollback");
  }
  void NoteUsed(TxId tx) override { EXPECT_EQ(open_.count(tx), 1u); }
  void NoteWaits(TxId tx) override { EXPECT_EQ(open_.count(tx), 1u); }
  void WatchTransaction(TxId tx, std::function<void(const absl::Status&)> aborted) override {
    open_[tx] = std::move(aborted);
  }
  void InternNames(std::vector<session::NameRequest>, std::function<void(absl::Status)>) override {
    LOG(FATAL) << "nothing writes";
  }
  void ChangeSchema(session::SchemaChange, std::function<void(absl::Status)>) override {
    LOG(FATAL) << "nothing changes the schema";
  }
  session::MemoryBudget* result_memory() override { return &memory_; }
  const catalog::NameTable& names() const override { return names_; }
  const catalog::SchemaTable& schema() const override { return schema_; }
  uint32_t worker_count() const override { return 0; }
  NodeId NextPlacement() override { return NodeId(1); }
  void StartTrace(TxId, int64_t) override {}
  session::Trace TakeTrace(TxId) override { return {}; }

  // env::Executor, and Backend's Post
  void Post(std::function<void()> fn) override { tasks_.push_back(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { tasks_.push_back(std::move(fn)); }
  TimerId RunAfter(int64_t, std::function<void()>) override { return 1; }
  void Cancel(TimerId) override {}
  void Submit(env::JobQueue, std::function<void()> job, std::function<void()> done) override {
    tasks_.push_back([job = std::move(job), done = std::move(done)] {
      job();
      done();
    });
  }
  void Fail(const absl::Status& reason) override { LOG(FATAL) << reason; }

  int64_t NowMicros() override { return 1'000'000; }
  int64_t WallMicros() override { return 1'700'000'000'000'000; }
  uint64_t Next() override { return ++random_; }

 private:
  static void FinishCommit(const absl::Status& outcome,
                           const std::function<void(absl::StatusOr<session::Bookmark>)>& done) {
    if (!outcome.ok()) return done(outcome);
    done(session::Bookmark{Epoch(1), Csn(8)});
  }

  std::deque<std::function<void()>> tasks_;
  uint64_t turn_count_ = 0;
  session::MemoryBudget memory_;
  catalog::NameTable names_;
  catalog::SchemaTable schema_;
  std::map<TxId, std::function<void(const absl::Status&)>> open_;
  std::vector<std::function<void(absl::StatusOr<session::Bookmark>)>> commits_;
  bool holds_commits_ = false;
  absl::Status begin_error_;
  uint64_t last_tx_ = 0;
  uint64_t random_ = 0;
  std::vector<std::string> log_;
  session::QueryFront front_;
};

// Keeps the answers of a session as lines of text.
class TextAnswers : public session::AnswerSink {
 public:
  void OnDone() override { Add("done"); }
  void OnCommitted(const session::Bookmark& bookmark) override {
    Add(absl::StrCat("committed ", bookmark.epoch.value(), ":", bookmark.csn.value()));
  }
  void OnRunning(const session::RunningQuery& running) override {
    columns_ = absl::StrJoin(running.columns, " | ");
    Add(absl::StrCat("running ", running.query, ": ", columns_));
  }
  graph::ValueSink* BeginRow() override { return &row_; }
  bool EndRow() override {
    rows_.push_back(row_.Take());
    if (room_ > 0) --room_;
    return room_ != 0;
  }
  void PauseRow() override { ++pause_count_; }
  void DropRow() override {
    row_ = RowText();
    Add("row dropped");
  }
  void OnPaused() override { Add("paused"); }
  void OnEnd(const session::Summary& summary) override {
    summary_ = summary;
    Add(summary.bookmark.has_value() ? "end with a bookmark" : "end");
  }
  void OnFailure(const session::Failure& failure) override {
    failure_ = failure;
    Add(absl::StrCat("failure ", failure.code));
  }

  // So many rows are taken before EndRow says stop; -1: all.
  void set_room(int64_t room) { room_ = room; }
  const std::string& columns() const { return columns_; }
  const std::vector<std::string>& rows() const { return rows_; }
  const std::optional<session::Failure>& failure() const { return failure_; }
  const session::Summary& summary() const { return summary_; }
  // Rows that came in several pieces count more than once.
  int64_t pause_count() const { return pause_count_; }
  size_t answer_count() const { return answers_.size(); }
  // Rows and answers since the last call, each in a line.
  std::string Take() {
    FlushRows();
    return absl::StrJoin(std::exchange(answers_, {}), "\n");
  }

 private:
  void Add(std::string answer) {
    FlushRows();
    answers_.push_back(std::move(answer));
  }
  void FlushRows() {
    for (; flushed_ < rows_.size(); ++flushed_) {
      answers_.push_back(absl::StrCat("row ", rows_[flushed_]));
    }
  }

  RowText row_;
  std::string columns_;
  std::vector<std::string> rows_;
  size_t flushed_ = 0;
  int64_t room_ = -1;
  int64_t pause_count_ = 0;
  std::vector<std::string> answers_;
  std::optional<session::Failure> failure_;
  session::Summary summary_;
};

}  // namespace tidemark::cypher_test
