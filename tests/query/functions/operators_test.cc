// SPDX-License-Identifier: Apache-2.0
#include "query/functions/operators.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "graph/value_text.h"
#include "query/functions/failures.h"
#include "query/functions/regular_expression.h"
#include "tests/graph/random_values.h"
#include "tests/query/functions/test_environment.h"

namespace tidemark::query {
namespace {

using graph::Value;

constexpr double kQuietNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kPositiveInfinity = std::numeric_limits<double>::infinity();

struct BinaryCase {
  V a;
  V b;
  std::string expected;
};

template <typename Operation>
void CheckBinary(const std::vector<BinaryCase>& cases, Operation operation) {
  for (const BinaryCase& c : cases) {
    EXPECT_EQ(Shown(operation(c.a, c.b)), c.expected)
        << graph::ToText(c.a) << " with " << graph::ToText(c.b);
  }
}

ValueOr AddValues(const Value& a, const Value& b) {
  TestEnvironment environment;
  return Add(&environment, a, b);
}

ValueOr ConcatenateValues(const Value& a, const Value& b) {
  TestEnvironment environment;
  return Concatenate(&environment, a, b);
}

ValueOr At(const Value& value, const Value& index) {
  TestEnvironment environment;
  return ElementAt(&environment, value, index);
}

std::string Dot(const Value& value, std::string_view key) {
  TestEnvironment environment;
  return Shown(PropertyOf(&environment, value, key));
}

TEST(OperatorsTest, LogicIsThreeValued) {
  const std::vector<BinaryCase> conjunctions = {
      {true, true, "true"},       {true, false, "false"},       {false, false, "false"},
      {true, kNullValue, "null"}, {false, kNullValue, "false"}, {kNullValue, kNullValue, "null"}};
  for (const BinaryCase& c : conjunctions) {
    EXPECT_EQ(Shown(And(Value(c.a), Value(c.b))), c.expected);
    EXPECT_EQ(Shown(And(Value(c.b), Value(c.a))), c.expected);
  }
  CheckBinary({{true, true, "true"},
               {true, false, "true"},
               {false, false, "false"},
               {true, kNullValue, "true"},
               {false, kNullValue, "null"},
               {kNullValue, kNullValue, "null"}},
              [](const Value& a, const Value& b) { return Or(a, b); });
  CheckBinary({{true, true, "false"},
               {true, false, "true"},
               {false, false, "false"},
               {true, kNullValue, "null"},
               {kNullValue, kNullValue, "null"}},
              [](const Value& a, const Value& b) { return Xor(a, b); });
  EXPECT_EQ(Shown(Not(V(true))), "false");
  EXPECT_EQ(Shown(Not(kNullValue)), "null");
  EXPECT_EQ(Shown(Not(V(1))), "!InvalidArgumentType");
  EXPECT_EQ(*IsTrue(kNullValue), false);
  EXPECT_FALSE(IsTrue(V("true")).ok());
}

// An operand that raises counts only when the other one leaves the question open.
TEST(OperatorsTest, TheOtherOperandMayDecideOverAnError) {
  const ValueOr raised = Failure(ErrorId::kDivisionByZero, {});
  for (const bool first : {true, false}) {
    const auto both = [&](auto operation, const ValueOr& other) {
      return Shown(first ? operation(raised, other) : operation(other, raised));
    };
    EXPECT_EQ(both(And, Value(V(false))), "false");
    EXPECT_EQ(both(And, Value(V(true))), "!DivisionByZero");
    EXPECT_EQ(both(And, Value()), "!DivisionByZero");
    EXPECT_EQ(both(Or, Value(V(true))), "true");
    EXPECT_EQ(both(Or, Value(V(false))), "!DivisionByZero");
    EXPECT_EQ(both(Xor, Value(V(true))), "!DivisionByZero");
  }
  EXPECT_EQ(Shown(Or(Value(V("a")), Value(V(true)))), "true");
  EXPECT_EQ(Shown(And(Value(V("a")), Value())), "!InvalidArgumentType");
}

TEST(OperatorsTest, ComparisonsOfValues) {
  const auto equal = [](const Value& a, const Value& b) -> ValueOr { return IsEqual(a, b); };
  const auto differ = [](const Value& a, const Value& b) -> ValueOr { return IsNotEqual(a, b); };
  const auto less = [](const Value& a, const Value& b) -> ValueOr { return IsLess(a, b); };
  CheckBinary({{1, 1.0, "true"},
               {1, "1", "false"},
               {1, kNullValue, "null"},
               {kQuietNan, kQuietNan, "false"},
               {int64_t{9007199254740993}, 9007199254740992.0, "false"},
               {ListValue({kNullValue}), ListValue({1}), "null"},
               {ListValue({1, 2}), ListValue({kNullValue, "foo"}), "false"},
               {ListValue({1}), ListValue({1, kNullValue}), "false"},
               {MapValue({{"k", kNullValue}}), MapValue({{"k", kNullValue}}), "null"},
               {MapValue({{"k", 1}}), MapValue({{"j", 1}}), "false"}},
              equal);
  CheckBinary({{kQuietNan, kQuietNan, "true"},
               {kQuietNan, "a", "true"},
               {kNullValue, kNullValue, "null"},
               {1, 2, "true"}},
              differ);
  CheckBinary({{1, "a", "null"},
               {kQuietNan, 1, "false"},
               {1, kQuietNan, "false"},
               {kQuietNan, "a", "null"},
               {false, true, "true"},
               {"a", "B", "false"},
               {"\xef\xbf\xbd", "\xf0\x9f\x98\x80", "true"},  // by code points, not UTF-16
               {int64_t{9007199254740993}, 9007199254740992.0, "false"},
               {9007199254740992.0, int64_t{9007199254740993}, "true"}},
              less);
}

TEST(OperatorsTest, InIsTrueFalseOrUnknown) {
  CheckBinary({{3, ListValue({1, kNullValue, 3}), "true"},
               {4, ListValue({1, kNullValue, 3}), "null"},
               {4, ListValue({1, 3}), "false"},
               {kNullValue, ListValue({}), "false"},
               {kNullValue, ListValue({1}), "null"},
               {1, kNullValue, "null"},
               {ListValue({1, 2}), ListValue({1, ListValue({1, 2})}), "true"},
               {ListValue({1, 2}), ListValue({ListValue({kNullValue, 2})}), "null"},
               {ListValue({1, 2}), ListValue({ListValue({kNullValue, "foo"})}), "false"},
               {ListValue({1}), ListValue({ListValue({1, kNullValue})}), "false"},
               {kQuietNan, ListValue({kQuietNan}), "false"},
               {ListValue({}), ListValue({ListValue({})}), "true"},
               {1, "a", "!InvalidArgumentType"}},
              IsIn);
}

TEST(OperatorsTest, ArithmeticOverflowsAreErrors) {
  constexpr int64_t kMin = INT64_MIN;
  constexpr int64_t kMax = INT64_MAX;
  CheckBinary({{1, 2, "3"},
               {1, 2.5, "3.5"},
               {kMax, 1, "!IntegerOverflow"},
               {kMin, -1, "!IntegerOverflow"},
               {kMax, 1.0, "9223372036854775808.0"},
               {1, kNullValue, "null"},
               {1, true, "!InvalidArgumentType"},
               {MapValue({}), MapValue({}), "!InvalidArgumentType"}},
              AddValues);
  CheckBinary({{kMin, 1, "!IntegerOverflow"}, {1, 3, "-2"}, {"a", 1, "!InvalidArgumentType"}},
              Subtract);
  CheckBinary({{kMax, 2, "!IntegerOverflow"}, {kMin, -1, "!IntegerOverflow"}, {3, 0.5, "1.5"}},
              Multiply);
  CheckBinary({{7, 2, "3"},
               {-7, 2, "-3"},
               {kMin, -1, "!IntegerOverflow"},
               {1, 0, "!DivisionByZero"},
               {1, 0.0, "Infinity"},
               {-1.0, 0, "-Infinity"},
               {0.0, 0, "NaN"},
               {kNullValue, 0, "null"}},
              Divide);
  CheckBinary({{5, 3, "2"},
               {-5, 3, "-2"},
               {5, -3, "2"},
               {kMin, -1, "0"},
               {5, 0, "!DivisionByZero"},
               {5, 0.0, "NaN"},
               {-5.5, 2, "-1.5"}},
              Remainder);
  CheckBinary({{2, 3, "8.0"}, {2, -1, "0.5"}, {0, 0, "1.0"}, {"a", 1, "!InvalidArgumentType"}},
              Power);
  EXPECT_EQ(Shown(Negate(V(kMin))), "!IntegerOverflow");
  EXPECT_EQ(Shown(Negate(V(0.0))), "-0.0");
  EXPECT_EQ(Shown(Negate(V("a"))), "!InvalidArgumentType");
  EXPECT_EQ(Shown(UnaryPlus(V(kMin))), "-9223372036854775808");
}

TEST(OperatorsTest, PlusJoinsTextsAndLists) {
  CheckBinary({{"a", "b", "\"ab\""},
               {"a", 1, "\"a1\""},
               {1.0, "a", "\"1.0a\""},
               {"a", 1e10, "\"a1.0E10\""},
               {"a", kNullValue, "null"},
               {"a", true, "!InvalidArgumentType"},
               {"a", MapValue({}), "!InvalidArgumentType"},
               {"a", Value::Of(graph::Date{}), "!NotSupported"},
               {ListValue({1}), ListValue({2}), "[1, 2]"},
               {ListValue({1}), "a", "[1, \"a\"]"},
               {"a", ListValue({1}), "[\"a\", 1]"},
               {ListValue({1}), kNullValue, "null"},
               {ListValue({1}), ListValue({kNullValue}), "[1, null]"}},
              AddValues);
  CheckBinary({{"a", "b", "\"ab\""},
               {"a", 1, "!InvalidArgumentType"},
               {ListValue({1}), ListValue({2}), "[1, 2]"},
               {ListValue({1}), 2, "!InvalidArgumentType"},
               {1, "a", "!InvalidArgumentType"},
               {kNullValue, "a", "null"}},
              ConcatenateValues);
}

TEST(OperatorsTest, WhatIsTooLargeIsRefusedBeforeItIsMade) {
  TestEnvironment environment;
  const Value half = Value::String(std::string(600 << 10, 'x'));
  EXPECT_EQ(Shown(Add(&environment, half, half)), "!ValueTooLarge");
  environment.memory_limit = SIZE_MAX;
  EXPECT_TRUE(Add(&environment, half, half).ok());
  const Value most = Value::String(std::string(graph::kMaxValueBytes, 'x'));
  EXPECT_EQ(Shown(Add(&environment, most, V("y"))), "!ValueTooLarge");
}

TEST(OperatorsTest, ElementsOfListsAndMaps) {
  const Value list = ListValue({1, 2, 3});
  const Value map = MapValue({{"name", "Ann"}});
  CheckBinary({{list, 0, "1"},
               {list, -1, "3"},
               {list, -3, "1"},
               {list, 3, "null"},
               {list, -4, "null"},
               {list, int64_t{INT64_MIN}, "null"},
               {list, kNullValue, "null"},
               {kNullValue, 0, "null"},
               {list, 1.0, "!ListElementAccessByNonInteger"},
               {list, "a", "!ListElementAccessByNonInteger"},
               {map, "name", "\"Ann\""},
               {map, "nAme", "null"},
               {map, 0, "!MapElementAccessByNonString"},
               {"abc", 0, "!InvalidArgumentType"},
               {5, "x", "!InvalidArgumentType"},
               {Value::Of(TestEnvironment::LivingVertex()), "name", "\"Ann\""},
               {Value::Of(TestEnvironment::LivingVertex()), 0, "!MapElementAccessByNonString"},
               {Value::Of(TestEnvironment::Edge()), "since", "1999"}},
              At);
}

TEST(OperatorsTest, PropertiesOfValues) {
  EXPECT_EQ(Dot(kNullValue, "x"), "null");
  EXPECT_EQ(Dot(MapValue({{"x", 1}}), "x"), "1");
  EXPECT_EQ(Dot(MapValue({}), "x"), "null");
  EXPECT_EQ(Dot(Value::Of(TestEnvironment::LivingVertex()), "age"), "42");
  EXPECT_EQ(Dot(Value::Of(TestEnvironment::LivingVertex()), "nope"), "null");
  EXPECT_EQ(Dot(Value::Of(TestEnvironment::DeletedVertex()), "age"), "!DeletedEntityAccess");
  EXPECT_EQ(Dot(V(5), "x"), "!InvalidArgumentType");
  EXPECT_EQ(Dot(V("abc"), "x"), "!InvalidArgumentType");
  EXPECT_EQ(Dot(ListValue({}), "x"), "!InvalidArgumentType");
  EXPECT_EQ(Dot(Value::Of(graph::Date{}), "year"), "!NotSupported");
  const Value flat = Value::Of(graph::Point{graph::Crs::kCartesian, {1, 2, 0}});
  const Value place = Value::Of(graph::Point{graph::Crs::kWgs84_3d, {1, 2, 3}});
  EXPECT_EQ(Dot(flat, "x"), "1.0");
  EXPECT_EQ(Dot(flat, "crs"), "\"cartesian\"");
  EXPECT_EQ(Dot(flat, "z"), "!InvalidArgumentValue");
  EXPECT_EQ(Dot(flat, "longitude"), "!InvalidArgumentValue");
  EXPECT_EQ(Dot(place, "latitude"), "2.0");
  EXPECT_EQ(Dot(place, "height"), "3.0");
  EXPECT_EQ(Dot(place, "srid"), "4979");
}

TEST(OperatorsTest, SlicesAreCutToTheList) {
  const Value list = ListValue({1, 2, 3});
  const auto slice = [&](const V* from, const V* to) { return Shown(Slice(list, from, to)); };
  const V none;
  const V zero(0), one(1), two(2), three(3), minus_one(-1), minus_three(-3), far(100), low(-100);
  EXPECT_EQ(slice(&one, &three), "[2, 3]");
  EXPECT_EQ(slice(&one, nullptr), "[2, 3]");
  EXPECT_EQ(slice(nullptr, &two), "[1, 2]");
  EXPECT_EQ(slice(&zero, &zero), "[]");
  EXPECT_EQ(slice(&minus_three, &minus_one), "[1, 2]");
  EXPECT_EQ(slice(&three, &one), "[]");
  EXPECT_EQ(slice(&low, &far), "[1, 2, 3]");
  EXPECT_EQ(slice(&none, &one), "null");
  EXPECT_EQ(slice(nullptr, &none), "null");
  const V half(1.5);
  EXPECT_EQ(slice(&zero, &half), "!ListElementAccessByNonInteger");
  EXPECT_EQ(Shown(Slice(V("abc"), &zero, &one)), "!InvalidArgumentType");
  EXPECT_EQ(Shown(Slice(kNullValue, &zero, &one)), "null");
}

TEST(OperatorsTest, TextsThatContainOthers) {
  EXPECT_EQ(Shown(StartsWith(V("abc"), V("ab"))), "true");
  EXPECT_EQ(Shown(EndsWith(V("abc"), V("bc"))), "true");
  EXPECT_EQ(Shown(ContainsText(V("abc"), V(""))), "true");
  EXPECT_EQ(Shown(ContainsText(V("abc"), V("x"))), "false");
  EXPECT_EQ(Shown(StartsWith(V(1), V("a"))), "null");
  EXPECT_EQ(Shown(ContainsText(ListValue({1}), V(1))), "null");
  EXPECT_EQ(Shown(EndsWith(V("a"), kNullValue)), "null");
}

TEST(OperatorsTest, PatternsMatchTheWholeText) {
  CheckBinary({{"abc", "b", "false"},
               {"abc", ".*b.*", "true"},
               {"a\nb", "a.b", "false"},
               {"a\nb", "(?s)a.b", "true"},
               {"a\n", "a", "false"},
               {"a", "a$", "true"},
               {"\xc3\x84", "(?i)\xc3\xa4", "true"},
               {"abc", "\\p{L}+", "true"},
               {"a.c", "\\Qa.c\\E", "true"},
               {"]", "[]]", "true"},
               {"&", "[\\&&]", "true"},
               {1, "a", "null"},
               {kNullValue, "a", "null"},
               {"a", kNullValue, "null"},
               {"a", 1, "!InvalidArgumentType"},
               {"a", "[", "!InvalidRegularExpression"},
               {"ab", "a(?=b)b", "!InvalidRegularExpression"},
               {"aa", "(a)\\1", "!InvalidRegularExpression"},
               {"aaa", "a++", "!InvalidRegularExpression"},
               {"a", "[a-z&&[^b]]", "!InvalidRegularExpression"},
               {"a&&b", "a&&b", "true"},
               {"&&", "\\Q[&&\\E|&&", "true"},
               {"a", std::string(100'000, 'a'), "!InvalidRegularExpression"}},
              MatchesPattern);
}

// Any two values: an answer or an error of Cypher, and the laws that hold for all of them.
TEST(OperatorsTest, AnyOperandsAreSafeAndObeyTheLaws) {
  graph::RandomValues random(51);
  TestEnvironment environment;
  int answer_count = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Value a = random.Any(2);
    const Value b = round % 5 == 0 ? a : random.Any(2);
    for (const ValueOr& result :
         {Add(&environment, a, b), Subtract(a, b), Multiply(a, b), Divide(a, b), Remainder(a, b),
          Power(a, b), Negate(a), UnaryPlus(a), Concatenate(&environment, a, b),
          ElementAt(&environment, a, b), Slice(a, &b, nullptr), IsIn(a, b), MatchesPattern(a, b),
          PropertyOf(&environment, a, "x"), And(a, b), Or(a, b), Xor(a, b), Not(a)}) {
      answer_count += result.ok() ? 1 : 0;
      ASSERT_TRUE(result.ok() || ErrorOf(result.status()).has_value()) << result.status();
    }
    ASSERT_EQ(Shown(And(a, b)), Shown(And(b, a)));
    ASSERT_EQ(Shown(Or(a, b)), Shown(Or(b, a)));
    ASSERT_EQ(Shown(IsEqual(a, b)), Shown(IsEqual(b, a)));
    ASSERT_EQ(Shown(Not(IsEqual(a, b))), Shown(IsNotEqual(a, b)));
    // a < b and b < a are never both true, and <= is = or <, where these have answers.
    if (Shown(IsLess(a, b)) == "true") {
      ASSERT_NE(Shown(IsLess(b, a)), "true");
      ASSERT_EQ(Shown(IsLessOrEqual(a, b)), "true");
      ASSERT_EQ(Shown(IsEqual(a, b)), "false");
    }
    // IN is the OR of equalities.
    const Value list = Value::List({b, random.Any(1), a.is_null() ? Value() : b});
    ValueOr any = Value::Boolean(false);
    for (const Value& element : list.list()) any = Or(any, IsEqual(a, element));
    ASSERT_EQ(Shown(IsIn(a, list)), Shown(any));
  }
  EXPECT_GT(answer_count, 20'000);
}

}  // namespace
}  // namespace tidemark::query
