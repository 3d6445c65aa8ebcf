// SPDX-License-Identifier: Apache-2.0
// Every statement of openCypher's conformance kit is read, and read back from its text; those that
// break a rule of the text alone are refused with that rule's name.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/status.h"
#include "query/parser/parser.h"
#include "query/text/error.h"
#include "tests/query/feature_file.h"
#include "tests/query/parser/round_trip.h"

namespace tidemark::query {
namespace {

// What the parser decides. Other details of compile-time errors are the binder's.
bool IsOfParser(const FeatureStatement& statement) {
  static const std::set<std::string> kDetails = {
      "UnexpectedSyntax",           "IntegerOverflow",
      "FloatingPointOverflow",      "InvalidNumberLiteral",
      "InvalidUnicodeCharacter",    "InvalidUnicodeLiteral",
      "InvalidClauseComposition",   "InvalidRelationshipPattern",
      "NoSingleRelationshipType",   "RequiresDirectedRelationship",
      "CreatingVarLength",          "InvalidParameterUse",
      "InvalidArgumentPassingMode", "InvalidDelete"};
  // A pattern where no condition is expected: that depends on the function.
  const bool is_pattern_as_value = statement.text.find("size((") != std::string::npos ||
                                   statement.text.find("size(()") != std::string::npos;
  return statement.at_compile_time && kDetails.count(statement.error_detail) > 0 &&
         !is_pattern_as_value;
}

TEST(KitTest, EveryStatementIsReadOrRefused) {
  const std::string folder = KitFolder();
  if (folder.empty()) GTEST_SKIP() << "SKIPPED: set TIDEMARK_TCK to the folder of the kit";
  const auto statements = ReadFeatures(folder + "/features");
  ASSERT_GT(statements.size(), 2000u);
  int refused = 0;
  for (const FeatureStatement& statement : statements) {
    SCOPED_TRACE(statement.file + " " + statement.scenario + "\n" + statement.text);
    Arena arena;
    const auto tree = Parse(statement.text, &arena);
    if (!IsOfParser(statement)) {
      EXPECT_TRUE(tree.ok()) << tree.status();
      if (tree.ok()) ExpectRoundTrip(statement.text);
      continue;
    }
    ++refused;
    ASSERT_FALSE(tree.ok());
    const auto error = ErrorOf(tree.status());
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->detail, statement.error_detail) << error->text;
  }
  EXPECT_GT(refused, 25);
}

}  // namespace
}  // namespace tidemark::query
