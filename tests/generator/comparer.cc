// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/comparer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "query/text/error.h"
#include "tests/reference/evaluator.h"

namespace tidemark::generator {
namespace {

std::string ChangesText(const reference::Counters& counters) {
  return absl::StrCat("nodes +", counters.nodes_created, " -", counters.nodes_deleted,
                      ", relationships +", counters.relationships_created, " -",
                      counters.relationships_deleted, ", properties ", counters.properties_set,
                      ", labels +", counters.labels_added, " -", counters.labels_removed);
}

Answer AnswerOf(const reference::Graph& graph, const reference::Outcome& outcome,
                const TextStyle& style) {
  Answer answer;
  if (outcome.error.has_value()) {
    const query::ErrorInfo& info = query::InfoOf(*outcome.error);
    answer.error_code = std::string(info.code);
    answer.error_detail = std::string(info.detail);
    return answer;
  }
  answer.columns = outcome.columns;
  answer.counters = ChangesText(outcome.counters);
  if (outcome.columns.empty()) return answer;
  for (const reference::Row& row : outcome.rows) {
    std::vector<std::string> values;
    for (const std::string& column : outcome.columns) {
      values.push_back(AnswerText(graph, row.at(column), style));
    }
    answer.rows.push_back(absl::StrJoin(values, " | "));
  }
  return answer;
}

// The reference evaluator has none of them.
bool IsLimit(const Answer& answer) {
  return answer.error_code.ends_with("OutOfMemoryError") ||
         answer.error_text.find("the indexed values are too long") != std::string::npos;
}

TextStyle StyleOf(const Statement& statement) {
  return {statement.has_bags, statement.loose_numbers};
}

std::string LinesOf(const std::vector<std::string>& rows) { return absl::StrJoin(rows, "\n  "); }

// An error that the engine finds before it runs has another code, and the same name.
bool SameError(const Answer& expected, const Answer& actual) {
  if (expected.error_code == actual.error_code) return true;
  // Edges that have lost an end are looked for at the end, which another error may come before.
  const std::string dangling = "DeleteConnectedNode";
  const bool both_fail = !expected.error_code.empty() && !actual.error_code.empty();
  if (both_fail && (expected.error_detail == dangling || actual.error_detail == dangling)) {
    return true;
  }
  // The engine stores nothing before the values of several rows have been computed, the reference
  // each row by itself.
  if (both_fail && expected.error_detail == "InvalidPropertyType") return true;
  return actual.error_code.ends_with("SyntaxError") && !expected.error_code.empty() &&
         expected.error_detail == actual.error_detail;
}

bool SameAnswer(const Statement& statement, const Answer& expected, const Answer& actual) {
  if (!expected.error_code.empty() || !actual.error_code.empty()) {
    return SameError(expected, actual);
  }
  return SameRows(statement, expected, actual);
}

std::string Difference(const Statement& statement, const Expected& expected, const Actual& actual,
                       uint32_t worker_count) {
  if (!SameAnswer(statement, expected.answer, actual.answer)) {
    return absl::StrCat("reference:\n  ", TextOf(expected.answer), "\n", worker_count,
                        " workers:\n  ", TextOf(actual.answer));
  }
  if (actual.graph == expected.graph) return "";
  return absl::StrCat("graph of the reference:\n  ", LinesOf(expected.graph), "\n", worker_count,
                      " workers:\n  ", LinesOf(actual.graph));
}

}  // namespace

std::string TextOf(const Answer& answer) {
  if (!answer.error_code.empty()) {
    return absl::StrCat("! ", answer.error_code, " [", answer.error_detail, "] ",
                        answer.error_text);
  }
  return absl::StrCat(absl::StrJoin(answer.columns, " | "), "\n  ", LinesOf(answer.rows), "\n  + ",
                      answer.counters);
}

bool SameRows(const Statement& statement, Answer expected, Answer actual) {
  if (expected.columns != actual.columns || expected.counters != actual.counters) return false;
  if (statement.counts_only) return expected.rows.size() == actual.rows.size();
  if (!statement.is_ordered) {
    std::sort(expected.rows.begin(), expected.rows.end());
    std::sort(actual.rows.begin(), actual.rows.end());
  }
  return expected.rows == actual.rows;
}

std::string Tally::Text() const {
  std::string text = absl::StrCat(compared, " compared (", with_rows, " gave rows, ", with_changes,
                                  " changed the graph, ", errors, " failed in the same way, ",
                                  in_another_order, " met an error in another order)");
  for (const auto& [what, count] : not_covered) {
    absl::StrAppend(&text, "\n  not covered: ", count, " ", what);
  }
  return text;
}

Comparer::Comparer(GraphPlan plan, uint64_t seed) : plan_(std::move(plan)), seed_(seed) {
  for (const std::string& text : plan_.ToStatements()) {
    const auto outcome = reference::Evaluate(text, {}, &graph_);
    if (outcome.not_covered == "a command") continue;
    CHECK(outcome.not_covered.empty() && !outcome.error.has_value()) << text;
  }
  Build();
}

void Comparer::Build() {
  for (const uint32_t worker_count : {1u, 3u}) {
    auto engine = std::make_unique<Engine>(worker_count, seed_);
    for (const std::string& text : plan_.ToStatements()) {
      const Answer answer = engine->Run(text, {});
      CHECK(answer.error_code.empty()) << text << "\n" << answer.error_text;
    }
    engines_[worker_count] = std::move(engine);
  }
}

std::string Comparer::Compare(const Statement& statement, bool commits, Tally* tally) {
  const Expected expected = Expect(statement, reference::Conditions::kInOrder);
  if (!expected.outcome.not_covered.empty()) {
    ++tally->not_covered[expected.outcome.not_covered];
    return "";
  }
  ++tally->compared;
  tally->with_rows += expected.answer.rows.empty() ? 0 : 1;
  tally->with_changes += expected.outcome.counters == reference::Counters() ? 0 : 1;
  tally->errors += expected.outcome.error.has_value() ? 1 : 0;
  std::string difference;
  bool is_as_expected = true;
  for (const uint32_t worker_count : {1u, 3u}) {
    const Actual actual = RunEngine(worker_count, statement, commits);
    if (IsLimit(actual.answer)) {
      ++tally->not_covered["more than the engine takes"];
      is_as_expected = false;
      continue;
    }
    difference = Difference(statement, expected, actual, worker_count);
    if (difference.empty()) continue;
    is_as_expected = false;
    if (!IsOfAnotherOrder(statement, expected, actual, worker_count)) break;
    ++tally->in_another_order;
    difference.clear();
  }
  // These engines may still hold what a statement that failed has changed.
  const bool has_failed = expected.outcome.error.has_value() || !is_as_expected;
  if (statement.writes && (commits || has_failed)) Build();
  return difference;
}

Expected Comparer::Expect(const Statement& statement, reference::Conditions conditions) const {
  Expected expected;
  reference::Graph graph = graph_;
  expected.outcome = reference::Evaluate(statement.Text(), {}, &graph, conditions);
  if (!expected.outcome.not_covered.empty()) return expected;
  expected.answer = AnswerOf(graph, expected.outcome, StyleOf(statement));
  if (!statement.writes) return expected;
  graph.Purge();
  expected.graph = GraphText(graph);
  return expected;
}

Actual Comparer::RunEngine(uint32_t worker_count, const Statement& statement, bool commits) {
  Engine& engine = *engines_.at(worker_count);
  const bool keeps = statement.writes && !commits;
  if (keeps) engine.Begin();
  Actual actual{engine.Run(statement.Text(), StyleOf(statement)), {}};
  if (statement.writes) actual.graph = engine.Graph();
  if (keeps) engine.Rollback();
  return actual;
}

// An error of a condition that other conditions keep away from the rows, or do not.
bool Comparer::IsOfAnotherOrder(const Statement& statement, const Expected& expected,
                                const Actual& actual, uint32_t worker_count) const {
  const bool fails = !actual.answer.error_code.empty();
  if (fails == expected.outcome.error.has_value()) return false;
  const Expected other = Expect(
      statement, fails ? reference::Conditions::kAllHold : reference::Conditions::kErrorsHold);
  return other.outcome.not_covered.empty() &&
         Difference(statement, other, actual, worker_count).empty();
}

}  // namespace tidemark::generator
