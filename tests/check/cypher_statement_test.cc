// SPDX-License-Identifier: Apache-2.0
#include "check/cypher_statement.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace tidemark::check {
namespace {

using graph::Value;

TEST(CypherStatementTest, NamesAreQuoted) {
  Operation operation;
  operation.kind = OperationKind::kScanLabel;
  EXPECT_EQ(StatementOf(operation, "a`b").text, "MATCH (n:`a``b`) RETURN id(n), properties(n)");
}

TEST(CypherStatementTest, ValuesArePassedAsParameters) {
  Operation operation;
  operation.kind = OperationKind::kCreateVertex;
  operation.properties = {{"x", int64_t{7}}, {"l", std::vector<int64_t>{1, 2}}};
  const CypherStatement statement = StatementOf(operation, "L");
  EXPECT_EQ(statement.text, "CREATE (n:`L` $properties) RETURN id(n)");
  const Value& properties = statement.parameters.Get("properties");
  EXPECT_EQ(properties.Get("x").integer(), 7);
  ASSERT_EQ(properties.Get("l").list().size(), 2u);
  EXPECT_EQ(properties.Get("l").list()[1].integer(), 2);
}

TEST(CypherStatementTest, RowsBecomeResults) {
  Operation operation;
  operation.kind = OperationKind::kGetVertex;
  OperationResult result;
  ASSERT_TRUE(TakeRow(operation,
                      {Value::Integer(5), Value::Map({{"x", Value::Integer(7)},
                                                      {"l", Value::List({Value::Integer(1)})}})},
                      &result)
                  .ok());
  ASSERT_EQ(result.vertices.size(), 1u);
  EXPECT_EQ(result.vertices[0].id, VertexId(5));
  EXPECT_EQ(result.vertices[0].Integer("x"), 7);
  EXPECT_EQ(result.vertices[0].List("l"), std::vector<int64_t>{1});

  operation.kind = OperationKind::kExpand;
  ASSERT_TRUE(
      TakeRow(operation, {Value::Integer(6), Value::Integer(8), Value::Boolean(true)}, &result)
          .ok());
  ASSERT_EQ(result.neighbours.size(), 1u);
  EXPECT_EQ(result.neighbours[0].edge, EdgeId(8));
  EXPECT_TRUE(result.neighbours[0].outgoing);
}

TEST(CypherStatementTest, OtherRowsAreErrors) {
  Operation operation;
  operation.kind = OperationKind::kGetVertex;
  OperationResult result;
  EXPECT_FALSE(TakeRow(operation, {}, &result).ok());
  EXPECT_FALSE(TakeRow(operation, {Value::Integer(5)}, &result).ok());
  EXPECT_FALSE(TakeRow(operation, {Value::Integer(5), Value::Integer(5)}, &result).ok());
  EXPECT_FALSE(
      TakeRow(operation, {Value::Integer(5), Value::Map({{"x", Value::Null()}})}, &result).ok());
  EXPECT_TRUE(result.vertices.empty());
}

TEST(CypherStatementTest, CodesSayWhatAWorkloadMayDo) {
  EXPECT_EQ(StatusOfCode("Neo.TransientError.Transaction.DeadlockDetected", "x").code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(StatusOfCode("Neo.ClientError.Schema.ConstraintValidationFailed", "x").code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(StatusOfCode("Neo.ClientError.Statement.SyntaxError", "x").code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace tidemark::check
