// SPDX-License-Identifier: Apache-2.0
#include "query/functions/registry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/graph/random_values.h"
#include "tests/query/functions/test_environment.h"

namespace tidemark::query {
namespace {

constexpr std::string_view kStatement = "RETURN toIntegr('1')";

std::string LookUp(std::string_view name, size_t argument_count) {
  const auto found = FindFunction(name, argument_count, {kStatement, 7});
  if (found.ok()) return (*found)->ToString();
  const std::optional<Error> error = ErrorOf(found.status());
  return error->text.substr(0, error->text.find('\n'));
}

TEST(FunctionRegistryTest, NamesInAnyCaseAndArgumentCounts) {
  EXPECT_EQ(LookUp("LEFT", 2), "left(original :: STRING, length :: INTEGER) :: STRING");
  EXPECT_EQ(LookUp("tointeger", 1),
            "toInteger(input :: BOOLEAN | STRING | INTEGER | FLOAT) :: INTEGER");
  EXPECT_EQ(LookUp("range", 3),
            "range(start :: INTEGER, end :: INTEGER, step :: INTEGER) :: LIST<INTEGER>");
  EXPECT_EQ(LookUp("coalesce", 7), "coalesce(input :: ANY, ...) :: ANY");
  EXPECT_EQ(LookUp("head", 1), "head(list :: LIST<ANY>) :: ANY");
  EXPECT_EQ(LookUp("all", 1), "all(variable IN list WHERE predicate) :: BOOLEAN");
}

TEST(FunctionRegistryTest, ErrorsSayWhereAndWhatWasMeant) {
  const std::string place = " (line 1, column 8 (offset: 7))";
  EXPECT_EQ(LookUp("toIntegr", 1), "Unknown function 'toIntegr'; did you mean toInteger()?" +
                                       place + " [UnknownFunction]");
  EXPECT_EQ(LookUp("foo", 1), "Unknown function 'foo'" + place + " [UnknownFunction]");
  EXPECT_EQ(LookUp("datetime.TRUNCATE", 2),
            "The function datetime.TRUNCATE() is not supported yet" + place + " [NotSupported]");
  EXPECT_EQ(LookUp("left", 1),
            "left() takes 2 arguments, not 1" + place + " [InvalidNumberOfArguments]");
  EXPECT_EQ(LookUp("round", 4),
            "round() takes 1, 2 or 3 arguments, not 4" + place + " [InvalidNumberOfArguments]");
  EXPECT_EQ(LookUp("coalesce", 0),
            "coalesce() takes 1 argument or more, not 0" + place + " [InvalidNumberOfArguments]");
}

std::string CheckTypes(std::string_view name, std::vector<CypherType> types) {
  const FunctionSignature& function = **FindFunction(name, types.size(), {kStatement, 7});
  const absl::Status status = CheckArgumentTypes(function, types, {kStatement, 7});
  return status.ok() ? "" : std::string(ErrorOf(status)->detail);
}

TEST(FunctionRegistryTest, DefiniteMismatchesAreFoundBeforeTheStatementRuns) {
  EXPECT_EQ(CheckTypes("length", {kVertexType}), "InvalidArgumentType");
  EXPECT_EQ(CheckTypes("size", {kPathType}), "InvalidArgumentType");
  EXPECT_EQ(CheckTypes("size", {kAnyType}), "");
  EXPECT_EQ(CheckTypes("size", {kAnyType.OrNull()}), "");
  EXPECT_EQ(CheckTypes("size", {CypherType::Null()}), "");
  EXPECT_EQ(CheckTypes("size", {kStringType | kPathType}), "");
  EXPECT_EQ(CheckTypes("range", {kFloatType, kIntegerType}), "");  // raised when it runs
  EXPECT_EQ(CheckTypes("toInteger", {kListType}), "");             // raised when it runs
  EXPECT_EQ(CheckTypes("split", {kStringType, CypherType::ListOf(kStringType)}), "");
}

TEST(FunctionRegistryTest, TypesOfResultsFollowFromArguments) {
  const auto result = [](std::string_view name, std::vector<CypherType> types) {
    return (*FindFunction(name, types.size(), {"", 0}))->ResultOf(types);
  };
  EXPECT_EQ(result("size", {kStringType}), kIntegerType);
  EXPECT_EQ(result("size", {kStringType.OrNull()}), kIntegerType.OrNull());
  EXPECT_EQ(result("head", {CypherType::ListOf(kStringType)}).ToString(), "STRING");
  EXPECT_TRUE(result("head", {CypherType::ListOf(kStringType)}).is_nullable());
  EXPECT_EQ(result("tail", {CypherType::ListOf(kIntegerType)}), CypherType::ListOf(kIntegerType));
  EXPECT_EQ(result("coalesce", {kStringType.OrNull(), kIntegerType}),
            (kStringType | kIntegerType).OrNull());
  EXPECT_EQ(result("nullIf", {kIntegerType, kIntegerType}), kIntegerType.OrNull());
  EXPECT_EQ(result("abs", {kIntegerType}), kIntegerType);
  EXPECT_FALSE(result("valueType", {kAnyType.OrNull()}).is_nullable());
}

// What SHOW FUNCTIONS lists: every one is described, sorted, and can be called or is an aggregate
// or syntax; parameters have names.
TEST(FunctionRegistryTest, EveryFunctionIsDescribed) {
  std::set<std::string> signatures;
  for (const FunctionSignature* function : AllFunctions()) {
    EXPECT_FALSE(function->description.empty()) << function->name;
    EXPECT_EQ(function->description.back(), '.') << function->name;
    EXPECT_TRUE(signatures.insert(function->ToString()).second) << function->ToString();
    EXPECT_EQ(function->is_aggregate(), function->category == FunctionCategory::kAggregating);
    EXPECT_FALSE(CategoryName(function->category).empty());
    EXPECT_EQ(function->is_syntax(), !function->syntax.empty()) << function->name;
  }
  EXPECT_GE(signatures.size(), 90u);
}

// The page that users read has every function as it is, and no other.
TEST(FunctionRegistryTest, ThePageOfFunctionsIsComplete) {
  std::ifstream file(TIDEMARK_SOURCE_DIR "/docs/cypher.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(page.empty());
  for (const FunctionSignature* function : AllFunctions()) {
    const std::string row =
        "| `" + absl::StrReplaceAll(function->ToString(), {{"|", "\\|"}}) + "` | ";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
  size_t rows = 0;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(page, '\n'))) {
    rows += line.substr(0, 3) == "| `" && line.find(") :: ") != line.npos &&
                    line.substr(0, 5) != "| `db"  // procedures
                ? 1
                : 0;
  }
  EXPECT_EQ(rows, AllFunctions().size());
}

// Any function answers any arguments with a value or an error of Cypher; nulls give null unless it
// handles them.
TEST(FunctionRegistryTest, AnyArgumentsAreSafe) {
  graph::RandomValues random(31);
  TestEnvironment environment;
  int value_count = 0;
  for (int round = 0; round < 200; ++round) {
    for (const FunctionSignature* function : AllFunctions()) {
      if (function->call == nullptr) continue;
      std::vector<graph::Value> arguments;
      bool has_null = false;
      for (size_t i = 0; i < function->parameter_count(); ++i) {
        arguments.push_back(random.Below(10) == 0 ? graph::Value() : random.Any(2));
        has_null |= arguments.back().is_null();
      }
      const ValueOr result = CallFunction(*function, &environment, arguments);
      if (!result.ok()) {
        ASSERT_TRUE(ErrorOf(result.status()).has_value()) << result.status();
        continue;
      }
      ++value_count;
      if (has_null && !function->handles_null) {
        EXPECT_TRUE(result->is_null()) << function->name;
      }
      // The declared type holds what came out.
      if (!result->is_null() && function->result_rule == ResultRule::kFixed) {
        EXPECT_TRUE(function->result.Contains(result->type())) << function->name;
      }
      if (result->is_null() && !has_null) {
        EXPECT_TRUE(function->result.is_nullable()) << function->name;
      }
    }
  }
  EXPECT_GT(value_count, 1000);
}

}  // namespace
}  // namespace tidemark::query
