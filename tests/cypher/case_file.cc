// SPDX-License-Identifier: Apache-2.0
#include "tests/cypher/case_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "query/binder/binder.h"
#include "query/eval/evaluator.h"
#include "query/parser/parser.h"

namespace tidemark::cypher_test {
namespace {

void Append(const std::string& line, std::string* text) {
  if (!text->empty()) *text += '\n';
  *text += line;
}

void ReadFile(const std::filesystem::path& path, std::vector<CaseStep>* steps) {
  std::ifstream in(path);
  CHECK(in.is_open()) << path;
  std::string line;
  bool is_input = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("#") || line.empty()) {
      is_input = false;
    } else if (line.starts_with("> ")) {
      if (!is_input) steps->push_back({path.filename().string(), number});
      is_input = true;
      Append(line.substr(2), &steps->back().input);
    } else {
      is_input = false;
      CHECK(!steps->empty()) << path << ":" << number;
      CaseStep& step = steps->back();
      Append(line.starts_with("$ ") ? line.substr(2) : line,
             line.starts_with("$ ") ? &step.parameters : &step.expected);
    }
  }
}

}  // namespace

std::vector<CaseStep> ReadCases(const std::string& ending) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(TIDEMARK_CYPHER_TESTS_DIR)) {
    if (entry.path().extension() == ending) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<CaseStep> steps;
  for (const auto& path : paths) ReadFile(path, &steps);
  CHECK(!steps.empty()) << "no file ends with " << ending;
  return steps;
}

graph::Value ValueOf(const std::string& expression) {
  const std::string text = absl::StrCat("RETURN ", expression);
  query::Arena arena;
  const auto tree = query::Parse(text, &arena);
  CHECK(tree.ok()) << tree.status();
  const catalog::NameTable names;
  const auto bound = query::Bind(**tree, {&names, nullptr}, &arena);
  CHECK(bound.ok()) << bound.status();
  const auto& item = (*bound)->query->branches[0]->parts[0].projection->items[0];
  const auto value = query::eval::Fold(*item.expression);
  CHECK(value.has_value()) << expression;
  return *value;
}

std::string TextOf(const session::Failure& failure) {
  const std::string& message = failure.message;
  std::smatch detail;
  const bool found = std::regex_search(message, detail, std::regex(R"( \[[A-Za-z]+\](?=\n|$))"));
  return absl::StrCat("! ", failure.code.substr(4), found ? detail.str() : "");
}

}  // namespace tidemark::cypher_test
