// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "graph/value_text.h"
#include "query/functions/registry.h"
#include "query/functions/unicode.h"
#include "tests/query/functions/test_environment.h"

namespace tidemark::query {
namespace {

using graph::Value;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

struct CallCase {
  const char* function;
  std::vector<V> arguments;
  std::string expected;
};

void CheckCalls(const std::vector<CallCase>& cases) {
  for (const CallCase& c : cases) {
    const std::vector<Value> arguments(c.arguments.begin(), c.arguments.end());
    EXPECT_EQ(Called(c.function, arguments), c.expected)
        << c.function << graph::ToText(Value::List(arguments));
  }
}

Value VertexValue() { return Value::Of(TestEnvironment::LivingVertex()); }
Value DeletedValue() { return Value::Of(TestEnvironment::DeletedVertex()); }
Value EdgeValue() { return Value::Of(TestEnvironment::Edge()); }
Value PathValue() {
  const graph::EdgeRef edge = TestEnvironment::Edge();
  return Value::Of(graph::Path{{edge.source, edge.target}, {edge}});
}

TEST(FunctionsTest, ToIntegerReadsNumbersExactly) {
  CheckCalls({{"toInteger", {"+5"}, "5"},
              {"toInteger", {"-5"}, "-5"},
              {"toInteger", {"1e3"}, "1000"},
              {"toInteger", {"1.7"}, "1"},
              {"toInteger", {"-1.9"}, "-1"},
              {"toInteger", {".5"}, "0"},
              {"toInteger", {"5."}, "5"},
              {"toInteger", {"1e-400"}, "0"},
              {"toInteger", {"0e999999999999999999999"}, "0"},
              {"toInteger", {"0.0000123e6"}, "12"},
              {"toInteger", {"9007199254740993"}, "9007199254740993"},
              {"toInteger", {"9223372036854775807"}, "9223372036854775807"},
              {"toInteger", {"-9223372036854775808"}, "-9223372036854775808"},
              {"toInteger", {"92233720368547758.07e2"}, "9223372036854775807"},
              {"toInteger", {"9223372036854775808"}, "!InvalidArgumentValue"},
              {"toInteger", {"9223372036854775807.5"}, "!InvalidArgumentValue"},
              {"toInteger", {"-9223372036854775808.5"}, "!InvalidArgumentValue"},
              {"toInteger", {"9223372036854775807.000"}, "9223372036854775807"},
              {"toInteger", {"1e19"}, "!InvalidArgumentValue"},
              {"toInteger", {"1e400"}, "!InvalidArgumentValue"},
              {"toInteger", {"1e99999999999999999999"}, "!InvalidArgumentValue"},
              {"toInteger", {true}, "1"},
              {"toInteger", {kNan}, "0"},
              {"toInteger", {1e30}, "9223372036854775807"},
              {"toInteger", {9223372036854775808.0}, "9223372036854775807"},
              {"toInteger", {-1e300}, "-9223372036854775808"},
              {"toInteger", {-1.9}, "-1"},
              {"toInteger", {kNullValue}, "null"},
              {"toInteger", {ListValue({})}, "!InvalidArgumentValue"},
              {"toInteger", {VertexValue()}, "!InvalidArgumentValue"}});
  for (const char* text : {"", " 12 ", "x", "0x1F", "1_000", "NaN", "Infinity", "1f", "1e", "e5",
                           "+", "-", ".", "1.2.3", "1 2"}) {
    EXPECT_EQ(Called("toInteger", {Value::String(text)}), "null") << text;
  }
}

TEST(FunctionsTest, OtherConversions) {
  CheckCalls({{"toFloat", {" 1 "}, "1.0"},
              {"toFloat", {"1e400"}, "Infinity"},
              {"toFloat", {"-1e400"}, "-Infinity"},
              {"toFloat", {"1e-400"}, "0.0"},
              {"toFloat", {"NaN"}, "NaN"},
              {"toFloat", {"-Infinity"}, "-Infinity"},
              {"toFloat", {"1f"}, "1.0"},
              {"toFloat", {"0x1p3"}, "8.0"},
              {"toFloat", {".5"}, "0.5"},
              {"toFloat", {"5."}, "5.0"},
              {"toFloat", {"inf"}, "null"},
              {"toFloat", {"nan"}, "null"},
              {"toFloat", {"1_0"}, "null"},
              {"toFloat", {"0x10"}, "null"},
              {"toFloat", {""}, "null"},
              {"toFloat", {"--1"}, "null"},
              {"toFloat", {3}, "3.0"},
              {"toFloat", {true}, "!InvalidArgumentValue"},
              {"toBoolean", {" TRUE "}, "true"},
              {"toBoolean", {"t"}, "null"},
              {"toBoolean", {-5}, "true"},
              {"toBoolean", {0}, "false"},
              {"toBoolean", {1.0}, "!InvalidArgumentValue"},
              {"toString", {1}, "\"1\""},
              {"toString", {1.0}, "\"1.0\""},
              {"toString", {1e10}, "\"1.0E10\""},
              {"toString", {1e7}, "\"1.0E7\""},
              {"toString", {9999999.0}, "\"9999999.0\""},
              {"toString", {0.001}, "\"0.001\""},
              {"toString", {0.0001}, "\"1.0E-4\""},
              {"toString", {1.5e-5}, "\"1.5E-5\""},
              {"toString", {123456789.123}, "\"1.23456789123E8\""},
              {"toString", {-0.0}, "\"-0.0\""},
              {"toString", {kNan}, "\"NaN\""},
              {"toString", {-kInf}, "\"-Infinity\""},
              {"toString", {true}, "\"true\""},
              {"toString", {Value::Of(graph::Date{0})}, "\"1970-01-01\""},
              {"toString", {ListValue({})}, "!InvalidArgumentValue"},
              {"toString",
               {Value::Of(graph::Point{graph::Crs::kWgs84, {2, 1, 0}})},
               "\"point({x: 2.0, y: 1.0, crs: 'wgs-84'})\""},
              {"toIntegerOrNull", {ListValue({})}, "null"},
              {"toIntegerOrNull", {"9223372036854775808"}, "null"},
              {"toFloatOrNull", {true}, "null"},
              {"toBooleanOrNull", {1.5}, "null"},
              {"toStringOrNull", {MapValue({})}, "null"},
              {"toIntegerList",
               {ListValue({"1", 2, "x", kNullValue, true, ListValue({}), 1.7})},
               "[1, 2, null, null, 1, null, 1]"},
              {"toFloatList", {ListValue({"1", true})}, "[1.0, null]"},
              {"toBooleanList", {ListValue({"true", 0, 1.5})}, "[true, false, null]"},
              {"toStringList", {ListValue({1, MapValue({})})}, "[\"1\", null]"},
              {"toIntegerList", {kNullValue}, "null"},
              {"toIntegerList", {1}, "!InvalidArgumentType"}});
}

TEST(FunctionsTest, Lists) {
  const Value list = ListValue({1, 2, 3});
  CheckCalls({{"head", {list}, "1"},
              {"last", {list}, "3"},
              {"head", {ListValue({})}, "null"},
              {"last", {ListValue({})}, "null"},
              {"tail", {list}, "[2, 3]"},
              {"tail", {ListValue({})}, "[]"},
              {"reverse", {list}, "[3, 2, 1]"},
              {"size", {list}, "3"},
              {"size", {5}, "!InvalidArgumentType"},
              {"head", {5}, "!InvalidArgumentType"},
              {"size", {kNullValue}, "null"},
              {"range", {1, 3}, "[1, 2, 3]"},
              {"range", {3, 1}, "[]"},
              {"range", {3, 1, -1}, "[3, 2, 1]"},
              {"range", {1, 10, 3}, "[1, 4, 7, 10]"},
              {"range", {0, 1, -123}, "[]"},
              {"range", {0, 0, -1}, "[0]"},
              {"range",
               {int64_t{INT64_MAX - 1}, int64_t{INT64_MAX}},
               "[9223372036854775806, 9223372036854775807]"},
              {"range",
               {int64_t{INT64_MAX}, int64_t{INT64_MIN}, int64_t{INT64_MIN}},
               "[9223372036854775807, -1]"},
              {"range", {2, 8, 0}, "!NumberOutOfRange"},
              {"range", {1.0, 3}, "!InvalidArgumentType"},
              {"range", {1, "x"}, "!InvalidArgumentType"},
              {"range", {kNullValue, 3}, "!InvalidArgumentType"},
              {"range", {1, int64_t{1'000'000'000'000}}, "!ValueTooLarge"},
              {"range", {int64_t{INT64_MIN}, int64_t{INT64_MAX}}, "!ValueTooLarge"},
              {"range", {1, 100'000}, "!ValueTooLarge"},  // beyond what the test may reserve
              {"isEmpty", {""}, "true"},
              {"isEmpty", {ListValue({1})}, "false"},
              {"isEmpty", {MapValue({})}, "true"},
              {"isEmpty", {5}, "!InvalidArgumentType"}});
}

TEST(FunctionsTest, StringsCountCodePoints) {
  const std::string face = "a\xf0\x9f\x98\x80z";  // three code points, six bytes
  CheckCalls({{"size", {face}, "3"},
              {"char_length", {face}, "3"},
              {"character_length", {"abc"}, "3"},
              {"reverse",
               {face},
               "\"z\xf0\x9f\x98\x80"
               "a\""},
              {"left", {face, 2}, "\"a\xf0\x9f\x98\x80\""},
              {"right", {face, 2}, "\"\xf0\x9f\x98\x80z\""},
              {"substring", {face, 1, 1}, "\"\xf0\x9f\x98\x80\""},
              {"left", {"abc", 10}, "\"abc\""},
              {"left", {"abc", 0}, "\"\""},
              {"right", {"abc", 10}, "\"abc\""},
              {"substring", {"abc", 1}, "\"bc\""},
              {"substring", {"abc", 5}, "\"\""},
              {"substring", {"abc", 1, 10}, "\"bc\""},
              {"substring", {"abc", int64_t{INT64_MAX}, int64_t{INT64_MAX}}, "\"\""},
              {"substring", {"abc", -1}, "!NegativeIntegerArgument"},
              {"substring", {"abc", 0, -5}, "!NegativeIntegerArgument"},
              {"left", {"abc", -1}, "!NegativeIntegerArgument"},
              {"right", {"abc", -1}, "!NegativeIntegerArgument"},
              {"left", {kNullValue, -1}, "null"},
              {"left", {"abc", kNullValue}, "null"},
              {"left", {"abc", 1.5}, "!InvalidArgumentType"},
              {"left", {5, 1}, "!InvalidArgumentType"}});
}

TEST(FunctionsTest, ReplaceAndSplit) {
  CheckCalls({{"replace", {"abc", "b", "x"}, "\"axc\""},
              {"replace", {"abc", "", "x"}, "\"xaxbxcx\""},
              {"replace", {"", "", "x"}, "\"x\""},
              {"replace", {"aaa", "aa", "b"}, "\"ba\""},
              {"replace", {"abc", "x", "y"}, "\"abc\""},
              {"replace", {"\xc3\xa4", "", "-"}, "\"-\xc3\xa4-\""},
              {"replace", {"a", kNullValue, "b"}, "null"},
              {"split", {"a,b", ","}, "[\"a\", \"b\"]"},
              {"split", {"a,b", ListValue({"a", ","})}, "[\"\", \"\", \"b\"]"},
              {"split", {"a,,b;c", ListValue({",", ";", ",,"})}, "[\"a\", \"\", \"b\", \"c\"]"},
              {"split", {"a,,b;c", ListValue({",,", ";", ","})}, "[\"a\", \"b\", \"c\"]"},
              {"split", {"aaaa", "aa"}, "[\"\", \"\", \"\"]"},
              {"split", {"abc", ""}, "[\"a\", \"b\", \"c\"]"},
              {"split", {"", ","}, "[\"\"]"},
              {"split", {"", ""}, "[\"\"]"},
              {"split", {",", ","}, "[\"\", \"\"]"},
              {"split", {"a,,b", ","}, "[\"a\", \"\", \"b\"]"},
              {"split", {"abc", ListValue({})}, "[\"abc\"]"},
              {"split", {"aXXb", ListValue({"X", "XX"})}, "[\"a\", \"\", \"b\"]"},
              {"split", {"aXXb", ListValue({"XX", "X"})}, "[\"a\", \"b\"]"},
              {"split", {"a", ListValue({kNullValue})}, "null"},
              {"split", {"a", ListValue({1})}, "!InvalidArgumentType"},
              {"split", {"a", kNullValue}, "null"}});
}

TEST(FunctionsTest, TrimAndCase) {
  CheckCalls({{"ltrim", {"  a "}, "\"a \""},
              {"rtrim", {" a  "}, "\" a\""},
              {"trim", {"\t\na\r"}, "\"a\""},
              {"trim",
               {"\xe2\x80\x83"
                "a\xe3\x80\x80"},
               "\"a\""},
              {"ltrim",
               {"\xc2\xa0"
                "a"},
               "\"\xc2\xa0"
               "a\""},  // does not break a line: stays
              {"btrim", {"xyaxy", "xy"}, "\"a\""},
              {"ltrim", {"xxax", "x"}, "\"ax\""},
              {"rtrim", {"xaxx", "x"}, "\"xa\""},
              {"btrim",
               {"\xc3\xa4"
                "a\xc3\xa4",
                "\xc3\xa4"},
               "\"a\""},
              {"btrim", {"a", ""}, "\"a\""},
              {"btrim", {"a", kNullValue}, "null"},
              {"trim", {5}, "!InvalidArgumentType"},
              {"toUpper", {"a\xc3\xa9"}, "\"A\xc3\x89\""},
              {"toUpper", {"\xc3\x9f"}, "\"SS\""},
              {"toLower", {"\xce\x91\xce\xa3"}, "\"\xce\xb1\xcf\x82\""},  // a final sigma
              {"upper", {"a"}, "\"A\""},
              {"lower", {"A"}, "\"a\""},
              {"normalize", {"a\xcc\x81"}, "\"\xc3\xa1\""},
              {"normalize", {"\xe2\x84\xab", "NFD"}, "\"A\xcc\x8a\""},
              {"normalize", {"\xef\xac\x81", "NFKC"}, "\"fi\""},
              {"normalize", {"a", "NFX"}, "!InvalidArgumentValue"},
              {"normalize", {kNullValue}, "null"}});
  CheckCalls({{"trim BOTH", {"x", "xax"}, "\"a\""},
              {"trim LEADING", {"x", "xax"}, "\"ax\""},
              {"trim TRAILING", {"x", "xax"}, "\"xa\""},
              {"trim BOTH", {"xy", "xax"}, "!InvalidArgumentValue"},
              {"trim BOTH", {"", "xax"}, "!InvalidArgumentValue"},
              {"trim BOTH", {kNullValue, "xax"}, "null"},
              {"trim BOTH", {"x", kNullValue}, "null"}});
  EXPECT_TRUE(*IsNormalizedText("\xc3\xa1", "NFC"));
  EXPECT_FALSE(*IsNormalizedText("a\xcc\x81", "NFC"));
}

// Case mapping and normal forms of texts that grow a lot, and of bytes that are no UTF-8.
TEST(FunctionsTest, TextsThatGrowAndWrongBytes) {
  std::string sharp;
  std::string upper;
  for (int i = 0; i < 1000; ++i) {
    sharp += "\xce\x90";  // one letter with two marks becomes three characters
    upper += "\xce\x99\xcc\x88\xcc\x81";
  }
  EXPECT_EQ(UpperCaseText(sharp)->string(), upper);
  std::string ligature;
  for (int i = 0; i < 1000; ++i) ligature += "\xef\xb7\xba";  // one character, 18 when decomposed
  EXPECT_GT(NormalizedText(ligature, "NFKC")->string().size(), 10 * ligature.size());
  for (const char* wrong : {"\xff", "\xc3", "a\x80z", "\xed\xa0\x80", "\xf0\x9f"}) {
    EXPECT_TRUE(UpperCaseText(wrong).ok());
    EXPECT_TRUE(NormalizedText(wrong, "NFD").ok());
    for (const char* function : {"size", "reverse", "trim", "toLower"}) {
      EXPECT_NE(Called(function, {Value::String(wrong)}).substr(0, 1), "!");
    }
    EXPECT_EQ(Called("split", {Value::String(wrong), Value::String("")}).substr(0, 1), "[");
    EXPECT_EQ(Called("substring", {Value::String(wrong), Value::Integer(1)}).substr(0, 1), "\"");
  }
}

TEST(FunctionsTest, Rounding) {
  CheckCalls({{"round", {1.5}, "2.0"},
              {"round", {-1.5}, "-1.0"},
              {"round", {2.5}, "3.0"},
              {"round", {-2.5}, "-2.0"},
              {"round", {-0.5}, "0.0"},
              {"round", {0.49999999999999994}, "0.0"},
              {"round", {4503599627370497.5}, "4503599627370498.0"},
              {"round", {kNan}, "NaN"},
              {"round", {kInf}, "Infinity"},
              {"round", {1}, "1.0"},
              {"round", {1.25, 1}, "1.3"},
              {"round", {-1.25, 1}, "-1.3"},
              {"round", {1.35, 1}, "1.4"},
              {"round", {2.5, 0}, "3.0"},
              {"round", {-2.5, 0}, "-2.0"},
              {"round", {1.005, 2}, "1.01"},
              {"round", {1234.567, 2}, "1234.57"},
              {"round", {9.99, 1}, "10.0"},
              {"round", {0.004, 2}, "0.0"},
              {"round", {0.006, 2}, "0.01"},
              {"round", {0.06, 1}, "0.1"},
              {"round", {5, 1}, "5.0"},
              {"round", {1e300, 2}, "1e+300"},
              {"round", {1.5, 400}, "1.5"},
              {"round", {1e-320, 3}, "0.0"},
              {"round", {kNan, 1}, "NaN"},
              {"round", {1.25, -1}, "!NegativeIntegerArgument"},
              {"round", {1.25, kNullValue}, "null"},
              {"round", {1.249, 1, "UP"}, "1.3"},
              {"round", {-1.249, 1, "UP"}, "-1.3"},
              {"round", {1.29, 1, "DOWN"}, "1.2"},
              {"round", {-1.29, 1, "CEILING"}, "-1.2"},
              {"round", {1.21, 1, "CEILING"}, "1.3"},
              {"round", {-1.21, 1, "FLOOR"}, "-1.3"},
              {"round", {1.29, 1, "FLOOR"}, "1.2"},
              {"round", {1.25, 1, "HALF_UP"}, "1.3"},
              {"round", {1.25, 1, "HALF_DOWN"}, "1.2"},
              {"round", {1.26, 1, "HALF_DOWN"}, "1.3"},
              {"round", {1.25, 1, "HALF_EVEN"}, "1.2"},
              {"round", {1.35, 1, "HALF_EVEN"}, "1.4"},
              {"round", {-2.5, 0, "HALF_UP"}, "-3.0"},
              {"round", {1.2, 1, "UP"}, "1.2"},
              {"round", {1.25, 1, "half_up"}, "!InvalidArgumentValue"},
              {"round", {"a"}, "!InvalidArgumentType"}});
}

TEST(FunctionsTest, Mathematics) {
  CheckCalls({{"abs", {-1}, "1"},
              {"abs", {-0.0}, "0.0"},
              {"abs", {int64_t{INT64_MIN}}, "!IntegerOverflow"},
              {"abs", {kNullValue}, "null"},
              {"ceil", {-1.5}, "-1.0"},
              {"floor", {-1.5}, "-2.0"},
              {"floor", {2}, "2.0"},
              {"sign", {-1.5}, "-1"},
              {"sign", {kNan}, "0"},
              {"sign", {-0.0}, "0"},
              {"sqrt", {-1}, "NaN"},
              {"sqrt", {12.96}, "3.6"},
              {"log", {0}, "-Infinity"},
              {"log10", {100}, "2.0"},
              {"exp", {0}, "1.0"},
              {"cot", {0}, "Infinity"},
              {"asin", {2}, "NaN"},
              {"atan2", {0, 0}, "0.0"},
              {"radians", {180}, "3.141592653589793"},
              {"degrees", {3.14}, "179.9087476710785"},
              {"haversin", {1}, "0.22984884706593012"},
              {"haversin", {0.5}, "0.06120871905481362"},
              {"cot", {0.5}, "1.830487721712452"},
              {"e", {}, "2.718281828459045"},
              {"pi", {}, "3.141592653589793"},
              {"isNaN", {kNan}, "true"},
              {"isNaN", {1}, "false"},
              {"isNaN", {"a"}, "!InvalidArgumentType"},
              {"sin", {"a"}, "!InvalidArgumentType"}});
  TestEnvironment environment;
  const FunctionSignature& rand = **FindFunction("rand", 0, {"", 0});
  for (int i = 0; i < 1000; ++i) {
    const double number = CallFunction(rand, &environment, {})->real();
    EXPECT_GE(number, 0);
    EXPECT_LT(number, 1);
  }
}

TEST(FunctionsTest, AnyValues) {
  CheckCalls({{"coalesce", {kNullValue, 1, 2}, "1"},
              {"coalesce", {kNullValue, kNullValue}, "null"},
              {"nullIf", {1, 1.0}, "null"},
              {"nullIf", {1, 2}, "1"},
              {"nullIf", {1, kNullValue}, "1"},
              {"nullIf", {kNullValue, 1}, "null"},
              {"timestamp", {}, "1700000000000"},
              {"valueType", {kNullValue}, "\"NULL\""},
              {"valueType", {1}, "\"INTEGER NOT NULL\""},
              {"valueType", {ListValue({})}, "\"LIST<NOTHING> NOT NULL\""},
              {"valueType", {ListValue({kNullValue})}, "\"LIST<NULL> NOT NULL\""},
              {"valueType", {ListValue({1, kNullValue})}, "\"LIST<INTEGER> NOT NULL\""},
              {"valueType",
               {ListValue({1, "a"})},
               "\"LIST<STRING NOT NULL | INTEGER NOT NULL> NOT NULL\""},
              {"valueType",
               {ListValue({1, 1.5, "a", true, kNullValue})},
               "\"LIST<BOOLEAN | STRING | INTEGER | FLOAT> NOT NULL\""},
              {"valueType",
               {ListValue({ListValue({1}), ListValue({2.0})})},
               "\"LIST<LIST<FLOAT NOT NULL> NOT NULL | LIST<INTEGER NOT NULL> NOT NULL> NOT "
               "NULL\""},
              {"valueType",
               {ListValue({VertexValue(), EdgeValue()})},
               "\"LIST<NODE NOT NULL | RELATIONSHIP NOT NULL> NOT NULL\""},
              {"valueType", {PathValue()}, "\"PATH NOT NULL\""},
              {"valueType", {Value::Of(graph::DateTime{})}, "\"ZONED DATETIME NOT NULL\""}});
  const std::string first = Called("randomUUID", {});
  EXPECT_EQ(first.size(), 38u);
  EXPECT_EQ(first[15], '4');
  EXPECT_NE(std::string("89ab").find(first[20]), std::string::npos);
}

TEST(FunctionsTest, ElementsOfTheGraph) {
  CheckCalls({{"id", {VertexValue()}, "1"},
              {"id", {EdgeValue()}, "3"},
              {"elementId", {VertexValue()}, "\"1\""},
              {"labels", {VertexValue()}, "[\"B\", \"A\"]"},
              {"keys", {VertexValue()}, "[\"age\", \"name\"]"},
              {"keys", {MapValue({{"b", 1}, {"a", kNullValue}})}, "[\"a\", \"b\"]"},
              {"properties", {EdgeValue()}, "{since: 1999}"},
              {"properties", {MapValue({{"a", 1}})}, "{a: 1}"},
              {"type", {EdgeValue()}, "\"KNOWS\""},
              {"startNode", {EdgeValue()}, "(0:1)"},
              {"endNode", {EdgeValue()}, "(0:2)"},
              {"nodes", {PathValue()}, "[(0:1), (0:2)]"},
              {"relationships", {PathValue()}, "[[0:3]]"},
              {"length", {PathValue()}, "1"},
              {"id", {DeletedValue()}, "2"},
              {"labels", {DeletedValue()}, "!DeletedEntityAccess"},
              {"keys", {DeletedValue()}, "!DeletedEntityAccess"},
              {"properties", {DeletedValue()}, "!DeletedEntityAccess"},
              {"labels", {kNullValue}, "null"},
              {"length", {"abc"}, "!InvalidArgumentType"},
              {"labels", {EdgeValue()}, "!InvalidArgumentType"},
              {"id", {5}, "!InvalidArgumentType"}});
}

}  // namespace
}  // namespace tidemark::query
