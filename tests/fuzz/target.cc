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

const std::vector<std::string>& RequestTexts() {
  static const auto* const requests = new std::vector<std::string>{
      "HELLO {user_agent: 'fuzz', patch_bolt: ['utc'], routing: {address: 'a:1'}}",
      "LOGON {scheme: 'basic', principal: 'a', credentials: 'b'}",
      "LOGON {scheme: 'none'}",
      "LOGOFF",
      "RUN 'RETURN 1' {} {}",
      "RUN 'RETURN $x AS x' {x: [1, 2.5, 'three', {four: null}]} {mode: 'r', tx_timeout: 10}",
      "RUN 'ROWS $n' {n: 20} {bookmarks: ['tidemark:1:2']}",
      "RUN 'ELEMENTS' {} {}",
      "RUN 'VALUES' {} {}",
      "RUN 'SLOW' {} {}",
      "RUN 'CONFLICT' {} {}",
      "RUN 'nonsense' {} {}",
      "RUN 'PROFILE' {} {}",
      "PULL {n: 7}",
      "PULL {n: -1}",
      "PULL {n: 1, qid: 0}",
      "DISCARD {n: -1}",
      "BEGIN {mode: 'w', tx_metadata: {a: 1}}",
      "COMMIT",
      "ROLLBACK",
      "RESET",
      "ROUTE {} [] {}",
      "TELEMETRY 1",
      "GOODBYE"};
  return *requests;
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
