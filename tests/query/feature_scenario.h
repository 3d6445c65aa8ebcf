// SPDX-License-Identifier: Apache-2.0
// Whole scenarios of openCypher's conformance kit: what is executed, and what must come of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::query {

enum class RowOrder : uint8_t { kAny, kInOrder };

// A statement and its expectation. Cells are canonical texts (CanonicalCell).
struct FeatureQuery {
  std::string text;
  bool expects_rows = false;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  RowOrder order = RowOrder::kAny;
  bool ignores_list_order = false;
  bool expects_effects = false;
  std::map<std::string, int64_t> effects;  // "+nodes" to how many; empty: none
  std::string error_type;                  // empty: no error
  std::string error_detail;                // "*": any
  bool at_compile_time = false;
};

struct FeatureScenario {
  std::string file;  // with its folders below the one that was read
  std::string name;
  bool ignored = false;     // tagged so
  std::string start_graph;  // name of a graph of the kit; empty: an empty one
  std::vector<std::string> setup;
  std::vector<std::pair<std::string, std::string>> parameters;  // name to the text of a cell
  std::vector<std::string> procedures;                          // signatures
  std::vector<FeatureQuery> queries;                            // under test, then control queries
};

// All scenarios of the .feature files below `folder`, outlines expanded.
std::vector<FeatureScenario> ReadScenarios(const std::string& folder);

// The text of a cell in the one form that equal cells share: labels and keys in order, floats as
// toString writes them, strings in single quotes. Lists are sorted by their elements' texts when
// `sort_lists`. A text that is no value comes back as it is.
std::string CanonicalCell(std::string_view text, bool sort_lists = false);
std::string QuotedCell(std::string_view text);

}  // namespace tidemark::query
