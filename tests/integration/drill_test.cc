// SPDX-License-Identifier: Apache-2.0
// A small drill on real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_process.h"

namespace tidemark::integration {
namespace {

using ::testing::HasSubstr;

// The number behind `"key":`; -1 when there is none.
int64_t NumberOf(const std::string& json, const std::string& key) {
  const size_t at = json.find(absl::StrCat("\"", key, "\":"));
  return at == std::string::npos ? -1 : std::stoll(json.substr(at + key.size() + 3));
}

class DrillTest : public ::testing::TestWithParam<std::string> {};

TEST_P(DrillTest, EveryFaultOnceBreaksNoPromise) {
  TestDirectory directory;
  const CommandResult drill =
      RunTidemark({"drill", "--rounds=6", "--workers=2", "--seed=5", "--json",
                   "--data-dir=" + directory.path() + "/drill", GetParam()});
  EXPECT_EQ(drill.exit_code, 0) << drill.out << drill.err;
  EXPECT_EQ(NumberOf(drill.out, "rounds"), 6) << drill.out;
  EXPECT_EQ(NumberOf(drill.out, "violations"), 0) << drill.out;
  EXPECT_GT(NumberOf(drill.out, "acknowledged"), 100) << drill.out;
  if (GetParam() == "--synchronous-commit") {
    EXPECT_EQ(NumberOf(drill.out, "acknowledged_lost"), 0) << drill.out;
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, DrillTest,
                         ::testing::Values("--synchronous-commit", "--no-synchronous-commit"));

TEST(DrillFlagTest, AnUnknownFaultIsRefused) {
  const CommandResult drill = RunTidemark({"drill", "--faults=worker,flood"});
  EXPECT_EQ(drill.exit_code, 2);
  EXPECT_THAT(drill.err, HasSubstr("\"flood\" is no fault"));
}

}  // namespace
}  // namespace tidemark::integration
