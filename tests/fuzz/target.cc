// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/target.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/check.h"

namespace tidemark::fuzz {

const std::vector<const Target*>& Targets() {
  static const auto* const targets =
      new std::vector<const Target*>{&kPack, &kConnection, &kParser, &kPlanner};
  return *targets;
}

const Target* FindTarget(std::string_view name) {
  const auto& all = Targets();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Target* target) { return target->name == name; });
  return found == all.end() ? nullptr : *found;
}

std::vector<std::string> StatementTexts() {
  std::vector<std::string> texts;
  const auto read = [&texts](const std::filesystem::path& path, std::string_view begin) {
    std::ifstream file(path);
    CHECK(file.good()) << path;
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#' || line.compare(0, begin.size(), begin) != 0) continue;
      texts.push_back(line.substr(begin.size()));
    }
  };
  const std::filesystem::path tests = std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests";
  read(tests / "query/parser/corpus.txt", "");
  for (const auto& entry : std::filesystem::directory_iterator(tests / "cypher")) {
    const auto extension = entry.path().extension();
    if (extension == ".test" || extension == ".graph") read(entry.path(), "> ");
  }
  return texts;
}

}  // namespace tidemark::fuzz
