// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/golden_file.h"

#include <gtest/gtest.h>

#include <fstream>

namespace tidemark::graph {

std::vector<GoldenLine> ReadGoldenFile(std::string_view name) {
  const std::string path = std::string(TIDEMARK_FORMATS_DIR) + "/" + std::string(name);
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<GoldenLine> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t blank = line.find(' ');
    EXPECT_NE(blank, std::string::npos) << line;
    lines.push_back({line.substr(0, blank), line.substr(blank + 1)});
  }
  return lines;
}

}  // namespace tidemark::graph
