// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/expressions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/generator/graph_plan.h"

namespace tidemark::generator {

using absl::StrCat;

std::string ExpressionMaker::NewName(const std::string& prefix) {
  return StrCat(prefix, ++next_name_);
}

std::string ExpressionMaker::Make(Kind kind, const Variables& scope, int depth) {
  scope_ = scope;
  in_condition_ = false;
  return Of(kind, depth);
}

std::string ExpressionMaker::Condition(const Variables& scope, int depth) {
  scope_ = scope;
  in_condition_ = true;
  const std::string text = Boolean(depth);
  in_condition_ = false;
  return text;
}

std::string ExpressionMaker::Leaf(Kind kind, const Variables& scope) {
  scope_ = scope;
  return LeafOf(kind);
}

std::string ExpressionMaker::Labels() {
  static const Texts texts = {":A",   ":A",   ":A",   ":A",  ":A", ":B",    ":B", ":C",
                              ":A:B", ":A|B", ":A|B", ":!A", ":D", ":A&!B", ":%"};
  return random_.Pick(texts);
}

std::string ExpressionMaker::Types() {
  static const Texts texts = {":R", ":R", ":R", ":S", ":T", ":R|S", ":R|S", ":!S", ":Q"};
  return random_.Pick(texts);
}

std::string ExpressionMaker::Inside(const Variable& local, Kind kind, int depth) {
  // What a comprehension holds is no condition in itself.
  const bool in_condition = std::exchange(in_condition_, false);
  scope_.push_back(local);
  const std::string text = Of(kind, depth);
  scope_.pop_back();
  in_condition_ = in_condition;
  return text;
}

std::string ExpressionMaker::Of(Kind kind, int depth) {
  if (random_.Chance(2) && kind != Kind::kVertex) return "null";
  if (depth <= 0 || random_.Chance(25)) return LeafOf(kind);
  if (random_.Chance(5) && kind < Kind::kMap) return Case(kind, depth - 1);
  switch (kind) {
    case Kind::kInteger:
      return Integer(depth - 1);
    case Kind::kFloat:
      return Float(depth - 1);
    case Kind::kString:
      return String(depth - 1);
    case Kind::kBoolean:
      return Boolean(depth - 1);
    case Kind::kAny:
      return Any(depth - 1);
    case Kind::kIntegers:
      return Integers(depth - 1);
    case Kind::kList:
      return List(depth - 1);
    case Kind::kMap:
      return Map(depth - 1);
    case Kind::kVertex:
      return Vertex();
    case Kind::kVertices:
      return Vertices();
    case Kind::kBag:
      return PatternList(depth - 1);
    default:
      return LeafOf(kind);
  }
}

std::string ExpressionMaker::VariableOf(Kind kind) {
  Names names;
  for (const Variable& variable : scope_) {
    if (variable.kind == kind) names.push_back(variable.name);
  }
  return names.empty() ? "" : random_.Pick(names);
}

std::string ExpressionMaker::PropertyOf(Kind kind) {
  Names owners;
  for (const Variable& variable : scope_) {
    if (variable.kind == Kind::kVertex || variable.kind == Kind::kEdge) {
      owners.push_back(variable.name);
    }
  }
  if (owners.empty()) return "";
  const std::string& owner = random_.Pick(owners);
  switch (kind) {
    case Kind::kInteger:
      return owner + random_.Pick(Texts{".i", ".i", ".k", ".u"});
    case Kind::kFloat:
      return owner + ".f";
    case Kind::kString:
      return owner + ".s";
    case Kind::kBoolean:
      return owner + ".b";
    case Kind::kList:
      return owner + ".l";
    case Kind::kAny:
      return owner + random_.Pick(Texts{".m", ".m", ".i", ".f", ".s", ".l", ".nope", "['m']"});
    default:
      return "";
  }
}

std::string ExpressionMaker::LiteralOf(Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return IntegerLiteral(&random_);
    case Kind::kFloat:
      return FloatLiteral(&random_);
    case Kind::kString:
      return StringLiteral(&random_);
    case Kind::kBoolean:
      return BooleanLiteral(&random_);
    case Kind::kAny:
      return AnyLiteral(&random_);
    case Kind::kIntegers:
      return random_.Pick(
          Texts{"[1, 2, 3]", "[0, 1]", "[2, 1, 2]", "[7]", "[3, null, 1]", "[-1]", "[]"});
    case Kind::kList:
      return random_.Pick(Texts{"[1, 1.0, 'a']", "[true, null]", "['a', 'b']", "[0.0, -0.0, NaN]",
                                "[[1], [1, 2]]", "[]"});
    case Kind::kMap:
      return random_.Pick(Texts{"{x: 1}", "{x: 'a', y: null}", "{}", "{y: [1, 2], x: 2.0}"});
    default:
      return "[]";
  }
}

