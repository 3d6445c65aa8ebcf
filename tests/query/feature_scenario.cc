// SPDX-License-Identifier: Apache-2.0
#include "tests/query/feature_scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "tests/query/feature_file.h"

namespace tidemark::query {
namespace {

using Table = std::vector<std::vector<std::string>>;

// A step as it is written; what stands below it is its text or its table.
struct Step {
  std::string words;
  std::string text;
  Table table;
};

struct Outline {
  std::string name;
  bool ignored = false;
  std::vector<Step> steps;
  Table examples;
};

class ScenarioReader {
 public:
  ScenarioReader(std::string file, std::vector<FeatureScenario>* out)
      : file_(std::move(file)), out_(*out) {}

  void Read(std::istream& in) {
    for (std::string line; std::getline(in, line);) TakeLine(line);
    Finish();
  }

 private:
  void TakeLine(const std::string& line) {
    const std::string trimmed = TrimmedLine(line);
    if (trimmed == "\"\"\"") {
      in_text_ = !in_text_;
      indent_ = line.find('"');
    } else if (in_text_) {
      outline_.steps.back().text += (line.size() > indent_ ? line.substr(indent_) : "") + "\n";
    } else if (absl::StartsWith(trimmed, "Background:")) {
      Finish();
      in_background_ = true;
    } else if (absl::StartsWith(trimmed, "Scenario")) {
      Finish();
      outline_.name = trimmed;
      outline_.ignored = next_ignored_;
      next_ignored_ = false;
    } else if (absl::StartsWith(trimmed, "@")) {
      next_ignored_ = absl::StrContains(trimmed, "@ignore");
    } else if (absl::StartsWith(trimmed, "Examples:")) {
      in_examples_ = true;
    } else if (absl::StartsWith(trimmed, "|")) {
      Table& table = in_examples_ ? outline_.examples : outline_.steps.back().table;
      table.push_back(TableCells(trimmed));
    } else if (!trimmed.empty() && trimmed[0] != '#' && !absl::StartsWith(trimmed, "Feature:")) {
      outline_.steps.push_back({trimmed, "", {}});
    }
  }

  void Finish() {
    in_examples_ = false;
    Outline outline = std::exchange(outline_, {});
    if (in_background_) {
      background_ = outline.steps;
      in_background_ = false;
      return;
    }
    if (outline.name.empty()) return;
    outline.steps.insert(outline.steps.begin(), background_.begin(), background_.end());
    if (outline.examples.empty()) return Add(outline, {});
    for (size_t i = 1; i < outline.examples.size(); ++i) {
      std::map<std::string, std::string> words;
      for (size_t k = 0; k < outline.examples[0].size(); ++k) {
        words["<" + outline.examples[0][k] + ">"] = outline.examples[i].at(k);
      }
      Add(outline, words);
    }
  }

  void Add(const Outline& outline, const std::map<std::string, std::string>& words) {
    FeatureScenario scenario;
    scenario.file = file_;
    scenario.name = absl::StrReplaceAll(outline.name, words);
    scenario.ignored = outline.ignored;
    for (Step step : outline.steps) {
      step.words = absl::StrReplaceAll(step.words, words);
      step.text = absl::StrReplaceAll(step.text, words);
      for (auto& row : step.table) {
        for (std::string& cell : row) cell = absl::StrReplaceAll(cell, words);
      }
      AddStep(step, &scenario);
    }
    out_.push_back(std::move(scenario));
  }

  static void AddStep(const Step& step, FeatureScenario* scenario) {
    const std::string& words = step.words;
    if (absl::StartsWith(words, "Given the ")) {
      const size_t the = words.find("the ");
      scenario->start_graph = words.substr(the + 4, words.rfind(" graph") - the - 4);
    } else if (absl::StrContains(words, "having executed:")) {
      scenario->setup.push_back(step.text);
    } else if (absl::StrContains(words, "parameters are:")) {
      for (const auto& row : step.table) scenario->parameters.emplace_back(row[0], row[1]);
    } else if (absl::StrContains(words, "there exists a procedure ")) {
      scenario->procedures.push_back(words.substr(words.find("procedure ") + 10));
    } else if (absl::StrContains(words, "executing query:") ||
               absl::StrContains(words, "executing control query:")) {
      scenario->queries.push_back({});
      scenario->queries.back().text = step.text;
    } else if (!scenario->queries.empty()) {
      AddExpectation(step, &scenario->queries.back());
    }
  }

  static void AddExpectation(const Step& step, FeatureQuery* query) {
    const std::string& words = step.words;
    const size_t raised = words.find("should be raised at ");
    if (raised != std::string::npos) {
      const size_t type = words.rfind(' ', raised - 2) + 1;
      query->error_type = words.substr(type, raised - 1 - type);
      query->error_detail = TrimmedLine(words.substr(words.rfind(':') + 1));
      query->at_compile_time = absl::StrContains(words, "compile time");
    } else if (absl::StrContains(words, "the result should be")) {
      query->expects_rows = true;
      if (absl::StrContains(words, "in order")) query->order = RowOrder::kInOrder;
      query->ignores_list_order = absl::StrContains(words, "ignoring element order");
      if (step.table.empty()) return;
      query->columns = step.table[0];
      for (size_t i = 1; i < step.table.size(); ++i) {
        query->rows.emplace_back();
        for (const std::string& cell : step.table[i]) {
          query->rows.back().push_back(CanonicalCell(cell, query->ignores_list_order));
        }
      }
    } else if (absl::StrContains(words, "side effects")) {
      query->expects_effects = true;
      for (const auto& row : step.table) query->effects[row[0]] = std::stoll(row[1]);
    }
  }

  const std::string file_;
  std::vector<FeatureScenario>& out_;
  Outline outline_;
  std::vector<Step> background_;
  bool in_text_ = false;
  bool in_examples_ = false;
  bool in_background_ = false;
  bool next_ignored_ = false;
  size_t indent_ = 0;
};

}  // namespace

std::vector<FeatureScenario> ReadScenarios(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".feature") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<FeatureScenario> scenarios;
  for (const auto& path : paths) {
    std::ifstream in(path);
    ScenarioReader(path.lexically_relative(folder).string(), &scenarios).Read(in);
  }
  return scenarios;
}

}  // namespace tidemark::query
