// SPDX-License-Identifier: Apache-2.0
#include "tests/query/feature_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tidemark::query {
namespace {

using Row = std::map<std::string, std::string>;

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// One scenario while it is read.
struct ScenarioText {
  std::string name;
  std::vector<FeatureStatement> statements;
  size_t tested = 0;  // one more than the index of the statement under test
  std::vector<Row> examples;
  std::vector<std::string> procedures;
};

class FeatureReader {
 public:
  FeatureReader(std::string file, std::vector<FeatureStatement>* out)
      : file_(std::move(file)), out_(*out) {}

  void Read(std::istream& in) {
    for (std::string line; std::getline(in, line);) TakeLine(line);
    FinishScenario();
  }

 private:
  void TakeLine(const std::string& line) {
    const std::string trimmed = TrimmedLine(line);
    if (trimmed == "\"\"\"") {
      if (in_text_) FinishText();
      in_text_ = !in_text_;
      indent_ = line.find('"');
      text_.clear();
    } else if (in_text_) {
      text_ += line.size() > indent_ ? line.substr(indent_) : "";
      text_ += '\n';
    } else if (StartsWith(trimmed, "Scenario")) {
      FinishScenario();
      scenario_.name = trimmed;
      in_examples_ = false;
    } else if (StartsWith(trimmed, "Examples:")) {
      in_examples_ = true;
      header_.clear();
    } else if (StartsWith(trimmed, "|")) {
      if (in_examples_) TakeExample(trimmed);
    } else if (!trimmed.empty() && trimmed[0] != '#') {
      TakeStep(trimmed);
    }
  }

  void TakeStep(const std::string& step) {
    takes_text_ = step.find("executing query:") != std::string::npos ||
                  step.find("executing control query:") != std::string::npos ||
                  step.find("having executed:") != std::string::npos;
    is_tested_ = step.find("executing query:") != std::string::npos;
    const size_t procedure = step.find("there exists a procedure ");
    if (procedure != std::string::npos) {
      scenario_.procedures.push_back(step.substr(procedure + 25));
    }
    const size_t raised = step.find("should be raised at ");
    if (raised == std::string::npos || scenario_.tested == 0) return;
    FeatureStatement& statement = scenario_.statements[scenario_.tested - 1];
    const size_t type = step.rfind(' ', raised - 2) + 1;
    statement.error_type = step.substr(type, raised - 1 - type);
    statement.at_compile_time = step.find("compile time", raised) != std::string::npos;
    statement.error_detail = TrimmedLine(step.substr(step.rfind(':') + 1));
  }

  void FinishText() {
    if (!takes_text_) return;
    FeatureStatement statement;
    statement.file = file_;
    statement.scenario = scenario_.name;
    statement.text = text_;
    statement.is_tested = is_tested_;
    scenario_.statements.push_back(statement);
    if (is_tested_) scenario_.tested = scenario_.statements.size();
  }

  void TakeExample(const std::string& line) {
    const std::vector<std::string> cells = TableCells(line);
    if (header_.empty()) {
      header_ = cells;
      return;
    }
    Row row;
    for (size_t i = 0; i < std::min(cells.size(), header_.size()); ++i) row[header_[i]] = cells[i];
    scenario_.examples.push_back(row);
  }

  void FinishScenario() {
    if (scenario_.examples.empty()) scenario_.examples.emplace_back();
    for (const Row& row : scenario_.examples) {
      for (FeatureStatement statement : scenario_.statements) {
        for (const auto& [name, value] : row) {
          statement.text = absl::StrReplaceAll(statement.text, {{"<" + name + ">", value}});
          statement.error_detail =
              absl::StrReplaceAll(statement.error_detail, {{"<" + name + ">", value}});
        }
        statement.procedures = scenario_.procedures;
        out_.push_back(statement);
      }
    }
    scenario_ = {};
  }

  const std::string file_;
  std::vector<FeatureStatement>& out_;
  ScenarioText scenario_;
  std::vector<std::string> header_;
  bool in_text_ = false;
  bool in_examples_ = false;
  bool takes_text_ = false;
  bool is_tested_ = false;
  size_t indent_ = 0;
  std::string text_;
};

}  // namespace

std::string TrimmedLine(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

std::vector<std::string> TableCells(std::string_view line) {
  std::vector<std::string> cells;
  std::string cell;
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '|' || line[i + 1] == '\\')) {
      cell += line[++i];
    } else if (line[i] == '|') {
      cells.push_back(TrimmedLine(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return cells;
}

std::string KitFolder() {
  const char* named = std::getenv("TIDEMARK_TCK");
  for (const std::string& folder :
       {std::string(named == nullptr ? "" : named), std::string(TIDEMARK_SIBLING_KIT)}) {
    if (!folder.empty() && std::filesystem::is_directory(folder + "/features")) return folder;
  }
  return "";
}

std::vector<FeatureStatement> ReadFeatures(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".feature") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<FeatureStatement> statements;
  for (const std::string& path : paths) {
    std::ifstream in(path);
    FeatureReader(std::filesystem::path(path).stem().string(), &statements).Read(in);
  }
  return statements;
}

}  // namespace tidemark::query
