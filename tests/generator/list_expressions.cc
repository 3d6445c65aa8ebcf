// SPDX-License-Identifier: Apache-2.0
// Conditions, lists and maps.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/generator/expressions.h"
#include "tests/generator/graph_plan.h"

namespace tidemark::generator {

using absl::StrCat;

std::string ExpressionMaker::Boolean(int depth) {
  switch (random_.Below(12)) {
    case 0:
    case 1: {
      // A pattern is an operand of what it stands in.
      const std::string op = random_.Pick(Texts{" AND ", " AND ", " OR ", " OR ", " XOR "});
      return StrCat("(", Boolean(depth - 1), op, Boolean(depth - 1), ")");
    }
    case 2:
      return StrCat("(NOT ", Boolean(depth - 1), ")");
    case 3:
    case 4:
      return Test(depth);
    case 5:
      return depth > 0 ? Quantifier(depth - 1) : Comparison(depth);
    case 6: {
      const std::string pattern = PatternPredicate();
      if (pattern.empty()) return Comparison(depth);
      return in_condition_ ? pattern : StrCat("exists(", pattern, ")");
    }
    case 7:
      return std::exchange(in_condition_, false) ? Boolean(depth) : LeafOf(Kind::kBoolean);
    default:
      return Comparison(depth);
  }
}

std::string ExpressionMaker::Comparison(int depth) {
  const bool in_condition = std::exchange(in_condition_, false);
  static const Texts operators = {" = ", " = ", " <> ", " < ", " <= ", " > ", " >= "};
  static const std::vector<Kind> kinds = {
      Kind::kInteger, Kind::kInteger, Kind::kInteger,  Kind::kFloat, Kind::kString,
      Kind::kString,  Kind::kAny,     Kind::kIntegers, Kind::kList,  Kind::kBoolean};
  const Kind kind = random_.Pick(kinds);
  Kind other = kind;
  if (random_.Chance(20)) other = Kind::kAny;
  if (kind == Kind::kInteger && random_.Chance(15)) other = Kind::kFloat;
  std::string text = "(" + Of(kind, depth - 1) + random_.Pick(operators) + Of(other, depth - 1);
  if (random_.Chance(8)) text += random_.Pick(operators) + LeafOf(kind);
  in_condition_ = in_condition;
  return text + ")";
}

std::string ExpressionMaker::Test(int depth) {
  const bool in_condition = std::exchange(in_condition_, false);
  std::string text;
  const std::string vertex = VariableOf(Kind::kVertex);
  switch (random_.Below(7)) {
    case 0:
      text = StrCat("(", Of(Kind::kAny, depth - 1), random_.Pick(Texts{" IS NULL", " IS NOT NULL"}),
                    ")");
      break;
    case 1:
      text =
          StrCat("(", Of(Kind::kInteger, depth - 1), " IN ", Of(Kind::kIntegers, depth - 1), ")");
      break;
    case 2:
      text = StrCat("(", Of(Kind::kAny, depth - 1), " IN ",
                    Of(random_.Chance(20) ? Kind::kBag : Kind::kList, depth - 1), ")");
      break;
    case 3:
      text = StrCat("(", Of(Kind::kString, depth - 1),
                    random_.Pick(Texts{" STARTS WITH ", " ENDS WITH ", " CONTAINS "}),
                    Of(random_.Chance(80) ? Kind::kString : Kind::kAny, depth - 1), ")");
      break;
    case 4:
      text = StrCat("(", Of(Kind::kString, depth - 1), " =~ ",
                    random_.Pick(Texts{"'a.*'", "'[ab]+'", "'.'", "''", "'a?b'"}), ")");
      break;
    case 5:
      if (!vertex.empty()) {
        text = StrCat("(", vertex, Labels(), ")");
        break;
      }
      [[fallthrough]];
    default: {
      const std::string left = LeafOf(Kind::kVertex), right = Vertex();
      text = left == "null" ? LeafOf(Kind::kBoolean)
                            : StrCat("(", left, random_.Pick(Texts{" = ", " <> "}), right, ")");
    }
  }
  in_condition_ = in_condition;
  return text;
}

std::string ExpressionMaker::Quantifier(int depth) {
  const bool in_condition = std::exchange(in_condition_, false);
  const std::string name = random_.Pick(Texts{"all", "any", "none", "single"});
  const Kind kind = random_.Pick(std::vector<Kind>{Kind::kIntegers, Kind::kIntegers, Kind::kList,
                                                   Kind::kVertices, Kind::kBag});
  const std::string item = NewName("x");
  const std::string list = Of(kind, depth);
  const Kind item_kind = kind == Kind::kIntegers   ? Kind::kInteger
                         : kind == Kind::kVertices ? Kind::kVertex
                                                   : Kind::kAny;
  std::string condition = Inside({item, item_kind}, Kind::kBoolean, depth);
  if (random_.Chance(50)) {
    condition = kind == Kind::kVertices ? StrCat(item, ".i > 0") : StrCat(item, " <> 1");
  }
  in_condition_ = in_condition;
  return StrCat(name, "(", item, " IN ", list, " WHERE ", condition, ")");
}

std::string ExpressionMaker::PatternPredicate() {
  const std::string from = VariableOf(Kind::kVertex);
  if (from.empty() || !has_patterns_) return "";
  const std::string type = random_.Chance(60) ? Types() : "";
  const std::string length = random_.Chance(15) ? random_.Pick(Texts{"*1..2", "*0..1", "*2"}) : "";
  const std::string to =
      random_.Chance(25) ? VariableOf(Kind::kVertex) : (random_.Chance(50) ? Labels() : "");
  switch (random_.Below(3)) {
    case 0:
      return StrCat("(", from, ")-[", type, length, "]->(", to, ")");
    case 1:
      return StrCat("(", from, ")<-[", type, length, "]-(", to, ")");
    default:
      return StrCat("(", from, ")-[", type, length, "]-(", to, ")");
  }
}

std::string ExpressionMaker::PatternList(int depth) {
  const std::string from = VariableOf(Kind::kVertex);
  if (from.empty() || !has_patterns_) return LeafOf(Kind::kBag);
  used_bag_ = true;
  const std::string to = NewName("y");
  const std::string left = random_.Chance(50) ? "-" : "<-";
  const std::string right = left == "-" && random_.Chance(60) ? "->" : "-";
  std::string where;
  if (random_.Chance(40)) {
    where = " WHERE " + Inside({to, Kind::kVertex}, Kind::kBoolean, depth);
  }
  const std::string projection = Inside({to, Kind::kVertex}, Kind::kAny, depth);
  return StrCat("[(", from, ")", left, "[", random_.Chance(50) ? Types() : "", "]", right, "(", to,
                random_.Chance(30) ? Labels() : "", ")", where, " | ", projection, "]");
}

std::string ExpressionMaker::Any(int depth) {
  static const std::vector<Kind> kinds = {Kind::kInteger, Kind::kFloat, Kind::kString,
                                          Kind::kBoolean, Kind::kAny,   Kind::kList};
  switch (random_.Below(5)) {
    case 0:
      return StrCat("coalesce(", LeafOf(Kind::kAny), ", ", Of(random_.Pick(kinds), depth), ")");
    case 1:
      return StrCat(Of(Kind::kMap, depth), random_.Pick(Texts{".x", ".y", "['x']"}));
    case 2:
      return StrCat(random_.Pick(Texts{"head(", "last("}), Of(Kind::kList, depth), ")");
    default:
      return Of(random_.Pick(kinds), depth);
  }
}

std::string ExpressionMaker::Integers(int depth) {
  switch (random_.Below(7)) {
    case 0:
      return StrCat("[", Of(Kind::kInteger, depth), ", ", Of(Kind::kInteger, depth), "]");
    case 1:
      return StrCat("range(", IntegerLiteral(&random_), ", ", random_.Pick(Texts{"1", "2", "4"}),
                    random_.Chance(20) ? ", 2)" : ")");
    case 2:
      return StrCat("(", Of(Kind::kIntegers, depth), " + ", Of(Kind::kIntegers, depth), ")");
    case 3:
      return StrCat(random_.Pick(Texts{"tail(", "reverse("}), Of(Kind::kIntegers, depth), ")");
    case 4:
      return StrCat(Of(Kind::kIntegers, depth), "[", random_.Pick(Texts{"0", "1", "-2"}), "..",
                    random_.Pick(Texts{"2", "", "-1", "9"}), "]");
    case 5: {
      const std::string vertices = Vertices(), item = NewName("x");
      if (vertices == "[null, null]") return LeafOf(Kind::kIntegers);
      return StrCat("[", item, " IN ", vertices, " | ", item, ".i]");
    }
    default: {
      const std::string item = NewName("x");
      const std::string list = Of(Kind::kIntegers, depth);
      std::string text = StrCat("[", item, " IN ", list);
      if (random_.Chance(60)) {
        text += " WHERE " + Inside({item, Kind::kInteger}, Kind::kBoolean, depth);
      }
      if (random_.Chance(60)) {
        text += " | " + Inside({item, Kind::kInteger}, Kind::kInteger, depth);
      }
      return text + "]";
    }
  }
}

std::string ExpressionMaker::List(int depth) {
  switch (random_.Below(5)) {
    case 0:
      return Of(Kind::kIntegers, depth);
    case 1:
      return StrCat("[", Of(Kind::kAny, depth), ", ", Of(Kind::kAny, depth), "]");
    case 2: {
      const std::string item = NewName("x");
      const std::string list = Of(Kind::kList, depth);
      return StrCat("[", item, " IN ", list, " | ", Inside({item, Kind::kAny}, Kind::kAny, depth),
                    "]");
    }
    case 3:
      return StrCat("(", Of(Kind::kList, depth), " + ", Of(Kind::kList, depth), ")");
    default:
      return StrCat("tail(", Of(Kind::kList, depth), ")");
  }
}

std::string ExpressionMaker::Map(int depth) {
  const std::string vertex = VariableOf(Kind::kVertex);
  if (!vertex.empty() && random_.Chance(40)) {
    return StrCat(vertex, random_.Pick(Texts{" {.k, .i}", " {.*}", " {.nope, .s}"}));
  }
  if (!vertex.empty() && random_.Chance(40)) {
    return StrCat(vertex, " {.k, x: ", Of(Kind::kAny, depth), "}");
  }
  if (!vertex.empty() && random_.Chance(30)) return StrCat("properties(", vertex, ")");
  return StrCat("{x: ", Of(Kind::kAny, depth), ", y: ", Of(Kind::kInteger, depth), "}");
}

}  // namespace tidemark::generator
