// SPDX-License-Identifier: Apache-2.0
#include "graph/value_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "graph/value_coding.h"
#include "graph/value_text.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kTwoTo53 = int64_t{1} << 53;

Value I(int64_t value) { return Value::Integer(value); }
Value F(double value) { return Value::Float(value); }
Value S(std::string_view text) { return Value::String(text); }
Value L(std::vector<Value> elements) { return Value::List(std::move(elements)); }

int SignOf(int order) { return (order > 0) - (order < 0); }

TEST(ValueOrderTest, TypesComeInTheOrderOfOpenCypher) {
  const VertexId vertex(SlotId(1), 1);
  const EdgeRef edge{EdgeId(SlotId(1), 1), vertex, vertex, TypeId(1)};
  const std::vector<Value> ascending = {Value::Map({}),
                                        Value::Of(vertex),
                                        Value::Of(edge),
                                        L({I(9)}),
                                        Value::Of(Path{{vertex}, {}}),
                                        Value::Of(Point{}),
                                        Value::Of(DateTime{}),
                                        Value::Of(LocalDateTime{}),
                                        Value::Of(Date{}),
                                        Value::Of(Time{}),
                                        Value::Of(LocalTime{}),
                                        Value::Of(Duration{}),
                                        Value::Bytes(""),
                                        S(""),
                                        Value::Boolean(false),
                                        Value::Boolean(true),
                                        F(-kInfinity),
                                        I(-1),
                                        F(0.5),
                                        I(1),
                                        F(kInfinity),
                                        F(kNan),
                                        Value()};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(SignOf(Compare(ascending[i], ascending[j])),
                SignOf(static_cast<int>(i) - static_cast<int>(j)))
          << ToText(ascending[i]) << " " << ToText(ascending[j]);
    }
  }
}

TEST(ValueOrderTest, IntegersAndFloatsCompareExactly) {
  EXPECT_EQ(Compare(I(1), F(1.0)), 0);
  EXPECT_EQ(Compare(F(-0.0), I(0)), 0);
  EXPECT_EQ(Compare(F(-0.0), F(0.0)), 0);
  EXPECT_GT(Compare(I(kTwoTo53 + 1), F(9007199254740992.0)), 0);
  EXPECT_LT(Compare(I(kTwoTo53 + 1), F(9007199254740994.0)), 0);
  EXPECT_LT(Compare(I(INT64_MAX), F(9223372036854775808.0)), 0);
  EXPECT_EQ(Compare(I(INT64_MIN), F(-9223372036854775808.0)), 0);
  EXPECT_LT(Compare(I(2), F(2.5)), 0);
  EXPECT_GT(Compare(I(-2), F(-2.5)), 0);
  EXPECT_LT(Compare(I(INT64_MAX), F(kNan)), 0);
  EXPECT_EQ(Equals(I(kTwoTo53 + 1), F(9007199254740992.0)), Ternary::kFalse);
  EXPECT_EQ(Less(F(9007199254740992.0), I(kTwoTo53 + 1)), Ternary::kTrue);
}

TEST(ValueOrderTest, EqualityKnowsNull) {
  EXPECT_EQ(Equals(Value(), Value()), Ternary::kUnknown);
  EXPECT_EQ(Equals(I(1), Value()), Ternary::kUnknown);
  EXPECT_EQ(Equals(I(1), F(1)), Ternary::kTrue);
  EXPECT_EQ(Equals(I(1), S("1")), Ternary::kFalse);
  EXPECT_EQ(Equals(F(kNan), F(kNan)), Ternary::kFalse);
  EXPECT_EQ(Equals(L({I(1), Value()}), L({I(1), I(2)})), Ternary::kUnknown);
  EXPECT_EQ(Equals(L({I(1), Value()}), L({I(2), Value()})), Ternary::kFalse);
  EXPECT_EQ(Equals(L({Value()}), L({Value(), Value()})), Ternary::kFalse);
  EXPECT_EQ(Equals(L({F(kNan)}), L({F(kNan)})), Ternary::kFalse);
  EXPECT_EQ(Equals(L({I(1)}), L({F(1)})), Ternary::kTrue);
  const Value with_null = Value::Map({{"k", Value()}});
  EXPECT_EQ(Equals(with_null, with_null), Ternary::kUnknown);
  EXPECT_EQ(Equals(with_null, Value::Map({{"l", Value()}})), Ternary::kFalse);
  EXPECT_EQ(Equals(with_null, Value::Map({})), Ternary::kFalse);
}

