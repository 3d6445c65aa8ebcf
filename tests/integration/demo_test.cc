// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/process.h"

namespace tidemark::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(DemoTest, ShowsItsCypherAndThatEverythingCameBack) {
  TestDirectory directory;
  const CommandResult result = RunTidemark(
      {"demo", "--data-dir=" + directory.path() + "/demo", "--vertices=500", "--edges=3000"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Cypher is spoken at bolt://127.0.0.1:"),
                                HasSubstr("   > MATCH (p:Person)-[:FOLLOWS]->()"),
                                HasSubstr("CREATE (:Note {number: $number})-[:ABOUT]->(p)"),
                                HasSubstr("acknowledged and lost                 0\n"),
                                HasSubstr("Everything that was promised came back.")));
}

}  // namespace
}  // namespace tidemark::integration
