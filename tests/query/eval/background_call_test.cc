// SPDX-License-Identifier: Apache-2.0
// Calls on huge values: made elsewhere, with what they give at once, within the memory of the
// query.
#include "query/eval/background_call.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "query/batch/batch.h"
#include "query/functions/registry.h"
#include "tests/query/eval/evaluate_text.h"
#include "tests/query/eval/held_jobs.h"

namespace tidemark::query::eval {
namespace {

using graph::Value;

// The slots 0 and 1: a long list, a long text; 2: a number.
BatchRef MakeBatch(size_t rows) {
  BatchRef batch = Batch::Make(nullptr, rows);
  batch->set_row_count(rows);
  std::vector<Value> numbers;
  for (int i = 0; i < 100'000; ++i) numbers.push_back(Value::Integer(i % 1'000));
  const Value list = Value::List(numbers);
  const Value text = Value::String(std::string(300'000, 'x') + "yz");
  for (const Value& value : {list, text}) {
    Column* const column = batch->AddColumn(ColumnKind::kValue);
    for (size_t row = 0; row < rows; ++row) column->values()[row] = value;
  }
  Column* const column = batch->AddColumn(ColumnKind::kInteger);
  for (size_t row = 0; row < rows; ++row) column->SetWord(row, row);
  return batch;
}

Program CompileOverHuge(std::string_view expression) {
  const BoundText bound =
      BindText("WITH $p AS l, $q AS t, $r AS i RETURN " + std::string(expression) + " AS x");
  CHECK(bound.status.ok()) << bound.status << expression;
  Layout layout;
  for (uint32_t i = 0; i < bound.statement->variables.size(); ++i) {
    const std::string_view name = bound.statement->variables[i].name;
    if (name == "l") layout.variables[i] = 0;
    if (name == "t") layout.variables[i] = 1;
    if (name == "i") layout.variables[i] = 2;
  }
  const auto& items = bound.statement->query->branches[0]->parts.back().projection->items;
  auto program = Compile(*items[0].expression, layout, bound.text);
  CHECK(program.ok()) << program.status();
  return *std::move(program);
}

class BackgroundCallTest : public testing::Test {
 protected:
  BackgroundCallTest() {
    environment_.pool = &pool_;
    environment_.background = &jobs_;
  }

  absl::StatusOr<std::vector<std::string>> Results(const Program& program, Batch* batch) {
    Evaluator evaluator(&program, &environment_);
    evaluator.Start(batch);
    while (true) {
      int64_t units = 1'000'000;
      environment_.waits_for_call = false;
      const auto done = evaluator.Continue(&units);
      if (!done.ok()) return done.status();
      if (*done) break;
      EXPECT_EQ(environment_.waits_for_call, units > 0);
      EXPECT_FALSE(environment_.waits_for_call && jobs_.waiting() == 0);
      jobs_.RunAll();
    }
    std::vector<std::string> results;
    batch->ForEachRow([&](uint16_t row) { results.push_back(Shown(evaluator.ResultAt(row))); });
    return results;
  }

  SlabPool pool_;
  TestAccount account_{10 << 20};
  HeldJobs jobs_;
  Environment environment_;
};

TEST_F(BackgroundCallTest, GivesWhatTheCallGivesAtOnce) {
  for (const char* expression : {"size(l + l)",
                                 "size(tail(l))",
                                 "-i IN l",
                                 "l = l + [i]",
                                 "size(range(1, 200000))",
                                 "t CONTAINS 'yz' + i",
                                 "size(replace(t, 'x', 'ab'))",
                                 "t =~ '(x|' + i + ')*yz'",
                                 "size(toUpper(t) + reverse(t))",
                                 "size([x IN [1, 2] | l + x])",
                                 "size(reduce(k = l, x IN range(1, 5) | tail(k)))",
                                 "any(x IN [1, 2] WHERE x + 5000 IN l)",
                                 "toInteger(t)",
                                 "size(l[1..99999])",
                                 "t + t = t OR true",
                                 "t = t + ''",
                                 "l[0] / (i - 1)",
                                 "reduce(s = 0, x IN l[..10] | s + size(l + x))",
                                 "l < 1",
                                 "t = 'yz'",
                                 "t < 'yz'",
                                 "t STARTS WITH 'xx'",
                                 "t <> null"}) {
    SCOPED_TRACE(expression);
    const Program program = CompileOverHuge(expression);
    const BatchRef batch = MakeBatch(3);
    const int count = jobs_.count();
    environment_.background = nullptr;
    const auto expected = Results(program, batch.get());
    EXPECT_EQ(jobs_.count(), count);
    environment_.background = &jobs_;
    const auto actual = Results(program, batch.get());
    ASSERT_EQ(actual.ok(), expected.ok());
    if (expected.ok()) {
      EXPECT_EQ(*actual, *expected);
    } else {
      EXPECT_EQ(Shown(actual.status()), Shown(expected.status()));
    }
    // What looks at the first elements or bytes alone is done at once.
    constexpr std::string_view kInstant[] = {
        "l[0] / (i - 1)", "l < 1", "t = 'yz'", "t < 'yz'", "t STARTS WITH 'xx'", "t <> null"};
    const bool is_instant =
        std::find(std::begin(kInstant), std::end(kInstant), expression) != std::end(kInstant);
    EXPECT_EQ(jobs_.count() > count, !is_instant);
  }
}

TEST_F(BackgroundCallTest, TakesNoMoreMemoryThanTheQueryHas) {
  environment_.memory = &account_;
  const BatchRef batch = MakeBatch(1);
  for (const char* expression : {"size(range(i, 1000000000000))", "size(replace(t, 'x', t))",
                                 "size(split(t, 'x') + split(t, 'x') + split(t, 'x'))"}) {
    SCOPED_TRACE(expression);
    const Program program = CompileOverHuge(expression);
    const auto results = Results(program, batch.get());
    ASSERT_FALSE(results.ok());
    EXPECT_EQ(Shown(results.status()), "!ValueTooLarge");
    EXPECT_EQ(account_.used_bytes(), 0u);
  }
}

TEST_F(BackgroundCallTest, ChargesWhatItMakesWhenItIsTaken) {
  environment_.memory = &account_;
  const Program program = CompileOverHuge("replace(t, 'x', 'ab')");
  const BatchRef batch = MakeBatch(1);
  Evaluator evaluator(&program, &environment_);
  evaluator.Start(batch.get());
  int64_t units = 1'000'000;
  ASSERT_FALSE(evaluator.Continue(&units).value());
  const uint64_t before = account_.used_bytes();
  jobs_.RunAll();
  EXPECT_EQ(account_.used_bytes(), before);
  ASSERT_TRUE(evaluator.Continue(&units).value());
  EXPECT_GE(account_.used_bytes(), before + 600'000);
}

TEST_F(BackgroundCallTest, OutlivesItsQuery) {
  {
    const Program program = CompileOverHuge("size(l + l) + size([x IN [1] | l + x])");
    const BatchRef batch = MakeBatch(1);
    Evaluator evaluator(&program, &environment_);
    evaluator.Start(batch.get());
    int64_t units = 1'000'000;
    EXPECT_FALSE(evaluator.Continue(&units).value());
  }
  EXPECT_EQ(jobs_.waiting(), 1u);
  jobs_.RunAll();
}

TEST_F(BackgroundCallTest, WhatMustNotPauseIsDoneAtOnce) {
  const Program program = CompileOverHuge("size(l + l) + size([x IN [1] | l + x][0])");
  const BatchRef batch = MakeBatch(1);
  Evaluator evaluator(&program, &environment_);
  evaluator.Start(batch.get());
  int64_t units = 0;
  ASSERT_TRUE(evaluator.Finish(&units).ok());
  EXPECT_EQ(Shown(evaluator.ResultAt(0)), "300001");
  EXPECT_LT(units, -10'000);
  EXPECT_EQ(jobs_.count(), 0);
}

}  // namespace
}  // namespace tidemark::query::eval
