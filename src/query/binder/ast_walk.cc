// SPDX-License-Identifier: Apache-2.0
#include "query/binder/ast_walk.h"

#include <bit>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/functions/registry.h"

namespace tidemark::query {
namespace {

using Visit = absl::FunctionRef<void(const Expression&)>;

void VisitOne(const Expression* expression, Visit visit) {
  if (expression != nullptr) visit(*expression);
}

void VisitAll(Expressions expressions, Visit visit) {
  for (const Expression* expression : expressions) visit(*expression);
}

void VisitLabels(const LabelExpression* labels, Visit visit) {
  if (labels == nullptr) return;
  VisitOne(labels->dynamic, visit);
  for (const LabelExpression* inner : labels->inner) VisitLabels(inner, visit);
}

void VisitPath(const PathPattern& path, Visit visit) {
  for (const PathElement* element : path.elements) {
    if (element->kind == PathElementKind::kVertex) {
      const auto& vertex = As<VertexPattern>(*element);
      VisitLabels(vertex.labels, visit);
      VisitOne(vertex.properties, visit);
      VisitOne(vertex.where, visit);
    } else if (element->kind == PathElementKind::kEdge) {
      const auto& edge = As<EdgePattern>(*element);
      VisitLabels(edge.types, visit);
      VisitOne(edge.properties, visit);
      VisitOne(edge.where, visit);
    } else {
      const auto& group = As<PathGroup>(*element);
      VisitPath(*group.path, visit);
      VisitOne(group.where, visit);
    }
  }
}

void VisitCase(const Case& node, Visit visit) {
  VisitOne(node.operand, visit);
  for (const CaseAlternative& alternative : node.alternatives) {
    for (const CaseCondition& condition : alternative.conditions) visit(*condition.expression);
    visit(*alternative.result);
  }
  VisitOne(node.otherwise, visit);
}

// What has variables of its own.
void VisitLoop(const Expression& expression, Visit visit) {
  switch (expression.kind) {
    case ExpressionKind::kListComprehension: {
      const auto& node = As<ListComprehension>(expression);
      visit(*node.list);
      VisitOne(node.where, visit);
      VisitOne(node.projection, visit);
      return;
    }
    case ExpressionKind::kPatternComprehension: {
      const auto& node = As<PatternComprehension>(expression);
      VisitPath(*node.pattern, visit);
      VisitOne(node.where, visit);
      visit(*node.projection);
      return;
    }
    case ExpressionKind::kListPredicate: {
      const auto& node = As<ListPredicate>(expression);
      visit(*node.list);
      VisitOne(node.where, visit);
      return;
    }
    case ExpressionKind::kReduce: {
      const auto& node = As<Reduce>(expression);
      visit(*node.start);
      visit(*node.list);
      visit(*node.step);
      return;
    }
    case ExpressionKind::kPattern:
      return VisitPath(*As<PatternExpression>(expression).pattern, visit);
    default:
      return;
  }
}

void VisitMaps(const Expression& expression, Visit visit) {
  if (expression.kind == ExpressionKind::kMap) {
    for (const MapEntry& entry : As<MapLiteral>(expression).entries) visit(*entry.value);
  } else {
    for (const MapProjectionItem& item : As<MapProjection>(expression).items) {
      VisitOne(item.value, visit);
    }
  }
}

bool IsSameLabels(const LabelExpression* a, const LabelExpression* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->kind != b->kind || a->name.text != b->name.text || a->any_of != b->any_of ||
      a->inner.size() != b->inner.size()) {
    return false;
  }
  for (size_t i = 0; i < a->inner.size(); ++i) {
    if (!IsSameLabels(a->inner[i], b->inner[i])) return false;
  }
  return true;  // the expression of a dynamic one is a part of the expression around
}

// What is no part of two expressions of one kind and could differ all the same. `Token` is called
// with each such text or number.
template <typename Token>
void VisitPathTokens(const PathPattern& path, Token token) {
  token(path.variable.text);
  token(static_cast<int64_t>(path.function));
  for (const PathElement* element : path.elements) {
    token(static_cast<int64_t>(element->kind));
    if (element->kind == PathElementKind::kVertex) {
      token(As<VertexPattern>(*element).variable.text);
    } else if (element->kind == PathElementKind::kEdge) {
      const auto& edge = As<EdgePattern>(*element);
      token(edge.variable.text);
      token(static_cast<int64_t>(edge.direction));
      for (const Repetition* repetition : {edge.length, edge.quantifier}) {
        token(repetition == nullptr ? int64_t{-2} : repetition->min);
        token(repetition == nullptr ? int64_t{-2} : repetition->max);
      }
    } else {
      VisitPathTokens(*As<PathGroup>(*element).path, token);
    }
  }
}

template <typename Token>
void VisitLoopTokens(const Expression& expression, Token token) {
  switch (expression.kind) {
    case ExpressionKind::kListComprehension: {
      const auto& node = As<ListComprehension>(expression);
      token(node.variable.text);
      return token(int64_t{(node.where != nullptr ? 1 : 0) | (node.projection != nullptr ? 2 : 0)});
    }
    case ExpressionKind::kPatternComprehension:
      token(int64_t{As<PatternComprehension>(expression).where != nullptr});
      return VisitPathTokens(*As<PatternComprehension>(expression).pattern, token);
    case ExpressionKind::kPattern:
      return VisitPathTokens(*As<PatternExpression>(expression).pattern, token);
    case ExpressionKind::kListPredicate:
      token(As<ListPredicate>(expression).variable.text);
      return token(static_cast<int64_t>(As<ListPredicate>(expression).predicate));
    case ExpressionKind::kReduce:
      token(As<Reduce>(expression).accumulator.text);
      return token(As<Reduce>(expression).variable.text);
    case ExpressionKind::kMap:
      for (const MapEntry& entry : As<MapLiteral>(expression).entries) token(entry.key.text);
      return;
    case ExpressionKind::kMapProjection:
      token(As<MapProjection>(expression).variable.text);
      for (const MapProjectionItem& item : As<MapProjection>(expression).items) {
        token(static_cast<int64_t>(item.kind));
        token(item.name.text);
      }
      return;
    case ExpressionKind::kCase:
      token(int64_t{As<Case>(expression).operand != nullptr});
      for (const CaseAlternative& alternative : As<Case>(expression).alternatives) {
        token(static_cast<int64_t>(alternative.conditions.size()));
      }
      return;
    default:
      return;
  }
}

template <typename Token>
void VisitTokens(const Expression& expression, Token token) {
  switch (expression.kind) {
    case ExpressionKind::kBoolean:
      return token(int64_t{As<BooleanLiteral>(expression).value});
    case ExpressionKind::kInteger:
      return token(As<IntegerLiteral>(expression).value);
    case ExpressionKind::kFloat:
      return token(std::bit_cast<int64_t>(As<FloatLiteral>(expression).value));
    case ExpressionKind::kString:
      return token(As<StringLiteral>(expression).value);
    case ExpressionKind::kParameter:
      return token(As<Parameter>(expression).name);
    case ExpressionKind::kVariable:
      return token(As<Variable>(expression).name);
    case ExpressionKind::kProperty:
      return token(As<PropertyAccess>(expression).key.text);
    case ExpressionKind::kSlice:
      token(int64_t{As<SliceAccess>(expression).from != nullptr});
      return token(int64_t{As<SliceAccess>(expression).to != nullptr});
    case ExpressionKind::kUnary:
      return token(static_cast<int64_t>(As<UnaryOperation>(expression).op));
    case ExpressionKind::kChain:
      for (const Operator op : As<Chain>(expression).operators) token(static_cast<int64_t>(op));
      return;
    case ExpressionKind::kComparison:
      for (const Operator op : As<Comparison>(expression).operators) {
        token(static_cast<int64_t>(op));
      }
      return;
    case ExpressionKind::kIsNull:
      return token(int64_t{As<IsNull>(expression).negated});
    case ExpressionKind::kFunctionCall:
      token(absl::AsciiStrToLower(ToAbsl(As<FunctionCall>(expression).name.text)));
      return token(int64_t{As<FunctionCall>(expression).distinct});
    default:
      return VisitLoopTokens(expression, token);
  }
}

// Collects texts and numbers so that two expressions can be compared.
struct Tokens {
  std::vector<std::string> texts;
  std::vector<int64_t> numbers;

