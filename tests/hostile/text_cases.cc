// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/hostile/hostile_case.h"

namespace tidemark::hostile {
namespace {

// head, `count` times the piece, middle, `count` times the end of a piece, tail.
std::function<std::string()> Nested(std::string head, std::string piece, std::string middle,
                                    std::string end, int count) {
  return [=] {
    std::string text = head;
    for (int i = 0; i < count; ++i) text += piece;
    text += middle;
    for (int i = 0; i < count; ++i) text += end;
    return text + " AS x";
  };
}

// head, `count` pieces by their numbers, tail.
std::function<std::string()> Many(std::string head, std::function<std::string(int)> piece,
                                  std::string tail, int count) {
  return [=] {
    std::string text = head;
    for (int i = 0; i < count; ++i) text += piece(i);
    return text + tail;
  };
}

std::function<std::string(int)> Always(std::string piece) {
  return [piece](int) { return piece; };
}

std::vector<HostileCase> NestedTexts() {
  return {
      {"HundredThousandParentheses", Nested("RETURN ", "(", "1", ")", 100'000), {kSyntax}},
      {"ListsInLists", Nested("RETURN ", "[", "", "]", 100'000), {kSyntax}},
      {"MapsInMaps", Nested("RETURN ", "{a: ", "1", "}", 100'000), {kSyntax}},
      {"HundredThousandNots", Nested("RETURN ", "NOT ", "true", "", 100'000), {kSyntax}},
      {"HundredThousandSigns", Nested("RETURN ", "- ", "1", "", 100'000), {kSyntax}},
      {"DeepCase",
       Nested("RETURN ", "CASE WHEN true THEN ", "1", " ELSE 0 END", 10'000),
       {kSyntax}},
      {"ComprehensionsOneInsideTheOther",
       Nested("RETURN ", "[x IN ", "[1]", " | x]", 10'000),
       {kSyntax}},
      {"SubqueriesOneInsideTheOther",
       Nested("MATCH (n) RETURN ", "EXISTS { MATCH (n) WHERE ", "true", " }", 10'000),
       {kSyntax}},
      {"ListsInListsThatAreAllowed", Nested("RETURN ", "[", "", "]", 60), {kDone}},
      {"UnclosedComment", [] { return "RETURN 1 /*" + std::string(4'000'000, '*'); }, {kSyntax}},
      {"UnclosedString", [] { return "RETURN '" + std::string(4'000'000, 'x'); }, {kSyntax}},
      {"TextBeyondTheLimit",
       [] { return "RETURN '" + std::string(5'000'000, 'x') + "'"; },
       {kSyntax}},
      {"BytesThatAreNoText",
       [] { return "RETURN '" + std::string(1'000, '\xff') + "'"; },
       {"Neo.ClientError.Request.Invalid"}},
  };
}

std::vector<HostileCase> LongTexts() {
  const auto numbered = [](std::string before, std::string behind) {
    return [=](int i) { return absl::StrCat(before, i, behind); };
  };
  return {
      {"HundredThousandOrTerms",
       Many("MATCH (p:Point) WHERE false", numbered(" OR p.number = -", ""), " RETURN p", 100'000),
       {kSyntax}},
      {"HundredThousandAndTerms",
       Many("MATCH (p:Point) WHERE true", numbered(" AND p.number <> -", ""), " RETURN p", 100'000),
       {kSyntax}},
      {"HundredThousandSums", Many("RETURN 1", Always("+1"), " AS x", 100'000), {kSyntax}},
      {"TenThousandUnions",
       Many("RETURN 1 AS x", Always(" UNION RETURN 1 AS x"), "", 10'000),
       {kSyntax}},
      {"TenThousandWithClauses",
       Many("WITH 1 AS x", Always(" WITH x + 1 AS x"), " RETURN x", 10'000),
       {kSyntax}},
      {"PatternOfAThousandHops",
       Many("MATCH (:Dense)", Always("-[]->()"), " RETURN count(*) AS c", 1'000),
       {kSyntax}},
      {"PatternOfManyParts",
       Many("MATCH (a:Dense)", numbered(", (a)-->(x", ":Dense)"), " RETURN count(*) AS c", 300),
       {kSyntax}},
      {"WideCase",
       Many("UNWIND range(1, 1000) AS x RETURN CASE x", numbered(" WHEN ", " THEN 1"), " END AS c",
            10'000),
       {kSyntax}},
      {"FiftyThousandColumns",
       Many("RETURN 0 AS c", numbered(", 1 AS c", ""), "", 50'000),
       {kSyntax}},
      {"TenThousandParametersInTheText",
       Many("RETURN 0", numbered(" + $p", ""), " AS x", 10'000),
       {"Neo.ClientError.Statement.ParameterMissing"}},
      {"HundredThousandElementsOfAList",
       Many("RETURN size([0", numbered(", ", ""), "]) AS x", 100'000),
       {kDone}},
      {"HundredThousandKeysOfAMap",
       Many("RETURN size(keys({k: 1", numbered(", k", ": 1"), "})) AS x", 100'000),
       {kDone}},
      {"EdgeOfManyTypes",
       Many("MATCH ()-[:T", numbered("|T", ""), "]->() RETURN count(*) AS c", 20'000),
       {kDone, kTimeout}},
      {"ExplainOfAProduct",
       Many("EXPLAIN MATCH (a)", numbered(", (n", ")-->()"), " RETURN count(*) AS c", 200),
       {kDone, kSyntax, kTimeout}},
  };
}

}  // namespace

std::vector<HostileCase> TextCases() {
  std::vector<HostileCase> cases = NestedTexts();
  for (HostileCase& one : LongTexts()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace tidemark::hostile
