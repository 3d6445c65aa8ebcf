// SPDX-License-Identifier: Apache-2.0
// Every file of tests/api on a cluster of one worker, of three, and on `server`.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/api_text/text_case.h"
#include "tests/api_text/text_client.h"
#include "tests/integration/cluster_process.h"

namespace tidemark::api_text {
namespace {

struct Place {
  std::string command;
  int workers;
};

std::vector<std::string> TestFiles() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TIDEMARK_API_TESTS_DIR)) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// An expected line that ends with "*" fits every end.
bool Fits(const std::string& expected, const std::string& line) {
  if (!absl::EndsWith(expected, "*")) return expected == line;
  return absl::StartsWith(line, expected.substr(0, expected.size() - 1));
}

bool Fits(const std::vector<std::string>& expected, const std::vector<std::string>& lines) {
  return std::equal(expected.begin(), expected.end(), lines.begin(), lines.end(),
                    [](const auto& a, const auto& b) { return Fits(a, b); });
}

class ApiTextTest : public ::testing::TestWithParam<Place> {};

// A cluster for each file: what one leaves behind is no other's business.
TEST_P(ApiTextTest, EveryFileGivesWhatItSays) {
  const std::vector<std::string> names = TestFiles();
  ASSERT_GE(names.size(), 10u);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const integration::TestDirectory directory;
    integration::ClusterProcess cluster(GetParam().command, directory.path() + "/data",
                                        GetParam().workers, {"--idle-timeout-sec=2"});
    const absl::Status started = cluster.Start();
    ASSERT_TRUE(started.ok()) << started;
    const std::string path = absl::StrCat(TIDEMARK_API_TESTS_DIR, "/", name, ".test");
    const auto blocks = ReadBlocks(path);
    ASSERT_TRUE(blocks.ok()) << blocks.status();
    ASSERT_FALSE(blocks->empty());
    TextClient client(cluster.address());
    for (const Block& block : *blocks) {
      const std::vector<std::string> lines = client.Run(block);
      EXPECT_TRUE(Fits(block.expected, lines))
          << path << ":" << block.line << ": " << block.command << "\nexpected:\n"
          << absl::StrJoin(block.expected, "\n") << "\ngot:\n"
          << absl::StrJoin(lines, "\n");
    }
    EXPECT_EQ(cluster.Stop(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Places, ApiTextTest,
                         ::testing::Values(Place{"cluster", 1}, Place{"cluster", 3},
                                           Place{"server", 2}),
                         [](const auto& info) {
                           return absl::StrCat(info.param.command, info.param.workers);
                         });

}  // namespace
}  // namespace tidemark::api_text
