// SPDX-License-Identifier: Apache-2.0
// Statements and their rows, as text: tests/cypher/*.test.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "tests/cypher/case_file.h"
#include "tests/cypher/test_node.h"

namespace tidemark::cypher_test {
namespace {

// Columns and rows, or the code and the detail of the error.
std::string RunCase(const CaseStep& step, int64_t pull) {
  TestNode node;
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session::Statement statement{graph::Value::String(step.input), graph::Value()};
  if (!step.parameters.empty()) statement.parameters = ValueOf(step.parameters);
  session->Run(std::move(statement), {});
  node.RunTurns();
  for (int i = 0; i < 1000 && !answers.failure().has_value() && !node.is_at_rest(); ++i) {
    session->Pull(session::FrontSession::kLatestQuery, pull);
    node.RunTurns();
  }
  EXPECT_TRUE(node.is_at_rest()) << "transactions or memory are left";
  if (answers.failure().has_value()) {
    return TextOf(*answers.failure());
  }
  std::string text = answers.columns();
  for (const std::string& row : answers.rows()) absl::StrAppend(&text, "\n", row);
  return text;
}

TEST(CypherCases, GiveTheirRowsHoweverManyArePulled) {
  for (const CaseStep& step : ReadCases(".test")) {
    SCOPED_TRACE(absl::StrCat(step.file, ":", step.line, ": ", step.input));
    EXPECT_EQ(RunCase(step, session::FrontSession::kAllRows), step.expected);
    EXPECT_EQ(RunCase(step, 1), step.expected);
  }
}

}  // namespace
}  // namespace tidemark::cypher_test
