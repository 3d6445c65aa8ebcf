// SPDX-License-Identifier: Apache-2.0
// The reference evaluator against openCypher's conformance kit.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_join.h"
#include "tests/query/feature_file.h"
#include "tests/query/feature_scenario.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {
namespace {

using query::FeatureQuery;
using query::FeatureScenario;

constexpr std::string_view kNotCovered = "not covered: ";

// Empty: as expected; else what is wrong, or what is not covered.
std::string CheckRows(const FeatureQuery& query, const Outcome& outcome, const Graph& graph) {
  const auto text_of = [](std::vector<std::string> lines, bool sorted) {
    if (sorted) std::sort(lines.begin(), lines.end());
    return absl::StrJoin(lines, "\n");
  };
  std::vector<std::string> expected, actual;
  for (const auto& row : query.rows) expected.push_back(absl::StrJoin(row, " | "));
  for (const Row& row : outcome.rows) {
    std::vector<std::string> cells;
    for (const std::string& column : query.columns) {
      const auto found = row.find(column);
      cells.push_back(
          found == row.end() ? "?" : CellText(graph, found->second, query.ignores_list_order));
    }
    actual.push_back(absl::StrJoin(cells, " | "));
  }
  if (outcome.columns.empty()) actual.clear();
  const bool sorted = query.order == query::RowOrder::kAny;
  const std::string want = text_of(expected, sorted), got = text_of(actual, sorted);
  return want == got ? "" : "expected\n" + want + "\nbut\n" + got;
}

std::string CheckQuery(const FeatureQuery& query, const Parameters& parameters, Graph* graph) {
  const Graph before = *graph;
  const Outcome outcome = Evaluate(query.text, parameters, graph);
  if (!outcome.not_covered.empty()) return std::string(kNotCovered) + outcome.not_covered;
  // What the binder refuses is not the evaluator's.
  if (query.at_compile_time) return std::string(kNotCovered) + "mistakes found before it runs";
  if (outcome.error.has_value()) {
    const std::string detail(query::InfoOf(*outcome.error).detail);
    if (query.error_detail == detail || query.error_detail == "*") return "";
    return "raised " + detail + ", expected " + query.error_detail;
  }
  if (!query.error_type.empty()) return "did not raise " + query.error_detail;
  if (query.expects_rows) {
    const std::string wrong = CheckRows(query, outcome, *graph);
    if (!wrong.empty()) return wrong;
  }
  graph->Purge();
  const auto effects = ToMap(Difference(before, *graph));
  if (!query.expects_effects || effects == query.effects) return "";
  return "side effects " + absl::StrJoin(effects, ", ", absl::PairFormatter(" "));
}

std::string CheckScenario(const FeatureScenario& scenario, const std::string& kit) {
  Graph graph;
  std::vector<std::string> setup;
  if (!scenario.start_graph.empty()) {
    std::ifstream in(kit + "/graphs/" + scenario.start_graph + "/" + scenario.start_graph +
                     ".cypher");
    std::stringstream text;
    text << in.rdbuf();
    setup.push_back(text.str());
  }
  setup.insert(setup.end(), scenario.setup.begin(), scenario.setup.end());
  Parameters parameters;
  for (const auto& [name, cell] : scenario.parameters) {
    const Outcome value = Evaluate("RETURN " + cell + " AS x", {}, &graph);
    if (value.rows.size() != 1) return "parameter " + cell;
    parameters[name] = value.rows[0].at("x");
  }
  for (const std::string& text : setup) {
    const Outcome outcome = Evaluate(text, parameters, &graph);
    if (!outcome.not_covered.empty()) return std::string(kNotCovered) + outcome.not_covered;
    if (outcome.error.has_value()) {
      return "setup raised " + std::string(query::InfoOf(*outcome.error).detail);
    }
    graph.Purge();
  }
  for (const FeatureQuery& query : scenario.queries) {
    const std::string wrong = CheckQuery(query, parameters, &graph);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

TEST(ReferenceKitTest, WhatIsCoveredGivesWhatTheKitExpects) {
  const std::string folder = query::KitFolder();
  if (folder.empty()) GTEST_SKIP() << "SKIPPED: set TIDEMARK_TCK to the folder of the kit";
  int passed = 0, failed = 0;
  std::map<std::string, int> not_covered;
  for (const FeatureScenario& scenario : query::ReadScenarios(folder + "/features")) {
    if (scenario.ignored) continue;
    const std::string wrong = CheckScenario(scenario, folder);
    if (wrong.empty()) {
      ++passed;
    } else if (wrong.starts_with(kNotCovered)) {
      ++not_covered[wrong];
    } else {
      ++failed;
      ADD_FAILURE() << scenario.file << " " << scenario.name << "\n"
                    << scenario.queries[0].text << wrong;
    }
  }
  int not_covered_count = 0;
  for (const auto& [what, count] : not_covered) {
    std::cout << count << " " << what << "\n";
    not_covered_count += count;
  }
  std::cout << passed << " passed, " << failed << " failed, " << not_covered_count
            << " not covered\n";
  EXPECT_GT(passed, 1000);
}

}  // namespace
}  // namespace tidemark::reference
