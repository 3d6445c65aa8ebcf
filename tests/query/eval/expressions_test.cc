// SPDX-License-Identifier: Apache-2.0
// What expressions give, rule by rule; each also inside of a list comprehension, where it runs as
// row instructions.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/query/eval/evaluate_text.h"

namespace tidemark::query::eval {
using graph::Value;

namespace {

struct Case {
  const char* expression;
  const char* expected;
};

class ExpressionTest : public testing::TestWithParam<Case> {};

// Parameters keep constants from being computed before the statement runs.
Parameters Givens() {
  return {{"n", Value()},
          {"one", V(1)},
          {"zero", V(0)},
          {"min", V(INT64_MIN)},
          {"max", V(INT64_MAX)},
          {"t", V(true)},
          {"f", V(false)},
          {"nan", V(std::nan(""))},
          {"list", ListValue({1, 2, 3})},
          {"map", MapValue({{"k", 1}, {"name", "x"}})},
          {"text", V("abc")},
          {"v", Value::Of(TestEnvironment::LivingVertex())},
          {"gone", Value::Of(TestEnvironment::DeletedVertex())},
          {"e", Value::Of(TestEnvironment::Edge())}};
}

TEST_P(ExpressionTest, GivesWhatTheRuleSays) {
  const std::string expression = GetParam().expression;
  EXPECT_EQ(Evaluated(expression, Givens()), GetParam().expected) << expression;
  const std::string in_loop = "[here IN [0] | " + expression + "][0]";
  EXPECT_EQ(Evaluated(in_loop, Givens()), GetParam().expected) << in_loop;
}

INSTANTIATE_TEST_SUITE_P(Comparison, ExpressionTest,
                         testing::Values(Case{"1 = 1.0", "true"}, Case{"$one = 'a'", "false"},
                                         Case{"$n = $n", "null"}, Case{"$n <> 1", "null"},
                                         Case{"[1, $n] = [2, 3]", "false"},
                                         Case{"[1, $n] = [1, 2]", "null"},
                                         Case{"[1] = [1, $n]", "false"}, Case{"$one < 'a'", "null"},
                                         Case{"$nan = $nan", "false"}, Case{"$nan <> $nan", "true"},
                                         Case{"$nan < 1", "false"}, Case{"$nan >= 1", "false"},
                                         Case{"1 < 2 < 3", "true"}, Case{"1 < $one < 3", "false"},
                                         Case{"3 > $n > 1", "null"}, Case{"2 > 3 > $n", "false"},
                                         Case{"1 = 1 = true", "false"},
                                         Case{"9007199254740993 = 9007199254740992.0", "false"},
                                         Case{"9007199254740993 > 9007199254740992.0", "true"},
                                         Case{"$min < -9.3e18", "false"}, Case{"'a' < 'b'", "true"},
                                         Case{"$text >= 'abc'", "true"}, Case{"$v = $v", "true"},
                                         Case{"$f < $t", "true"}));

INSTANTIATE_TEST_SUITE_P(
    Logic, ExpressionTest,
    testing::Values(Case{"$f AND $n", "false"}, Case{"$n AND $f", "false"},
                    Case{"$n AND $t", "null"}, Case{"$n OR $t", "true"}, Case{"$n OR $f", "null"},
                    Case{"$n XOR $t", "null"}, Case{"$t XOR $t XOR $t", "true"},
                    Case{"NOT $n", "null"}, Case{"NOT $t = $f", "true"},
                    Case{"$f AND 1 / $zero = 1", "false"}, Case{"1 / $zero = 1 AND $f", "false"},
                    Case{"1 / $zero = 1 OR $t", "true"},
                    Case{"1 / $zero = 1 AND $t", "!DivisionByZero"},
                    Case{"1 / $zero = 1 AND $n", "!DivisionByZero"},
                    Case{"$t AND $one", "!InvalidArgumentType"}, Case{"$one AND $f", "false"},
                    Case{"1 / $zero = 1 XOR $t", "!DivisionByZero"},
                    Case{"(1 / $zero = 1 AND $t) OR $t", "true"},
                    Case{"coalesce(1 / $zero, 5) = 5 OR $f", "!DivisionByZero"},
                    Case{"NOT $one", "!InvalidArgumentType"}));

INSTANTIATE_TEST_SUITE_P(
    Arithmetic, ExpressionTest,
    testing::Values(Case{"$max + 1", "!IntegerOverflow"}, Case{"$min - 1", "!IntegerOverflow"},
                    Case{"$max * 2", "!IntegerOverflow"}, Case{"$min / -1", "!IntegerOverflow"},
                    Case{"$min % -1", "0"}, Case{"-$min", "!IntegerOverflow"},
                    Case{"7 / $zero", "!DivisionByZero"}, Case{"7 % $zero", "!DivisionByZero"},
                    Case{"7.0 / $zero", "Infinity"}, Case{"-7 / 2", "-3"}, Case{"-7 % 3", "-1"},
                    Case{"2 ^ 3 ^ 2", "64.0"}, Case{"-3 ^ 2", "9.0"}, Case{"$one + $n", "null"},
                    Case{"1 - 0.5", "0.5"}, Case{"'a' + 1", "\"a1\""},
                    Case{"$text + true", "!InvalidArgumentType"},
                    Case{"[1] + 2 + [3]", "[1, 2, 3]"}, Case{"'a' || $text", "\"aabc\""},
                    Case{"$text || $one", "!InvalidArgumentType"}, Case{"$one + 2 * 3", "7"},
                    Case{"- 9223372036854775808", "-9223372036854775808"}));

INSTANTIATE_TEST_SUITE_P(
    Access, ExpressionTest,
    testing::Values(
        Case{"$list[0]", "1"}, Case{"$list[-1]", "3"}, Case{"$list[3]", "null"},
        Case{"$list[1.0]", "!ListElementAccessByNonInteger"}, Case{"$list[$n]", "null"},
        Case{"$list[1..]", "[2, 3]"}, Case{"$list[..-1]", "[1, 2]"},
        Case{"$list[-9..9]", "[1, 2, 3]"}, Case{"$list[$n..]", "null"}, Case{"$list[2..1]", "[]"},
        Case{"$map.k", "1"}, Case{"$map.none", "null"}, Case{"$map['name']", "\"x\""},
        Case{"$map[1]", "!MapElementAccessByNonString"}, Case{"$n.k", "null"}, Case{"$v.age", "42"},
        Case{"$v['name']", "\"Ann\""}, Case{"$gone.age", "!DeletedEntityAccess"},
        Case{"$one.k", "!InvalidArgumentType"}, Case{"2 IN $list", "true"},
        Case{"4 IN $list", "false"}, Case{"$n IN []", "false"}, Case{"$n IN $list", "null"},
        Case{"1 IN [$n]", "null"}, Case{"1 IN [$n, 1]", "true"}, Case{"1 IN $n", "null"},
        Case{"1 IN $one", "!InvalidArgumentType"}, Case{"5 IN [5] = true", "true"},
        Case{"$one IS NULL = false", "true"}, Case{"$n IS NOT NULL", "false"},
        Case{"{a: 1, a: 2}", "{a: 2}"}, Case{"$one IS :: INTEGER", "true"},
        Case{"$n IS :: INTEGER", "true"}, Case{"$n IS :: INTEGER NOT NULL", "false"},
        Case{"$list IS :: LIST<INTEGER>", "true"}, Case{"$list IS NOT :: LIST<STRING>", "true"}));

INSTANTIATE_TEST_SUITE_P(
    Text, ExpressionTest,
    testing::Values(Case{"$text STARTS WITH 'ab'", "true"}, Case{"$text ENDS WITH 'ab'", "false"},
                    Case{"$text CONTAINS 'b'", "true"}, Case{"$one STARTS WITH 'a'", "null"},
                    Case{"$list CONTAINS 1", "null"}, Case{"$text =~ 'a.*'", "true"},
                    Case{"$text =~ 'a'", "false"}, Case{"$one =~ 'a'", "null"},
                    Case{"$text =~ '['", "!InvalidRegularExpression"},
                    Case{"$text IS NORMALIZED", "true"}, Case{"toUpper($text)", "\"ABC\""},
                    Case{"size($text)", "3"},
                    Case{"substring($text, -1)", "!NegativeIntegerArgument"}));

INSTANTIATE_TEST_SUITE_P(
    Conditional, ExpressionTest,
    testing::Values(Case{"CASE WHEN $n THEN 1 ELSE 2 END", "2"},
                    Case{"CASE $n WHEN null THEN 1 ELSE 2 END", "2"},
                    Case{"CASE $one WHEN 2 THEN 'b' WHEN 1 THEN 'a' END", "\"a\""},
                    Case{"CASE $one WHEN 5, 1 THEN 'a' ELSE 'b' END", "\"a\""},
                    Case{"CASE $one WHEN 7 THEN 1 END", "null"},
                    Case{"CASE WHEN $t THEN 1 WHEN 1 / $zero = 1 THEN 2 END", "1"},
                    Case{"CASE WHEN $f THEN 1 / $zero ELSE 2.5 END", "2.5"},
                    Case{"CASE WHEN 1 / $zero = 1 THEN 1 ELSE 2 END", "!DivisionByZero"},
                    Case{"coalesce($n, $one, 1 / $zero)", "1"},
                    Case{"coalesce($n, 1 / $zero, 1)", "!DivisionByZero"},
                    Case{"coalesce($n, $n)", "null"}, Case{"coalesce($n, 'x')", "\"x\""}));

INSTANTIATE_TEST_SUITE_P(
    Loops, ExpressionTest,
    testing::Values(Case{"[x IN $list WHERE x > 1 | x * 10]", "[20, 30]"},
                    Case{"[x IN $list WHERE $n]", "[]"}, Case{"[x IN $n | x]", "null"},
                    Case{"[x IN $one | x]", "!InvalidArgumentType"},
                    Case{"[x IN $list | [y IN $list WHERE y < x | y + x]]", "[[], [3], [4, 5]]"},
                    Case{"all(x IN [] WHERE x)", "true"}, Case{"none(x IN [] WHERE x)", "true"},
                    Case{"any(x IN [] WHERE x)", "false"}, Case{"single(x IN [] WHERE x)", "false"},
                    Case{"all(x IN [1, $n] WHERE x = 1)", "null"},
                    Case{"all(x IN [2, $n] WHERE x = 1)", "false"},
                    Case{"any(x IN [1, $n] WHERE x = 1)", "true"},
                    Case{"none(x IN [2, $n] WHERE x = 1)", "null"},
                    Case{"single(x IN [1, $n] WHERE x = 1)", "null"},
                    Case{"single(x IN [1, 1] WHERE x = 1)", "false"},
                    Case{"all(x IN $list WHERE x)", "!InvalidArgumentType"},
                    Case{"reduce(a = 0, x IN $list | a + x)", "6"},
                    Case{"reduce(a = 0, x IN $n | a + x)", "null"},
                    Case{"reduce(a = 1, x IN [] | a + x)", "1"},
                    Case{"any(x IN [0, 1] WHERE 1 / x = 1) OR $t", "true"},
                    Case{"size([x IN range(1, 1000) WHERE x % 2 = 0])", "500"}));

INSTANTIATE_TEST_SUITE_P(Elements, ExpressionTest,
                         testing::Values(Case{"labels($v)", "[\"B\", \"A\"]"},
                                         Case{"type($e)", "\"KNOWS\""}, Case{"id($v)", "1"},
                                         Case{"type($n)", "null"},
                                         Case{"labels($gone)", "!DeletedEntityAccess"},
                                         Case{"keys($map)", "[\"k\", \"name\"]"},
                                         Case{"properties($v).age", "42"}));

TEST(ExpressionErrorTest, HasItsPlaceInTheText) {
  const auto table = RunText("RETURN $one + (2 / $zero) AS x", Givens());
  const auto error = ErrorOf(table.status());
  ASSERT_TRUE(error.has_value()) << table.status();
  ASSERT_TRUE(error->position.has_value());
  EXPECT_EQ(error->position->offset, 15u) << error->text;
}

}  // namespace
}  // namespace tidemark::query::eval
