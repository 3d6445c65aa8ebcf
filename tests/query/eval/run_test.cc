// SPDX-License-Identifier: Apache-2.0
// Runs of programs over batches: kernels beside the row instructions, pieces, memory, folding.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "query/batch/batch.h"
#include "tests/query/batch/random_batch.h"
#include "tests/query/eval/evaluate_text.h"

namespace tidemark::query::eval {
namespace {

using graph::Value;

// The expression of a statement's last projection. The variables a and b are anything.
struct Compiled {
  BoundText bound;
  Program program;
};

const bound::Expression& LastExpression(const BoundText& bound) {
  return *bound.statement->query->branches[0]->parts.back().projection->items[0].expression;
}

Compiled CompileOver(std::string_view expression, uint32_t a_slot, uint32_t b_slot) {
  Compiled compiled{BindText("WITH $p AS a, $q AS b RETURN " + std::string(expression) + " AS x"),
                    {}};
  CHECK(compiled.bound.status.ok()) << compiled.bound.status << expression;
  Layout layout;
  for (uint32_t i = 0; i < compiled.bound.statement->variables.size(); ++i) {
    const std::string_view name = compiled.bound.statement->variables[i].name;
    if (name == "a") layout.variables[i] = a_slot;
    if (name == "b") layout.variables[i] = b_slot;
  }
  auto program = Compile(LastExpression(compiled.bound), layout, compiled.bound.text);
  CHECK(program.ok()) << program.status();
  compiled.program = *std::move(program);
  return compiled;
}

// What a program gives for each row that counts; the error of any.
absl::StatusOr<std::vector<std::string>> ResultsOf(const Program& program, Batch* batch,
                                                   Environment* environment, int64_t slice) {
  Evaluator evaluator(&program, environment);
  evaluator.Start(batch);
  for (bool is_done = false; !is_done;) {
    int64_t units = slice;
    const auto done = evaluator.Continue(&units);
    if (!done.ok()) return done.status();
    is_done = *done;
  }
  std::vector<std::string> results;
  batch->ForEachRow([&](uint16_t row) { results.push_back(Shown(evaluator.ResultAt(row))); });
  return results;
}

constexpr const char* kOperations[] = {"a = b",
                                       "a <> b",
                                       "a < b",
                                       "a <= b",
                                       "a > b",
                                       "a >= b",
                                       "a = 1",
                                       "a < 1.5",
                                       "2 >= a",
                                       "a + b",
                                       "a - b",
                                       "a * b",
                                       "a / b",
                                       "a % b",
                                       "a ^ b",
                                       "a + 1",
                                       "a * 2.5",
                                       "-a",
                                       "NOT a",
                                       "a AND b",
                                       "a OR b",
                                       "a XOR b",
                                       "a IS NULL",
                                       "b IS NOT NULL",
                                       "a STARTS WITH b",
                                       "a IN [b]",
                                       "a CONTAINS 'a'",
                                       "a ENDS WITH b",
                                       "a < b < 3",
                                       "coalesce(a, b, 1)",
                                       "a = 1 AND b > 0 OR a < b",
                                       "CASE a WHEN b THEN a WHEN 1 THEN 'one' ELSE b END",
                                       "CASE WHEN a < b THEN a END",
                                       "[a, b][0]",
                                       "{k: a}.k = b",
                                       "a = b OR a + b > 0"};

TEST(RunTest, KernelsAgreeWithRowInstructions) {
  SlabPool pool;
  TestGraph graph;
  Environment environment;
  environment.pool = &pool;
  environment.graph = &graph;
  size_t compared = 0;
  size_t raised = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    RandomBatches batches(seed, &pool);
    const BatchRef batch = seed % 2 == 0 ? batches.Any() : batches.OfEveryKind(5);
    const auto slots = static_cast<uint32_t>(batch->slot_count());
    if (slots == 0) continue;
    for (const char* operation : kOperations) {
      const auto a = static_cast<uint32_t>(batches.values()->Below(slots));
      const auto b = static_cast<uint32_t>(batches.values()->Below(slots));
      SCOPED_TRACE(std::string(operation) + " seed " + std::to_string(seed));
      const Compiled typed = CompileOver(operation, a, b);
      const Compiled rows = CompileOver("[here IN [0] | " + std::string(operation) + "][0]", a, b);
      const auto expected = ResultsOf(rows.program, batch.get(), &environment, 1 << 30);
      const auto actual = ResultsOf(typed.program, batch.get(), &environment, 1 << 30);
      ASSERT_EQ(actual.ok(), expected.ok()) << actual.status() << expected.status();
      if (!expected.ok()) {
        ++raised;
        continue;
      }
      EXPECT_EQ(*actual, *expected);
      ++compared;
    }
  }
  EXPECT_GT(compared, 200u);
  EXPECT_GT(raised, 20u);
}

TEST(RunTest, PiecesGiveTheSameAsOne) {
  Environment environment;
  const BatchRef batch = Batch::Make(nullptr, 3);
  batch->set_row_count(3);
  Column* const column = batch->AddColumn(ColumnKind::kInteger);
  for (size_t row = 0; row < 3; ++row) column->SetWord(row, row);
  const Compiled compiled = CompileOver("reduce(s = a, x IN range(1, 1000) | s + x % 7)", 0, 0);
  const auto whole = ResultsOf(compiled.program, batch.get(), &environment, 1 << 30);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(*ResultsOf(compiled.program, batch.get(), &environment, 1), *whole);

  Evaluator evaluator(&compiled.program, &environment);
  evaluator.Start(batch.get());
  int64_t units = 100;
  EXPECT_FALSE(evaluator.Continue(&units).value());  // in the middle of a row
}

TEST(RunTest, ValuesBeyondTheLimitAreErrors) {
  TestAccount account(1 << 20);
  Environment environment;
  environment.memory = &account;
  const BatchRef batch = Batch::Make(nullptr, 1);
  batch->set_row_count(1);
  batch->AddColumn(ColumnKind::kInteger)->SetWord(0, 1);
  for (const char* expression :
       {"range(a, 1000000000000)", "range(a, 100000)", "[x IN range(a, 20000) | [x, x, x]]",
        "reduce(s = '' + a, x IN range(1, 30) | s + s)"}) {
    const Compiled compiled = CompileOver(expression, 0, 0);
    const auto results = ResultsOf(compiled.program, batch.get(), &environment, 1 << 30);
    ASSERT_FALSE(results.ok()) << expression;
    EXPECT_EQ(Shown(results.status()), "!ValueTooLarge") << expression;
    EXPECT_EQ(account.used_bytes(), 0u) << expression;
  }
}

TEST(RunTest, ColumnsOfLongExpressionsAreCharged) {
  TestAccount account(1 << 20);
  Environment environment;
  environment.memory = &account;
  const BatchRef batch = Batch::Make(nullptr, kMaxBatchRows);
  batch->set_row_count(kMaxBatchRows);
  Column* const column = batch->AddColumn(ColumnKind::kInteger);
  for (size_t row = 0; row < kMaxBatchRows; ++row) column->SetWord(row, row);
  std::string text = "true";
  for (int i = 1; i <= 1'000; ++i) text += " AND a <> -" + std::to_string(i);
  const Compiled compiled = CompileOver(text, 0, 0);
  EXPECT_EQ(Shown(ResultsOf(compiled.program, batch.get(), &environment, 1 << 30).status()),
            "!ValueTooLarge");
  EXPECT_EQ(account.used_bytes(), 0u);
  environment.memory = nullptr;
  EXPECT_TRUE(ResultsOf(compiled.program, batch.get(), &environment, 1 << 30).ok());
}

TEST(RunTest, WhatATurnOfALoopMadeIsGivenBack) {
  TestAccount account(1 << 20);
  Environment environment;
  environment.memory = &account;
  const BatchRef batch = Batch::Make(nullptr, 1);
  batch->set_row_count(1);
  batch->AddColumn(ColumnKind::kInteger)->SetWord(0, 1);
  // All strings together would be 50 MB.
  const Compiled compiled =
      CompileOver("size(reduce(s = '', x IN range(a, 10000) | s + 'x'))", 0, 0);
  const auto results = ResultsOf(compiled.program, batch.get(), &environment, 1 << 30);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ((*results)[0], "10000");
}

TEST(RunTest, FilterKeepsWhatIsTrue) {
  Environment environment;
  const BatchRef batch = Batch::Make(nullptr, 3);
  batch->set_row_count(3);
  Column* const column = batch->AddColumn(ColumnKind::kInteger);
  column->SetWord(0, 0);
  column->SetNull(1);
  column->SetWord(2, 1);
  // An operand that raises counts only where the other does not decide.
  const Compiled compiled = CompileOver("1 / a = 1 AND a <> 0", 0, 0);
  ASSERT_TRUE(Filter(compiled.program, batch.get(), &environment).ok());
  ASSERT_EQ(batch->selected_count(), 1u);
  EXPECT_EQ(batch->RowAt(0), 2);
}

TEST(RunTest, ConstantsAreComputedBefore) {
  const Compiled folded = CompileOver("a + (1 + 2 * 3)", 0, 0);
  EXPECT_EQ(folded.program.code.instructions.size(), 1u);
  const Compiled raising = CompileOver("a = 1 OR 1 / (1 - 1) = 1", 0, 0);
  EXPECT_GT(raising.program.code.instructions.size(), 3u);
  const Compiled large = CompileOver("size(range(1, 1000000)) + a", 0, 0);
  EXPECT_GT(large.program.code.instructions.size(), 2u);
}

// However many they are: a column for each would take long.
TEST(RunTest, LargeLiteralsAreOneConstant) {
  std::string list = "[-1, 2.5, 'x', null, [true, -0.5]";
  std::string map = "{k: {x: -7}";
  for (int i = 0; i < 30'000; ++i) {
    absl::StrAppend(&list, ", ", i);
    absl::StrAppend(&map, ", k", i, ": ", i);
  }
  list += "]";
  map += "}";
  SlabPool pool;
  Environment environment;
  environment.pool = &pool;
  const BatchRef batch = Batch::Make(nullptr, 1);
  batch->set_row_count(1);
  *batch->AddColumn(ColumnKind::kConstant)->values() = Value::Integer(3);
  for (const auto& [expression, expected] : std::vector<std::pair<std::string, std::string>>{
           {"size(" + list + ") + a", "30008"},
           {list + "[0] + a", "2"},
           {list + "[5..7] + a", "[0, 1, 3]"},
           {"size(keys(" + map + ")) + a", "30004"},
           {map + ".k29999 + a", "30002"},
           {map + ".k.x + a", "-4"},
           {"size([[-null, 'x'], 2, {k: -null}]) + a", "6"},
       }) {
    SCOPED_TRACE(expected);
    const Compiled compiled = CompileOver(expression, 0, 0);
    EXPECT_LE(compiled.program.code.loads.size(), 8u);
    const auto results = ResultsOf(compiled.program, batch.get(), &environment, 1'000'000);
    ASSERT_TRUE(results.ok()) << results.status();
    EXPECT_EQ(results->at(0), expected);
  }
}

TEST(RunTest, ExpressionsOfTooManyStepsAreRefused) {
  std::string list = "[a";
  for (int i = 0; i < 25'000; ++i) absl::StrAppend(&list, ", ", i);
  list += "]";
  const BoundText bound = BindText("WITH $p AS a RETURN " + list + " AS x");
  ASSERT_TRUE(bound.status.ok());
  Layout layout;
  for (uint32_t i = 0; i < bound.statement->variables.size(); ++i) layout.variables[i] = 0;
  const auto program = Compile(LastExpression(bound), layout, bound.text);
  EXPECT_FALSE(program.ok());
}

}  // namespace
}  // namespace tidemark::query::eval