  void operator()(std::string_view text) { texts.emplace_back(text); }
  void operator()(int64_t number) { numbers.push_back(number); }
  bool operator==(const Tokens&) const = default;
};

Tokens TokensOf(const Expression& expression) {
  Tokens tokens;
  VisitTokens(expression, [&tokens](auto token) { tokens(token); });
  return tokens;
}

// Never the same as another one: rare, and too much to compare.
bool IsIncomparable(ExpressionKind kind) {
  return kind == ExpressionKind::kSubquery || kind == ExpressionKind::kIsTyped ||
         kind == ExpressionKind::kIsNormalized || kind == ExpressionKind::kCaseOperand;
}

// Costs as little to hash again as to look up.
bool IsLiteral(ExpressionKind kind) {
  switch (kind) {
    case ExpressionKind::kNull:
    case ExpressionKind::kBoolean:
    case ExpressionKind::kInteger:
    case ExpressionKind::kFloat:
    case ExpressionKind::kString:
    case ExpressionKind::kParameter:
    case ExpressionKind::kVariable:
      return true;
    default:
      return false;
  }
}

const absl::flat_hash_set<std::string>& AggregateNames() {
  static const auto* const names = [] {
    auto* set = new absl::flat_hash_set<std::string>;
    for (const FunctionSignature* function : AllFunctions()) {
      if (function->is_aggregate()) set->insert(absl::AsciiStrToLower(ToAbsl(function->name)));
    }
    return set;
  }();
  return *names;
}

}  // namespace

