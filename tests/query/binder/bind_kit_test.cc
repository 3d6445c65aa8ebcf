// SPDX-License-Identifier: Apache-2.0
// Every statement of openCypher's conformance kit is bound, or refused with the error that the kit
// names; what is not executed yet says so and nothing else.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/query/binder/bind_fixture.h"
#include "tests/query/feature_file.h"

namespace tidemark::query {
namespace {

std::string TypeOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kType:
      return "TypeError";
    case ErrorClass::kArgument:
      return "ArgumentError";
    case ErrorClass::kSemantic:
      return "SemanticError";
    case ErrorClass::kProcedure:
      return "ProcedureError";
    case ErrorClass::kUnsupported:
      return "NotSupported";
    default:
      return "SyntaxError";
  }
}

// What the next versions will execute, as the message names it.
bool IsNotSupportedYet(const BoundText& bound) {
  const auto error = ErrorOf(bound.status);
  return error.has_value() && error->id == ErrorId::kNotSupported;
}

void ExpectFault(const FeatureStatement& statement, const BoundText& bound) {
  if (statement.error_detail == "MissingParameter") {
    ASSERT_TRUE(bound.status.ok()) << bound.status;
    EXPECT_FALSE(bound.statement->parameters.empty());  // whoever runs it has no value for it
    return;
  }
  const auto error = ErrorOf(bound.status);
  ASSERT_TRUE(error.has_value()) << bound.status;
  EXPECT_EQ(error->detail, statement.error_detail) << error->text;
  EXPECT_EQ(TypeOf(InfoOf(error->id).error_class), statement.error_type) << error->text;
  EXPECT_TRUE(error->position.has_value());
}

TEST(BindKitTest, EveryStatementIsBoundOrRefusedAsTheKitSays) {
  const std::string folder = KitFolder();
  if (folder.empty()) GTEST_SKIP() << "SKIPPED: set TIDEMARK_TCK to the folder of the kit";
  std::map<std::string, int> later;
  int bound_count = 0;
  int fault_count = 0;
  for (const FeatureStatement& statement : ReadFeatures(folder + "/features")) {
    SCOPED_TRACE(statement.file + " " + statement.scenario + "\n" + statement.text);
    TextProcedures procedures;
    for (const std::string& procedure : statement.procedures) procedures.Add(procedure);
    const BoundText bound = BindText(statement.text, &procedures);
    if (statement.at_compile_time) {
      ++fault_count;
      ExpectFault(statement, bound);
    } else if (bound.status.ok()) {
      ++bound_count;
      ToText(*bound.statement);
    } else if (IsNotSupportedYet(bound)) {
      const std::string text(bound.status.message());
      ++later[text.substr(0, text.find(" is not supported"))];
    } else {
      ADD_FAILURE() << bound.status;
    }
  }
  for (const auto& [what, count] : later) std::cout << count << " wait for: " << what << "\n";
  std::cout << bound_count << " are bound, " << fault_count << " are refused\n";
  EXPECT_GT(bound_count, 2400);
  EXPECT_GT(fault_count, 200);
}

}  // namespace
}  // namespace tidemark::query
