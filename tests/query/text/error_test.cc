// SPDX-License-Identifier: Apache-2.0
#include "query/text/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/status.h"

namespace tidemark::query {
namespace {

TEST(ErrorTest, TellsWhereAndShowsTheLine) {
  const Error error = MakeError(ErrorId::kUndefinedVariable, "RETURN x", 7, {"x"});
  EXPECT_EQ(error.code, "Neo.ClientError.Statement.SyntaxError");
  EXPECT_EQ(error.detail, "UndefinedVariable");
  EXPECT_EQ(error.position, (Position{1, 8, 7}));
  EXPECT_EQ(error.text,
            "Variable `x` not defined (line 1, column 8 (offset: 7)) [UndefinedVariable]\n"
            "\"RETURN x\"\n"
            "        ^");
}

TEST(ErrorTest, MayHaveNoPlace) {
  const Error error = MakeError(ErrorId::kDivisionByZero, {});
  EXPECT_EQ(error.text, "/ by zero [DivisionByZero]");
  EXPECT_FALSE(error.position.has_value());
}

TEST(ErrorTest, TravelsAsAStatus) {
  for (const Error& error : {MakeError(ErrorId::kUndefinedVariable, "RETURN\n x", 8, {"x"}),
                             MakeError(ErrorId::kEntityNotFound, {"node"})}) {
    const absl::Status status = Annotate(ToStatus(error), "");
    const auto back = ErrorOf(ToStatus(error));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->id, error.id);
    EXPECT_EQ(back->code, error.code);
    EXPECT_EQ(back->detail, error.detail);
    EXPECT_EQ(back->position, error.position);
    EXPECT_EQ(back->text, error.text);
    EXPECT_FALSE(status.ok());
  }
  EXPECT_FALSE(ErrorOf(absl::OkStatus()).has_value());
  EXPECT_FALSE(ErrorOf(absl::InternalError("x")).has_value());
}

TEST(ErrorTest, EveryLineOfTheTableIsWhole) {
  constexpr ErrorId kAll[] = {
#define TIDEMARK_QUERY_ERROR(id, detail, error_class, code, gql_status, format) ErrorId::id,
#include "query/text/codes.inc"
#undef TIDEMARK_QUERY_ERROR
  };
  for (const ErrorId id : kAll) {
    const ErrorInfo& info = InfoOf(id);
    EXPECT_THAT(std::string(info.code),
                ::testing::AnyOf(::testing::StartsWith("Neo.ClientError."),
                                 ::testing::StartsWith("Neo.TransientError.")))
        << info.detail;
    EXPECT_EQ(info.gql_status.size(), 5u) << info.detail;
    EXPECT_FALSE(info.detail.empty());
    EXPECT_FALSE(info.format.empty());
    EXPECT_FALSE(MakeError(id, {"a", "b", "c", "d"}).text.empty());
  }
}

}  // namespace
}  // namespace tidemark::query
