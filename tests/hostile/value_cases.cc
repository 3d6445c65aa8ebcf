// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/hostile/hostile_case.h"

namespace tidemark::hostile {
namespace {

using graph::Value;

constexpr char kInvalid[] = "Neo.ClientError.Request.Invalid";

// The parameters $a and $b: texts of so many times `x`, the second with `y` at its end.
std::function<Value()> Texts(size_t a, size_t b = 0) {
  return [=] {
    return Value::Map({{"a", Value::String(std::string(a, 'x'))},
                       {"b", Value::String(std::string(b, 'x') + "y")}});
  };
}

std::vector<HostileCase> GrowingValues() {
  return {
      {"SizeOfATrillion", Text("RETURN size(range(1, 1000000000000)) AS s"), {kDone, kMemory}},
      {"RangeOfATrillionKept",
       Text("WITH range(1, 1000000000000) AS l RETURN l + l AS l"),
       {kMemory}},
      {"StringDoubledAgainAndAgain",
       Text("RETURN size(reduce(s = 'x', i IN range(1, 100) | s + s)) AS s"),
       {kMemory, kArgument}},
      {"ListDoubledAgainAndAgain",
       Text("RETURN size(reduce(l = [1], i IN range(1, 100) | l + l)) AS s"),
       {kMemory}},
      {"ListGrownByOne",
       Text("RETURN size(reduce(l = [], i IN range(1, 10000000) | l + i)) AS s"),
       {kMemory, kTimeout}},
      {"StringGrownByOne",
       Text("RETURN size(reduce(s = '', i IN range(1, 10000000) | s + i)) AS s"),
       {kMemory, kTimeout}},
      {"ListCutByOne",
       Text("RETURN size(reduce(l = range(1, 500000), i IN range(1, 500000) | tail(l))) AS s"),
       {kTimeout}},
      {"ListOfListsOfLists",
       Text("RETURN size([a IN range(1, 10000) | [b IN range(1, 10000) | [c IN range(1, 10000) | "
            "a * b * c]]]) AS s"),
       {kMemory}},
      {"QuantifiersOneInsideTheOther",
       Text("RETURN all(a IN range(1, 1000000) WHERE none(b IN range(1, 1000000) WHERE a + b = 0)) "
            "AS x"),
       {kTimeout, kMemory}},
      {"LongListsCompared",
       Text("WITH range(1, 1000000) AS l UNWIND range(1, 1000000) AS i WITH l, i WHERE l = l + [i] "
            "RETURN count(*) AS c"),
       {kMemory, kTimeout}},
      {"LongListsSearched",
       Text("WITH range(1, 1000000) AS l UNWIND range(1, 1000000) AS i WITH l, i WHERE -i IN l "
            "RETURN count(*) AS c"),
       {kTimeout}},
      {"NumberInListsOfLists",
       Text("WITH [i IN range(1, 1000) | range(1, 1000)] AS l UNWIND range(1, 1000000) AS i WITH "
            "l, i WHERE [i] IN l RETURN count(*) AS c"),
       {kDone, kTimeout}},
  };
}

std::vector<HostileCase> TextsToSearch() {
  return {
      {"RegularExpressionThatTriesEverything",
       Text("RETURN $a =~ '(x+x+)+y' AS x"),
       {kDone},
       Texts(1'000'000)},
      {"RegularExpressionOfManyCopies",
       Text("RETURN $a =~ '((x{0,100}){0,100}){0,100}y' AS x"),
       {"Neo.ClientError.Statement.SemanticError"},
       Texts(1'000'000)},
      {"RegularExpressionThatIsGiant",
       Text("RETURN 'x' =~ $a AS x"),
       {"Neo.ClientError.Statement.SemanticError"},
       Texts(10'000'000)},
      {"RegularExpressionForEachRow",
       Text("UNWIND range(1, 1000000) AS i RETURN sum(CASE WHEN $a =~ '(x|' + i + ')*y' THEN 1 "
            "ELSE 0 END) AS s"),
       {kTimeout},
       Texts(1'000'000)},
      {"SearchThatComparesEverywhere",
       Text("RETURN $a CONTAINS $b AS x"),
       {kDone},
       Texts(4'000'000, 1'000'000)},
      {"ReplaceThatComparesEverywhere",
       Text("RETURN size(replace($a, $b, 'z')) AS x"),
       {kDone},
       Texts(4'000'000, 1'000'000)},
      {"SplitThatComparesEverywhere",
       Text("RETURN size(split($a, $b)) AS x"),
       {kDone, kMemory},
       Texts(4'000'000, 1'000'000)},
  };
}

std::vector<HostileCase> FunctionsOfGiantTexts() {
  return {
      {"ReplaceThatGrows",
       Text("RETURN size(replace($a, 'x', $a)) AS x"),
       {kMemory, kArgument},
       Texts(1'000'000)},
      {"SplitOfAGiantString",
       Text("RETURN size(split($a, 'x')) AS x"),
       {kMemory},
       Texts(20'000'000)},
      {"SplitIntoCharacters",
       Text("RETURN size(split($a, '')) AS x"),
       {kMemory},
       Texts(20'000'000)},
      {"CaseOfAGiantString",
       Text("RETURN size(toUpper($a) + toLower($a) + reverse($a) + trim($a)) AS x"),
       {kDone, kMemory},
       Texts(10'000'000)},
      {"NumberOfMillionsOfDigits",
       [] { return "RETURN toInteger($a) AS i, toFloat($a) AS f"; },
       {kDone, kType},
       [] {
         return Value::Map({{"a", Value::String(std::string(20'000'000, '7'))}});
       }},
      {"DateOfMillionsOfDigits",
       Text("RETURN date($a) AS d"),
       {kArgument, kSyntax},
       [] {
         return Value::Map({{"a", Value::String(std::string(20'000'000, '1'))}});
       }},
      {"TextOfAHugeList",
       Text("RETURN size(reduce(s = '', x IN toStringList(range(1, 3000000)) | s + x)) AS s"),
       {kMemory, kTimeout}},
  };
}

std::vector<HostileCase> GiantParameters() {
  return {
      {"StringOfSixtyMegabytes", Text("RETURN size($a) AS s"), {kDone, kMemory}, Texts(60'000'000)},
      {"StringBeyondAMessage",
       Text("RETURN size($a) + size($b) AS s"),
       {kInvalid},
       Texts(60'000'000, 10'000'000)},
      {"ListOfMillions",
       Text("RETURN size($l) AS s, $l AS l"),
       {kDone, kMemory},
       [] {
         return Value::Map({{"l", Value::List(std::vector<Value>(5'000'000, Value::Integer(7)))}});
       }},
      {"ListsInListsAsParameter",
       Text("RETURN $l AS l"),
       {kDone},
       [] {
         Value list = Value::List({});
         for (int i = 0; i < 62; ++i) list = Value::List({list});
         return Value::Map({{"l", list}});
       }},
      {"ListsOfEmptyLists",
       Text("RETURN size($l) AS s"),
       {kDone, kMemory, kInvalid},
       [] {
         std::vector<Value> lists;
         for (int i = 0; i < 10'000'000; ++i) lists.push_back(Value::List({}));
         return Value::Map({{"l", Value::List(std::move(lists))}});
       }},
      {"ManyParameters",
       Text("RETURN $p99999 AS p"),
       {kDone},
       [] {
         std::vector<graph::MapEntry> entries;
         for (int i = 0; i < 100'000; ++i) {
           entries.emplace_back(absl::StrCat("p", i), Value::Integer(i));
         }
         return Value::Map(std::move(entries));
       }},
  };
}

}  // namespace

std::vector<HostileCase> ValueCases() {
  std::vector<HostileCase> cases = GrowingValues();
  for (const auto& some : {TextsToSearch(), FunctionsOfGiantTexts(), GiantParameters()}) {
    cases.insert(cases.end(), some.begin(), some.end());
  }
  return cases;
}

}  // namespace tidemark::hostile