std::string ExpressionMaker::LeafOf(Kind kind) {
  const bool wants_variable =
      random_.Chance(70) || kind == Kind::kVertex || kind == Kind::kEdge || kind == Kind::kPath;
  if (wants_variable) {
    const std::string variable = VariableOf(kind);
    const std::string property = PropertyOf(kind);
    if (!variable.empty() && (property.empty() || random_.Chance(50))) {
      used_bag_ |= kind == Kind::kBag;
      return variable;
    }
    if (!property.empty()) return property;
  }
  return kind == Kind::kVertex || kind == Kind::kEdge || kind == Kind::kPath ? "null"
                                                                             : LiteralOf(kind);
}

std::string ExpressionMaker::Integer(int depth) {
  switch (random_.Below(12)) {
    case 0:
    case 1:
      return StrCat("(", Of(Kind::kInteger, depth), random_.Pick(Texts{" + ", " - "}),
                    Of(Kind::kInteger, depth), ")");
    case 2:
      return StrCat("(", Of(Kind::kInteger, depth), " * ", LeafOf(Kind::kInteger), ")");
    case 3:
      return StrCat("abs(", Of(Kind::kInteger, depth), ")");
    case 4:
      return StrCat("size(", Of(Kind::kString, depth), ")");
    case 5:
      return StrCat("size(", Of(Kind::kIntegers, depth), ")");
    case 6:
      return StrCat("coalesce(", Of(Kind::kInteger, depth), ", ", Of(Kind::kInteger, depth), ")");
    case 7:
      return StrCat("(-", Of(Kind::kInteger, depth), ")");
    case 8:
      return StrCat("(", Of(Kind::kInteger, depth), random_.Pick(Texts{" / ", " % "}),
                    random_.Pick(Texts{"2", "3", "(-2)"}), ")");
    default:
      return IntegerOfOther(depth);
  }
}

std::string ExpressionMaker::IntegerOfOther(int depth) {
  if (may_raise_ && !risked_ && random_.Chance(70)) return RiskyInteger(depth);
  switch (random_.Below(8)) {
    case 0:
      return StrCat("toInteger(", Of(random_.Chance(50) ? Kind::kString : Kind::kBoolean, depth),
                    ")");
    case 1:
      return StrCat(random_.Pick(Texts{"head(", "last("}), Of(Kind::kIntegers, depth), ")");
    case 2:
      return StrCat(Of(Kind::kIntegers, depth), "[", Of(Kind::kInteger, depth), "]");
    case 3: {
      const std::string sum = NewName("a"), item = NewName("x");
      const bool counts = random_.Chance(30);
      const std::string list = Of(counts ? Kind::kBag : Kind::kIntegers, depth);
      return StrCat("reduce(", sum, " = ", Of(Kind::kInteger, depth), ", ", item, " IN ", list,
                    " | ", sum, " + ", counts ? "1" : item, ")");
    }
    case 4: {
      const std::string path = VariableOf(Kind::kPath);
      if (!path.empty()) return StrCat("length(", path, ")");
      return StrCat("sign(", Number(depth), ")");
    }
    case 5: {
      const std::string edges = VariableOf(Kind::kEdges);
      if (!edges.empty()) return StrCat("size(", edges, ")");
      return StrCat("nullIf(", Of(Kind::kInteger, depth), ", ", Of(Kind::kInteger, depth), ")");
    }
    case 6:
      return StrCat("size(", Of(Kind::kBag, depth), ")");
    default:
      return StrCat("size(", Of(Kind::kList, depth), ")");
  }
}

std::string ExpressionMaker::RiskyInteger(int depth) {
  risked_ = true;
  const std::string property = PropertyOf(Kind::kAny);
  switch (property.empty() ? 0 : random_.Below(5)) {
    case 0:
      return StrCat("(", Of(Kind::kInteger, depth), random_.Pick(Texts{" / ", " % "}),
                    Of(Kind::kInteger, depth), ")");
    case 1:
      return StrCat("(", property, " * ", Of(Kind::kInteger, depth), ")");
    case 2:
      return StrCat("toInteger(", property, ")");
    case 3:
      return StrCat("size(", property, ")");
    default:
      return StrCat("(", PropertyOf(Kind::kInteger), " + 9223372036854775806)");
  }
}

