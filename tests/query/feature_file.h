// SPDX-License-Identifier: Apache-2.0
// Reads the statements out of Gherkin files of openCypher's conformance kit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::query {

// A statement of a scenario; outlines are expanded.
struct FeatureStatement {
  std::string file;
  std::string scenario;
  std::string text;
  // Of the statement under test: the detail of the error that it must raise; empty: none.
  std::string error_detail;
  std::string error_type;  // "SyntaxError"
  bool at_compile_time = false;
  bool is_tested = false;               // the statement under test, not one before it
  std::vector<std::string> procedures;  // that exist: "test.my.proc(in :: INTEGER?) :: (out ...)"
};

// A line without blanks at its ends.
std::string TrimmedLine(std::string_view text);
// "| a | b |"; "\|" in a cell is a bar.
std::vector<std::string> TableCells(std::string_view line);

// The kit's folder, from the environment variable TIDEMARK_TCK or beside the repository; empty when
// there is none.
std::string KitFolder();

// All statements of the .feature files below `folder`, in the order of the files' names.
std::vector<FeatureStatement> ReadFeatures(const std::string& folder);

}  // namespace tidemark::query