TEST(ValueOrderTest, EquivalenceTakesNullAndNanAsValues) {
  EXPECT_TRUE(Equivalent(Value(), Value()));
  EXPECT_TRUE(Equivalent(F(kNan), F(-kNan)));
  EXPECT_TRUE(Equivalent(L({Value(), I(1)}), L({Value(), F(1)})));
  EXPECT_FALSE(Equivalent(Value(), I(0)));
}

TEST(ValueOrderTest, OperatorsAnswerUnknownWithoutAnOrder) {
  EXPECT_EQ(Less(I(1), F(1.5)), Ternary::kTrue);
  EXPECT_EQ(LessOrEqual(I(1), F(1)), Ternary::kTrue);
  EXPECT_EQ(Less(I(1), F(kNan)), Ternary::kFalse);
  EXPECT_EQ(LessOrEqual(F(kNan), F(kNan)), Ternary::kFalse);
  EXPECT_EQ(Less(I(1), S("a")), Ternary::kUnknown);
  EXPECT_EQ(Less(I(1), Value()), Ternary::kUnknown);
  EXPECT_EQ(Less(Value(), Value()), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(Value(), Value()), Ternary::kUnknown);
  const Value day = Value::Of(Duration{0, 1, 0, 0});
  EXPECT_EQ(LessOrEqual(day, day), Ternary::kTrue);
  EXPECT_EQ(Less(day, day), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(Value::Of(Duration{}), day), Ternary::kUnknown);
  const Value point = Value::Of(Point{});
  EXPECT_EQ(LessOrEqual(point, point), Ternary::kTrue);
  EXPECT_EQ(Less(point, point), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(point, Value::Of(Point{Crs::kCartesian, {1, 0, 0}})), Ternary::kUnknown);
  EXPECT_EQ(Less(Value::Of(Date{1}), Value::Of(Date{2})), Ternary::kTrue);
  EXPECT_EQ(Less(Value::Of(Date{1}), Value::Of(LocalDateTime{})), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(L({I(1)}), L({I(1), I(0)})), Ternary::kTrue);
  EXPECT_EQ(LessOrEqual(L({I(1)}), L({I(1), Value()})), Ternary::kTrue);
  EXPECT_EQ(LessOrEqual(L({I(1), Value()}), L({I(1), I(2)})), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(L({I(3), I(2)}), L({I(1), Value()})), Ternary::kFalse);
}

TEST(ValueOrderTest, OperatorsLookIntoListsAndMaps) {
  EXPECT_EQ(Less(L({I(1)}), L({I(1), Value()})), Ternary::kTrue);
  EXPECT_EQ(Less(L({I(1), Value()}), L({I(1), I(2)})), Ternary::kUnknown);
  EXPECT_EQ(Less(L({I(1), Value(), I(3)}), L({I(2)})), Ternary::kTrue);
  EXPECT_EQ(Less(L({F(kNan)}), L({I(1)})), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(L({F(kNan)}), L({F(kNan)})), Ternary::kUnknown);
  EXPECT_EQ(Less(L({I(1)}), L({S("a")})), Ternary::kUnknown);
  const auto map = [](std::string key, Value value) {
    return Value::Map({{std::move(key), std::move(value)}});
  };
  EXPECT_EQ(Less(map("a", I(1)), map("a", I(2))), Ternary::kTrue);
  EXPECT_EQ(Less(map("a", I(1)), map("b", I(0))), Ternary::kTrue);
  EXPECT_EQ(Less(map("a", I(1)), map("a", Value())), Ternary::kUnknown);
  EXPECT_EQ(LessOrEqual(map("a", I(1)), map("a", F(1))), Ternary::kTrue);
  EXPECT_EQ(Less(Value::Map({}), map("a", Value())), Ternary::kTrue);
  const Value vertex = Value::Of(VertexId(SlotId(1), 1));
  EXPECT_EQ(Less(vertex, vertex), Ternary::kFalse);
  EXPECT_EQ(LessOrEqual(vertex, vertex), Ternary::kTrue);
  EXPECT_EQ(Less(vertex, Value::Of(VertexId(SlotId(1), 2))), Ternary::kTrue);
}

TEST(ValueOrderTest, OneOfEquivalentValuesStandsForAll) {
  const auto both = [](const Value& a, const Value& b) {
    EXPECT_EQ(EncodeValue(Representative(a, b)), EncodeValue(Representative(b, a)));
    return EncodeValue(Representative(a, b));
  };
  EXPECT_EQ(both(I(1), F(1)), EncodeValue(I(1)));
  EXPECT_EQ(both(F(-0.0), F(0.0)), EncodeValue(F(0.0)));
  EXPECT_EQ(both(F(-0.0), I(0)), EncodeValue(I(0)));
  EXPECT_EQ(both(L({I(1), F(2)}), L({F(1), I(2)})), EncodeValue(L({I(1), I(2)})));
  EXPECT_EQ(both(Value::Map({{"k", F(1)}}), Value::Map({{"k", I(1)}})),
            EncodeValue(Value::Map({{"k", I(1)}})));
  EXPECT_EQ(both(Value::Of(Point{Crs::kCartesian, {-0.0, -1, 0}}),
                 Value::Of(Point{Crs::kCartesian, {0.0, -1, 0}})),
            EncodeValue(Value::Of(Point{Crs::kCartesian, {0.0, -1, 0}})));
  EXPECT_EQ(both(F(kNan), F(kNan)), EncodeValue(F(kNan)));
}

