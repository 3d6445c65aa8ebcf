// SPDX-License-Identifier: Apache-2.0
// Statements over a graph, as text: tests/cypher/*.graph, on one worker and on three. A step is a
// statement or one of
//
//   :empty                 the steps that follow begin with a graph without anything
//   :begin :commit :rollback
//   :open STATEMENT        runs it and reads no row
//   :read N                reads the rows of the N-th open statement of the transaction
//
// What must come are columns and rows, the error, and of what was changed a line "+ ...".
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "tests/cypher/case_file.h"
#include "tests/cypher/graph_node.h"
#include "tests/cypher/row_text.h"

namespace tidemark::cypher_test {
namespace {

std::string TextOf(const session::Counters& counters) {
  std::string text;
  const auto add = [&](std::string_view name, int64_t count) {
    if (count != 0) absl::StrAppend(&text, text.empty() ? "+ " : ", ", count, " ", ToAbsl(name));
  };
  add("nodes created", counters.nodes_created);
  add("nodes deleted", counters.nodes_deleted);
  add("relationships created", counters.relationships_created);
  add("relationships deleted", counters.relationships_deleted);
  add("properties set", counters.properties_set);
  add("labels added", counters.labels_added);
  add("labels removed", counters.labels_removed);
  add("indexes added", counters.indexes_added);
  add("indexes removed", counters.indexes_removed);
  add("constraints added", counters.constraints_added);
  add("constraints removed", counters.constraints_removed);
  return text;
}

// What came of one step.
struct StepOutcome {
  std::string columns;
  std::vector<std::string> rows;
  session::Counters counters;
  std::optional<session::Failure> failure;
  bool is_paused = false;
};

class StepSink : public session::AnswerSink {
 public:
  StepOutcome Take() { return std::exchange(outcome_, {}); }
  const StepOutcome& outcome() const { return outcome_; }

  void OnDone() override {}
  void OnCommitted(const session::Bookmark&) override {}
  void OnRunning(const session::RunningQuery& running) override {
    outcome_.columns = absl::StrJoin(running.columns, " | ");
  }
  graph::ValueSink* BeginRow() override { return &row_; }
  bool EndRow() override {
    outcome_.rows.push_back(row_.Take());
    return true;
  }
  void OnPaused() override { outcome_.is_paused = true; }
  void OnEnd(const session::Summary& summary) override { outcome_.counters = summary.counters; }
  void OnFailure(const session::Failure& failure) override { outcome_.failure = failure; }

 private:
  RowText row_;
  StepOutcome outcome_;
};

// A client of a graph. Threads: one.
class GraphClient {
 public:
  explicit GraphClient(GraphNode* node)
      : node_(*node), session_(node->front()->NewSession("", &sink_)) {}

  std::string Run(const CaseStep& step) {
    Do(step);
    StepOutcome outcome = sink_.Take();
    if (outcome.failure.has_value()) {
      Wait([&] { session_->Reset(); });
      sink_.Take();
      return cypher_test::TextOf(*outcome.failure);
    }
    if (!outcome.columns.empty()) outcome.rows.insert(outcome.rows.begin(), outcome.columns);
    const std::string counters = TextOf(outcome.counters);
    if (!counters.empty()) outcome.rows.push_back(counters);
    return absl::StrJoin(outcome.rows, "\n");
  }

 private:
  void Do(const CaseStep& step) {
    absl::string_view input = step.input;
    if (input == ":begin") return Wait([&] { session_->Begin({}); });
    if (input == ":commit") return Wait([&] { session_->Commit(); });
    if (input == ":rollback") return Wait([&] { session_->Rollback(); });
    if (absl::ConsumePrefix(&input, ":read ")) {
      int64_t query = 0;
      CHECK(absl::SimpleAtoi(input, &query));
      return Wait([&] { session_->Pull(query, session::FrontSession::kAllRows); });
    }
    const bool only_opens = absl::ConsumePrefix(&input, ":open ");
    session::Statement statement{std::string(input), graph::Value()};
    if (!step.parameters.empty()) statement.parameters = ValueOf(step.parameters);
    Wait([&] { session_->Run(std::move(statement), {}); });
    if (only_opens || sink_.outcome().failure.has_value()) return;
    Wait([&] {
      session_->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
    });
  }
  template <typename Fn>
  void Wait(Fn fn) {
    fn();
    node_.Run();
  }

  GraphNode& node_;
  StepSink sink_;
  std::unique_ptr<session::FrontSession> session_;
};

void RunSteps(uint32_t worker_count) {
  std::unique_ptr<GraphNode> node;
  std::unique_ptr<GraphClient> client;
  uint64_t seed = 0;
  for (const CaseStep& step : ReadCases(".graph")) {
    SCOPED_TRACE(
        absl::StrCat(step.file, ":", step.line, ": ", step.input, ", ", worker_count, " workers"));
    if (step.input == ":empty") {
      client.reset();
      node = std::make_unique<GraphNode>(worker_count, ++seed);
      client = std::make_unique<GraphClient>(node.get());
      continue;
    }
    CHECK(client != nullptr) << step.file << " begins without :empty";
    EXPECT_EQ(client->Run(step), step.expected);
  }
}

TEST(GraphCases, GiveTheirRowsOnOneWorker) { RunSteps(1); }
TEST(GraphCases, GiveTheirRowsOnThreeWorkers) { RunSteps(3); }

// Two clients change the same vertex: one of them loses, and its statement is run again.
TEST(GraphConflicts, AStatementOfItsOwnIsRunAgain) {
  GraphNode node(3, 1);
  GraphClient first(&node);
  GraphClient second(&node);
  EXPECT_EQ(first.Run({.input = "CREATE (:A {x: 0})"}),
            "+ 1 nodes created, 1 properties set, 1 labels added");
  EXPECT_EQ(first.Run({.input = ":begin"}), "");
  EXPECT_EQ(first.Run({.input = "MATCH (n:A) SET n.x = n.x + 1"}), "+ 1 properties set");
  // The other one holds the vertex: all tries lose.
  EXPECT_EQ(second.Run({.input = "MATCH (n:A) SET n.x = n.x + 10"}),
            "! TransientError.Transaction.DeadlockDetected");
  // It commits while the statement waits for its next try.
  node.set_before_timer([&, is_done = false]() mutable {
    if (std::exchange(is_done, true)) return;
    EXPECT_EQ(first.Run({.input = ":commit"}), "");
  });
  EXPECT_EQ(second.Run({.input = "MATCH (n:A) SET n.x = n.x + 10"}), "+ 1 properties set");
  EXPECT_GE(node.timer_count(), 10u);
  EXPECT_EQ(second.Run({.input = "MATCH (n:A) RETURN n.x AS x"}), "x\n11");
}

TEST(GraphConflicts, AStatementOfATransactionIsNotRunAgain) {
  GraphNode node(1, 1);
  GraphClient first(&node);
  GraphClient second(&node);
  EXPECT_EQ(first.Run({.input = "CREATE (:A {x: 0})"}),
            "+ 1 nodes created, 1 properties set, 1 labels added");
  EXPECT_EQ(first.Run({.input = ":begin"}), "");
  EXPECT_EQ(second.Run({.input = ":begin"}), "");
  EXPECT_EQ(first.Run({.input = "MATCH (n:A) SET n.x = 1"}), "+ 1 properties set");
  EXPECT_EQ(second.Run({.input = "MATCH (n:A) SET n.x = 2"}),
            "! TransientError.Transaction.DeadlockDetected");
  EXPECT_EQ(node.timer_count(), 0u);
}

}  // namespace
}  // namespace tidemark::cypher_test
