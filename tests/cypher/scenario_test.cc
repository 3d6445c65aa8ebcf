// SPDX-License-Identifier: Apache-2.0
// The session as a state machine: tests/cypher/*.scenario. `new` begins with a new node.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/status.h"
#include "tests/cypher/case_file.h"
#include "tests/cypher/test_node.h"

namespace tidemark::cypher_test {
namespace {

class Stage {
 public:
  ~Stage() { session_.reset(); }

  // What the session answers, and what the coordinator hears of it.
  std::string Do(const std::string& command) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(command, absl::MaxSplits(' ', 1));
    const std::string& verb = parts.first;
    const std::string& rest = parts.second;
    const size_t heard = node_.log().size();
    if (verb == "begin")
      session_->Begin(Options(rest));
    else if (verb == "run")
      session_->Run({graph::Value::String(rest), graph::Value()}, {});
    else if (verb == "pull")
      session_->Pull(Query(), Number(rest));
    else if (verb == "pull-of")
      PullOf(rest);
    else if (verb == "discard")
      session_->Discard(Query(), Number(rest));
    else if (verb == "commit")
      session_->Commit();
    else if (verb == "rollback")
      session_->Rollback();
    else if (verb == "resume")
      Resume();
    else if (verb == "reset")
      session_->Reset();
    else if (verb == "room")
      answers_.set_room(Number(rest));
    else if (verb == "turns")
      node_.RunTurns();
    else if (verb == "turn")
      node_.RunTurn();
    else if (verb == "abort")
      node_.AbortAll(absl::DeadlineExceededError("too slow"));
    else if (verb == "refuse-begin")
      node_.set_begin_error(absl::UnavailableError("closed"));
    else if (verb == "hold-commits")
      node_.set_holds_commits(true);
    else if (verb == "finish-commit")
      node_.FinishCommits(absl::OkStatus());
    else if (verb == "fail-commit")
      node_.FinishCommits(absl::AbortedError("conflict"));
    else if (verb == "leave")
      session_.reset();
    else
      LOG(FATAL) << "unknown command: " << command;
    std::vector<std::string> lines;
    for (size_t i = heard; i < node_.log().size(); ++i) lines.push_back("~ " + node_.log()[i]);
    const std::string answers = answers_.Take();
    if (!answers.empty()) lines.push_back(answers);
    return absl::StrJoin(lines, "\n");
  }
  const TestNode& node() const { return node_; }

 private:
  static int64_t Query() { return session::FrontSession::kLatestQuery; }
  static int64_t Number(const std::string& text) {
    int64_t number = 0;
    CHECK(text == "all" || absl::SimpleAtoi(text, &number)) << text;
    return text == "all" ? session::FrontSession::kAllRows : number;
  }
  static session::TransactionOptions Options(const std::string& text) {
    session::TransactionOptions options;
    if (text.find("read") != std::string::npos) options.mode = session::AccessMode::kRead;
    if (text.find("bookmark") != std::string::npos) options.bookmarks = {{Epoch(1), Csn(3)}};
    return options;
  }
  void PullOf(const std::string& text) {
    const std::vector<std::string> numbers = absl::StrSplit(text, ' ');
    session_->Pull(Number(numbers[0]), Number(numbers[1]));
  }
  void Resume() {
    answers_.set_room(-1);
    session_->Resume();
  }

  TestNode node_;
  TextAnswers answers_;
  std::unique_ptr<session::FrontSession> session_ = node_.front()->NewSession("", &answers_);
};

TEST(SessionScenarios, AnswerAsWritten) {
  auto stage = std::make_unique<Stage>();
  for (const CaseStep& step : ReadCases(".scenario")) {
    SCOPED_TRACE(absl::StrCat(step.file, ":", step.line, ": ", step.input));
    for (const auto& command : absl::StrSplit(step.input, '\n')) {
      if (command != "new") {
        EXPECT_EQ(stage->Do(std::string(command)), step.expected);
        continue;
      }
      stage->Do("leave");
      EXPECT_TRUE(stage->node().is_at_rest());
      stage = std::make_unique<Stage>();
    }
  }
}

}  // namespace
}  // namespace tidemark::cypher_test