TEST(ValueOrderTest, TemporalTypesOrderByInstantThenOffset) {
  // 12:00+01:00 is before 12:00Z, and 13:00+01:00 is the same instant as 12:00Z but another value.
  const auto at = [](std::string_view text) { return *ParseValue(ValueType::kTime, text); };
  EXPECT_LT(Compare(at("12:00+01:00"), at("12:00")), 0);
  EXPECT_GT(Compare(at("13:00+01:00"), at("12:00")), 0);
  EXPECT_EQ(Equals(at("13:00+01:00"), at("12:00")), Ternary::kFalse);
  const auto when = [](std::string_view text) { return *ParseValue(ValueType::kDateTime, text); };
  EXPECT_LT(Compare(when("2020-01-01T00:00+01:00"), when("2020-01-01T00:00Z")), 0);
  EXPECT_LT(Compare(when("2020-01-01T00:00Z"), when("2020-01-01T01:00+01:00")), 0);
  EXPECT_LT(Compare(when("2020-01-01T01:00+01:00"), when("2020-01-01T01:00[Europe/Berlin]")), 0);
  const auto lasting = [](std::string_view text) {
    return *ParseValue(ValueType::kDuration, text);
  };
  EXPECT_LT(Compare(lasting("P30D"), lasting("P1M")), 0);
  EXPECT_LT(Compare(lasting("P1M"), lasting("P31D")), 0);
  EXPECT_NE(Compare(lasting("P1D"), lasting("PT24H")), 0);
}

// A total order over anything: antisymmetric, transitive, zero exactly for equivalent values, whose
// hashes are then equal; and = agrees with it wherever it answers.
TEST(ValueOrderTest, IsATotalOrder) {
  RandomValues random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<Value> values;
    for (int i = 0; i < 40; ++i) values.push_back(i % 3 == 0 ? random.Any(2) : random.Property());
    values.push_back(values[random.Below(values.size())]);
    std::sort(values.begin(), values.end(),
              [](const Value& a, const Value& b) { return Compare(a, b) < 0; });
    for (size_t i = 0; i < values.size(); ++i) {
      for (size_t j = i; j < values.size(); ++j) {
        const Value& a = values[i];
        const Value& b = values[j];
        const int order = Compare(a, b);
        ASSERT_LE(order, 0) << ToText(a) << " " << ToText(b);
        ASSERT_EQ(SignOf(order), -SignOf(Compare(b, a))) << ToText(a) << " " << ToText(b);
        if (order == 0) {
          ASSERT_EQ(HashValue(a), HashValue(b)) << ToText(a) << " " << ToText(b);
        }
        const Ternary equal = Equals(a, b);
        if (equal == Ternary::kTrue) {
          ASSERT_EQ(order, 0);
        }
        if (order != 0) {
          ASSERT_NE(equal, Ternary::kTrue);
        }
        ASSERT_EQ(equal, Equals(b, a));
        if (Less(a, b) == Ternary::kTrue) {
          ASSERT_LT(order, 0);
        }
      }
    }
  }
}

TEST(ValueOrderTest, HashesDifferAndNeverChange) {
  EXPECT_NE(HashValue(I(1)), HashValue(I(2)));
  EXPECT_NE(HashValue(L({I(1), I(2)})), HashValue(L({I(2), I(1)})));
  EXPECT_NE(HashValue(S("a")), HashValue(Value::Bytes("a")));
  EXPECT_EQ(HashValue(I(INT64_MIN)), HashValue(F(-9223372036854775808.0)));
  EXPECT_EQ(HashValue(F(kNan)), HashValue(F(-kNan)));
  const Value zero = Value::Of(Point{Crs::kCartesian, {0.0, 1.0, 0.0}});
  const Value negative_zero = Value::Of(Point{Crs::kCartesian, {-0.0, 1.0, -0.0}});
  EXPECT_TRUE(Equivalent(zero, negative_zero));
  EXPECT_EQ(HashValue(zero), HashValue(negative_zero));
}

}  // namespace
}  // namespace tidemark::graph
