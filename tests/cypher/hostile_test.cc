// SPDX-License-Identifier: Apache-2.0
// Statements that ask for too much: they fail, or go on slice by slice, within their limits.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/cypher/test_node.h"

namespace tidemark::cypher_test {
namespace {

constexpr uint64_t kNodeBytes = uint64_t{64} << 20;

struct Outcome {
  std::string code;  // empty: it went well
  std::string message;
  std::vector<std::string> rows;
  uint64_t turns = 0;
};

Outcome RunWithin(const std::string& text) {
  TestNode node(kNodeBytes);
  TextAnswers answers;
  Outcome outcome;
  {
    const auto session = node.front()->NewSession("", &answers);
    session->Run({graph::Value::String(text), graph::Value()}, {});
    node.RunTurns();
    if (!answers.failure().has_value()) {
      session->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
      node.RunTurns([&] {
        EXPECT_LE(node.used_bytes(), kNodeBytes);
        return false;
      });
    }
  }
  EXPECT_TRUE(node.is_at_rest());
  if (answers.failure().has_value()) {
    outcome.code = answers.failure()->code;
    outcome.message = answers.failure()->message;
  }
  outcome.rows = answers.rows();
  outcome.turns = node.turn_count();
  return outcome;
}

constexpr char kOutOfMemory[] = "Neo.ClientError.General.TransactionOutOfMemoryError";

TEST(HostileStatements, EndWithAnErrorWithinTheirMemory) {
  for (const std::string text : {
           "RETURN range(1, 1000000000000) AS l",
           "RETURN range(1, 50000000) AS l",
           "UNWIND range(1, 10000000) AS x RETURN collect(x) AS l",
           "UNWIND range(1, 10000000) AS x RETURN collect([x, x, x]) AS l",
           "UNWIND range(1, 10000000) AS x RETURN DISTINCT x",
           "UNWIND range(1, 10000000) AS x RETURN x, count(*) AS c",
           "UNWIND range(1, 10000000) AS x RETURN x ORDER BY -x",
           "UNWIND range(1, 1000) AS x UNWIND range(1, 1000) AS y "
           "UNWIND range(1, 1000) AS z RETURN z ORDER BY x, y",
       }) {
    SCOPED_TRACE(text);
    const Outcome outcome = RunWithin(text);
    EXPECT_EQ(outcome.code, kOutOfMemory) << outcome.message;
    EXPECT_TRUE(outcome.rows.empty());
  }
}

// Whoever has charged the values of a statement's parameters keeps the charge as long as they live.
TEST(HostileStatements, KeepTheChargeOfTheirParametersToTheirEnd) {
  TestNode node(kNodeBytes);
  session::MemoryBudget budget(&node, 100);
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  ASSERT_TRUE(budget.TryTake(60));
  session->Run(
      {graph::Value::String("RETURN $p AS p"), graph::Value::Map({{"p", graph::Value::Integer(7)}}),
       std::make_shared<const session::MemoryCharge>(&budget, 60)},
      {});
  node.RunTurns();
  ASSERT_FALSE(answers.failure().has_value()) << answers.failure()->message;
  EXPECT_EQ(budget.used_bytes(), 60u);
  session->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
  node.RunTurns();
  EXPECT_EQ(answers.rows().back(), "7");
  EXPECT_EQ(budget.used_bytes(), 0u);
  for (const char* text : {"RETRUN $p", "RETURN $missing AS p"}) {
    ASSERT_TRUE(budget.TryTake(60));
    session->Run({graph::Value::String(text), graph::Value::Map({}),
                  std::make_shared<const session::MemoryCharge>(&budget, 60)},
                 {.charge = std::make_shared<const session::MemoryCharge>(&budget, 0)});
    node.RunTurns();
    EXPECT_TRUE(answers.failure().has_value());
    EXPECT_EQ(budget.used_bytes(), 0u) << text;
    session->Reset();
    node.RunTurns();
  }
}

// What a large result has kept counts until the background has freed it.
TEST(HostileStatements, AreFreedInTheBackground) {
  TestNode node(kNodeBytes);
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session->Run({graph::Value::String(
                    "UNWIND range(1, 100000) AS x WITH collect(x) AS l UNWIND l AS y RETURN y"),
                graph::Value()},
               {});
  node.RunTurns();
  session->Pull(session::FrontSession::kLatestQuery, 1);
  node.RunTurns();
  ASSERT_FALSE(answers.failure().has_value());
  EXPECT_GT(node.used_bytes(), uint64_t{1} << 20);
  session->Reset();
  EXPECT_GT(node.used_bytes(), uint64_t{1} << 20);
  node.RunTurns();
  EXPECT_TRUE(node.is_at_rest());
}

TEST(HostileStatements, NamesTheOperatorAndTheLimit) {
  const Outcome outcome = RunWithin("UNWIND range(1, 10000000) AS x RETURN collect(x) AS l");
  EXPECT_NE(outcome.message.find("Aggregation needs"), std::string::npos) << outcome.message;
  EXPECT_NE(outcome.message.find(absl::StrCat(kNodeBytes / 2)), std::string::npos);
}

TEST(HostileStatements, AreRefusedWhenTheyAreNestedTooDeep) {
  const std::string deep_list =
      absl::StrCat("RETURN ", std::string(100'000, '['), std::string(100'000, ']'));
  EXPECT_EQ(RunWithin(deep_list).code, "Neo.ClientError.Statement.SyntaxError");
  const std::string brackets =
      absl::StrCat("RETURN ", std::string(100'000, '('), "1", std::string(100'000, ')'));
  EXPECT_EQ(RunWithin(brackets).code, "Neo.ClientError.Statement.SyntaxError");
}

TEST(HostileStatements, AreRefusedWhenTheyHaveTooManyClauses) {
  std::string text = "WITH 1 AS x ";
  for (int i = 0; i < 50'000; ++i) text += "WITH x + 1 AS x ";
  const Outcome outcome = RunWithin(text + "RETURN x");
  EXPECT_EQ(outcome.code, "Neo.ClientError.Statement.SyntaxError");
  EXPECT_NE(outcome.message.find("operators"), std::string::npos) << outcome.message;
}

TEST(HostileStatements, AreRefusedWhenARowHasTooManyValues) {
  std::string text = "RETURN 0 AS c";
  for (int i = 0; i < 5'000; ++i) absl::StrAppend(&text, ", $p + ", i, " AS c", i);
  EXPECT_EQ(RunWithin(text).code, "Neo.ClientError.Statement.SyntaxError");
}

TEST(HostileStatements, NameAHundredMissingParametersAtMost) {
  std::string text = "RETURN $a1 AS c1";
  for (int i = 2; i <= 150; ++i) absl::StrAppend(&text, ", $a", i, " AS c", i);
  const Outcome outcome = RunWithin(text);
  EXPECT_EQ(outcome.code, "Neo.ClientError.Statement.ParameterMissing");
  EXPECT_NE(outcome.message.find("a1, a2, "), std::string::npos) << outcome.message;
  EXPECT_NE(outcome.message.find("a100 and 50 more"), std::string::npos) << outcome.message;
}

TEST(HostileStatements, WorkInSlicesThatGiveWayToOthers) {
  const Outcome outcome = RunWithin("UNWIND range(1, 1000000) AS x RETURN count(x) AS c");
  EXPECT_EQ(outcome.rows, std::vector<std::string>({"1000000"}));
  EXPECT_GT(outcome.turns, 100u);
}

// One row of a long list is as long a piece of work as many rows.
constexpr char kLongRow[] =
    "WITH range(1, 200000) AS l RETURN 'x' AS a, {l: l, m: [l]} AS b, 7 AS c";

TEST(HostileStatements, WriteALargeRowInSlices) {
  TestNode node(kNodeBytes);
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session->Run({graph::Value::String(kLongRow), {}}, {});
  session->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
  node.RunTurns();
  EXPECT_GT(answers.pause_count(), 20);
  ASSERT_EQ(answers.rows().size(), 1u);
  std::string list = "[1";
  for (int i = 2; i <= 200'000; ++i) absl::StrAppend(&list, ", ", i);
  list += "]";
  const std::string& row = answers.rows()[0];
  EXPECT_EQ(row.size(), 2 * list.size() + std::string("\"x\" | {l: , m: []} | 7").size());
  EXPECT_TRUE(row == absl::StrCat("\"x\" | {l: ", list, ", m: [", list, "]} | 7"))
      << row.substr(0, 50);
}

TEST(HostileStatements, ARowThatIsInterruptedIsDropped) {
  for (const bool resets : {true, false}) {
    TestNode node(kNodeBytes);
    TextAnswers answers;
    const auto session = node.front()->NewSession("", &answers);
    session->Run({graph::Value::String(kLongRow), {}}, {});
    session->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
    node.RunTurns([&] { return answers.pause_count() > 3; });
    answers.Take();
    if (resets) {
      session->Reset();
      EXPECT_EQ(answers.Take(),
                "row dropped\nfailure Neo.ClientError.Transaction.Terminated\ndone");
    } else {
      node.AbortAll(absl::UnavailableError("a worker is gone"));
      EXPECT_EQ(answers.Take(),
                "row dropped\nfailure Neo.TransientError.General.DatabaseUnavailable");
      session->Reset();
      EXPECT_EQ(answers.Take(), "done");
    }
    node.RunTurns();
    EXPECT_TRUE(node.is_at_rest());
    session->Run({graph::Value::String("RETURN 1 AS x"), {}}, {});
    session->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
    node.RunTurns();
    EXPECT_EQ(answers.rows(), std::vector<std::string>({"1"}));
  }
}

TEST(HostileStatements, AnEndlessResultTakesNoMoreThanWhatIsPulled) {
  TestNode node(kNodeBytes);
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session->Run(
      {graph::Value::String("UNWIND range(1, 10000000000) AS x RETURN x, toString(x) AS s"), {}},
      {});
  for (int i = 0; i < 100; ++i) {
    session->Pull(session::FrontSession::kLatestQuery, 1000);
    node.RunTurns();
    EXPECT_LT(node.used_bytes(), uint64_t{4} << 20);
  }
  EXPECT_EQ(answers.rows().size(), 100'000u);
  session->Reset();
  EXPECT_TRUE(node.is_at_rest());
}

TEST(LongStatements, ArePreparedByAJob) {
  const std::string remark(20'000, ' ');
  EXPECT_EQ(RunWithin(absl::StrCat("RETURN 1", remark, " AS x")).rows,
            std::vector<std::string>({"1"}));
  EXPECT_EQ(RunWithin(absl::StrCat("RETURN 1", remark, " AS")).code,
            "Neo.ClientError.Statement.SyntaxError");
}

TEST(LongStatements, WithManyVariablesArePreparedByAJob) {
  std::string text = "WITH 1 AS v0";
  for (int i = 1; i < 100; ++i) absl::StrAppend(&text, ", ", i, " AS v", i);
  TestNode node;
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session->Run({graph::Value::String(text + " RETURN v0 + v99 AS x"), {}}, {});
  EXPECT_EQ(answers.Take(), "");
  session->Reset();
  node.RunTurns();
  EXPECT_EQ(RunWithin(text + " RETURN v0 + v99 AS x").rows, std::vector<std::string>({"100"}));
}

TEST(LongStatements, AreForgottenByAReset) {
  TestNode node;
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session->Run({graph::Value::String(absl::StrCat("RETURN 1", std::string(20'000, ' '))), {}}, {});
  EXPECT_EQ(answers.Take(), "");
  session->Reset();
  EXPECT_EQ(answers.Take(), "failure Neo.ClientError.Transaction.Terminated\ndone");
  node.RunTurns();
  EXPECT_EQ(answers.Take(), "");
  EXPECT_TRUE(node.is_at_rest());
}

}  // namespace
}  // namespace tidemark::cypher_test