void ForEachPart(const Expression& expression, absl::FunctionRef<void(const Expression&)> visit) {
  switch (expression.kind) {
    case ExpressionKind::kList:
      return VisitAll(As<ListLiteral>(expression).items, visit);
    case ExpressionKind::kMap:
    case ExpressionKind::kMapProjection:
      return VisitMaps(expression, visit);
    case ExpressionKind::kProperty:
      return visit(*As<PropertyAccess>(expression).base);
    case ExpressionKind::kIndex:
      visit(*As<IndexAccess>(expression).base);
      return visit(*As<IndexAccess>(expression).index);
    case ExpressionKind::kSlice:
      visit(*As<SliceAccess>(expression).base);
      VisitOne(As<SliceAccess>(expression).from, visit);
      return VisitOne(As<SliceAccess>(expression).to, visit);
    case ExpressionKind::kUnary:
      return visit(*As<UnaryOperation>(expression).operand);
    case ExpressionKind::kChain:
      return VisitAll(As<Chain>(expression).operands, visit);
    case ExpressionKind::kComparison:
      return VisitAll(As<Comparison>(expression).operands, visit);
    case ExpressionKind::kIsNull:
      return visit(*As<IsNull>(expression).operand);
    case ExpressionKind::kIsTyped:
      return visit(*As<IsTyped>(expression).operand);
    case ExpressionKind::kIsNormalized:
      return visit(*As<IsNormalized>(expression).operand);
    case ExpressionKind::kHasLabels:
      visit(*As<HasLabels>(expression).operand);
      return VisitLabels(As<HasLabels>(expression).labels, visit);
    case ExpressionKind::kFunctionCall:
      return VisitAll(As<FunctionCall>(expression).arguments, visit);
    case ExpressionKind::kCase:
      return VisitCase(As<Case>(expression), visit);
    default:
      return VisitLoop(expression, visit);
  }
}

bool IsSame(const Expression& a, const Expression& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || IsIncomparable(a.kind) || TokensOf(a) != TokensOf(b)) return false;
  if (a.kind == ExpressionKind::kHasLabels &&
      !IsSameLabels(As<HasLabels>(a).labels, As<HasLabels>(b).labels)) {
    return false;
  }
  std::vector<const Expression*> parts;
  ForEachPart(a, [&parts](const Expression& part) { parts.push_back(&part); });
  size_t next = 0;
  bool is_same = true;
  ForEachPart(b, [&](const Expression& part) {
    is_same = is_same && next < parts.size() && IsSame(*parts[next], part);
    ++next;
  });
  return is_same && next == parts.size();
}

size_t HashOf(const Expression& expression, HashCache* cache) {
  size_t hash = static_cast<size_t>(expression.kind) + 1;
  VisitTokens(expression, [&hash](const auto& token) {
    if constexpr (std::is_integral_v<std::decay_t<decltype(token)>>) {
      hash = absl::HashOf(hash, token);
    } else {
      hash = absl::HashOf(hash, ToAbsl(token));
    }
  });
  ForEachPart(expression, [&hash, cache](const Expression& part) {
    size_t of_part = 0;
    const auto known = IsLiteral(part.kind) ? cache->end() : cache->find(&part);
    if (known != cache->end()) {
      of_part = known->second;
    } else {
      of_part = HashOf(part, cache);
      if (!IsLiteral(part.kind)) cache->emplace(&part, of_part);
    }
    hash = absl::HashOf(hash, of_part);
  });
  return hash;
}

std::optional<std::string> LeafOf(const Expression& expression) {
  if (expression.kind != ExpressionKind::kProperty) return std::nullopt;
  const auto& access = As<PropertyAccess>(expression);
  if (access.base->kind != ExpressionKind::kVariable) return std::nullopt;
  return absl::StrCat(ToAbsl(As<Variable>(*access.base).name), ".", ToAbsl(access.key.text));
}

bool IsAggregate(const Expression& expression) {
  if (expression.kind == ExpressionKind::kCountStar) return true;
  return expression.kind == ExpressionKind::kFunctionCall &&
         AggregateNames().contains(
             absl::AsciiStrToLower(ToAbsl(As<FunctionCall>(expression).name.text)));
}

bool HasAggregate(const Expression& expression) {
  if (IsAggregate(expression)) return true;
  bool found = false;
  ForEachPart(expression,
              [&found](const Expression& part) { found = found || HasAggregate(part); });
  return found;
}

bool UsesName(const Expression& expression, const Scope& scope) {
  if (expression.kind == ExpressionKind::kVariable) {
    return scope.Find(As<Variable>(expression).name) != bound::kNoVariable;
  }
  bool found = false;
  ForEachPart(expression, [&](const Expression& part) { found = found || UsesName(part, scope); });
  return found;
}

}  // namespace tidemark::query