std::string ExpressionMaker::Number(int depth) {
  return Of(random_.Chance(50) ? Kind::kInteger : Kind::kFloat, depth);
}

std::string ExpressionMaker::Float(int depth) {
  switch (random_.Below(6)) {
    case 0:
      return StrCat("(", Of(Kind::kFloat, depth), random_.Pick(Texts{" + ", " - ", " * "}),
                    LeafOf(Kind::kFloat), ")");
    case 1:
      return StrCat("(", Of(Kind::kFloat, depth), " + ", Of(Kind::kInteger, depth), ")");
    case 2:
      return StrCat(random_.Pick(Texts{"floor(", "ceil(", "round(", "abs("}),
                    Of(Kind::kFloat, depth), ")");
    case 3:
      return StrCat("toFloat(", Of(random_.Chance(50) ? Kind::kInteger : Kind::kString, depth),
                    ")");
    case 4:
      return StrCat("(-", Of(Kind::kFloat, depth), ")");
    default:
      return StrCat("coalesce(", Of(Kind::kFloat, depth), ", ", Of(Kind::kFloat, depth), ")");
  }
}

std::string ExpressionMaker::String(int depth) {
  switch (random_.Below(6)) {
    case 0:
      return StrCat("(", Of(Kind::kString, depth), " + ", Of(Kind::kString, depth), ")");
    case 1:
      return StrCat("(", Of(Kind::kString, depth), " + ", Number(depth), ")");
    case 2: {
      const std::string edge = VariableOf(Kind::kEdge);
      if (!edge.empty()) return StrCat("type(", edge, ")");
      return StrCat("toString(", Of(Kind::kBoolean, depth), ")");
    }
    case 3:
      return StrCat("toString(", Number(depth), ")");
    default:
      return StringFunction(depth);
  }
}

std::string ExpressionMaker::StringFunction(int depth) {
  const std::string text = Of(Kind::kString, depth);
  switch (random_.Below(5)) {
    case 0:
      return StrCat(random_.Pick(Texts{"toUpper(", "toLower(", "trim(", "reverse("}),
                    random_.Chance(50) ? "'aB '" : "coalesce(" + text + ", 'x')", ")");
    case 1:
      return StrCat(random_.Pick(Texts{"left(", "right(", "substring("}), text, ", ",
                    random_.Pick(Texts{"0", "1", "2"}), ")");
    case 2:
      return StrCat("substring(", text, ", 1, 1)");
    case 3:
      // An empty text is found between all letters: SET would double its own value in every row.
      return StrCat("replace(left(", text, ", 20), ", LeafOf(Kind::kString), ", 'x')");
    default:
      return StrCat("split(", text, ", 'a')[0]");
  }
}

std::string ExpressionMaker::Case(Kind kind, int depth) {
  if (random_.Chance(50)) {
    const std::string operand = Of(Kind::kInteger, depth);
    return StrCat("CASE ", operand, " WHEN ", LeafOf(Kind::kInteger), " THEN ", Of(kind, depth),
                  " WHEN ", LeafOf(Kind::kInteger), " THEN ", Of(kind, depth), " ELSE ",
                  Of(kind, depth), " END");
  }
  const bool in_condition = std::exchange(in_condition_, true);
  const std::string condition = Boolean(depth);
  in_condition_ = in_condition;
  const std::string otherwise = random_.Chance(70) ? " ELSE " + Of(kind, depth) : "";
  return StrCat("CASE WHEN ", condition, " THEN ", Of(kind, depth), otherwise, " END");
}

std::string ExpressionMaker::Vertex() {
  const std::string edge = VariableOf(Kind::kEdge);
  if (!edge.empty() && random_.Chance(30)) {
    return StrCat(random_.Pick(Texts{"startNode(", "endNode("}), edge, ")");
  }
  return LeafOf(Kind::kVertex);
}

std::string ExpressionMaker::Vertices() {
  const std::string path = VariableOf(Kind::kPath);
  if (!path.empty()) return StrCat("nodes(", path, ")");
  return StrCat("[", LeafOf(Kind::kVertex), ", ", LeafOf(Kind::kVertex), "]");
}

}  // namespace tidemark::generator
