// SPDX-License-Identifier: Apache-2.0
#include "tests/cypher/case_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/check.h"

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

}  // namespace tidemark::cypher_test
