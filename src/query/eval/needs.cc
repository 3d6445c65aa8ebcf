// SPDX-License-Identifier: Apache-2.0
// What expressions read, and which parts of them are constants.
#include <algorithm>
#include <tuple>

#include "query/binder/uses.h"
#include "query/eval/compiler.h"

namespace tidemark::query::eval {

namespace {

using bound::ExpressionKind;

// Functions that look into an element.
bool LooksInside(const FunctionSignature& function) {
  return function.name == "properties" || function.name == "keys" || function.name == "labels";
}

bool MayBeElement(const bound::Expression& expression) {
  return expression.type.Contains(graph::ValueType::kVertex) ||
         expression.type.Contains(graph::ValueType::kEdge);
}

class NeedsCollector {
 public:
  explicit NeedsCollector(const ComputedParts* computed) : computed_(computed) {}

  Needs Take(const bound::Expression& expression) {
    Visit(expression);
    const auto is_own = [this](bound::VariableId variable) { return own_.contains(variable); };
    std::erase_if(needs_.variables, is_own);
    std::erase_if(needs_.labels, [&](bound::VariableId variable) {
      needs_.looks_at_elements |= is_own(variable);
      return is_own(variable);
    });
    std::erase_if(needs_.properties, [&](const Needs::PropertyOfVariable& property) {
      needs_.looks_at_elements |= is_own(property.variable);
      return is_own(property.variable);
    });
    MakeSet(&needs_.variables);
    MakeSet(&needs_.labels);
    MakeSet(&needs_.parameters);
    const auto key_of = [](const Needs::PropertyOfVariable& property) {
      return std::tie(property.variable, property.key);
    };
    std::sort(needs_.properties.begin(), needs_.properties.end(),
              [&](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
    const auto last = std::unique(needs_.properties.begin(), needs_.properties.end());
    needs_.properties.erase(last, needs_.properties.end());
    return std::move(needs_);
  }

 private:
  void Visit(const bound::Expression& expression) {
    if (computed_ != nullptr) {
      if (const auto it = computed_->find(&expression); it != computed_->end()) {
        return needs_.variables.push_back(it->second);
      }
    }
    switch (expression.kind) {
      case ExpressionKind::kVariable:
        needs_.variables.push_back(As<bound::VariableReference>(expression).variable);
        return;
      case ExpressionKind::kParameter:
        needs_.parameters.push_back(As<bound::ParameterReference>(expression).parameter);
        return;
      case ExpressionKind::kSubplan:
        needs_.variables.push_back(As<bound::Subplan>(expression).result);
        return;
      case ExpressionKind::kProperty:
        return VisitProperty(As<bound::Property>(expression));
      case ExpressionKind::kHasLabels:
        return VisitLabels(As<bound::HasLabels>(expression));
      default:
        break;
    }
    AddOwn(expression);
    AddLooks(expression);
    ForEachPart(expression, [this](const bound::Expression& part) { Visit(part); });
  }

  void VisitProperty(const bound::Property& property) {
    if (property.base->kind != ExpressionKind::kVariable) {
      needs_.looks_at_elements |= MayBeElement(*property.base);
      return Visit(*property.base);
    }
    needs_.properties.push_back({As<bound::VariableReference>(*property.base).variable,
                                 std::string(property.key.text), property.key.id});
  }

  void VisitLabels(const bound::HasLabels& test) {
    if (test.operand->kind == ExpressionKind::kVariable && !test.is_either) {
      needs_.labels.push_back(As<bound::VariableReference>(*test.operand).variable);
      return;
    }
    needs_.looks_at_elements = true;
    Visit(*test.operand);
  }

  void AddOwn(const bound::Expression& expression) {
    switch (expression.kind) {
      case ExpressionKind::kListComprehension:
        own_.insert(As<bound::ListComprehension>(expression).variable);
        return;
      case ExpressionKind::kListPredicate:
        own_.insert(As<bound::ListPredicate>(expression).variable);
        return;
      case ExpressionKind::kReduce:
        own_.insert(As<bound::Reduce>(expression).accumulator);
        own_.insert(As<bound::Reduce>(expression).variable);
        return;
      case ExpressionKind::kCase:
        own_.insert(As<bound::Case>(expression).subject);
        return;
      default:
        return;
    }
  }

  void AddLooks(const bound::Expression& expression) {
    if (expression.kind == ExpressionKind::kCall) {
      const auto& call = As<bound::Call>(expression);
      needs_.looks_at_elements |= LooksInside(*call.function) && MayBeElement(*call.arguments[0]);
      const auto at = std::find(needs_.functions.begin(), needs_.functions.end(), call.function);
      if (at == needs_.functions.end()) needs_.functions.push_back(call.function);
    }
    if (expression.kind == ExpressionKind::kIndex) {
      needs_.looks_at_elements |= MayBeElement(*As<bound::Index>(expression).base);
    }
    if (expression.kind != ExpressionKind::kMapProjection) return;
    const auto& projection = As<bound::MapProjection>(expression);
    for (const bound::MapProjectionItem& item : projection.items) {
      needs_.looks_at_elements |=
          item.kind == bound::MapProjectionItemKind::kAll && MayBeElement(*projection.base);
    }
  }

  const ComputedParts* const computed_;
  Needs needs_;
  absl::flat_hash_set<bound::VariableId> own_;
};

// Whether a node keeps what it stands in from being computed before the statement runs.
bool BlocksFolding(const bound::Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kParameter:
    case ExpressionKind::kSubplan:
      return true;
    case ExpressionKind::kCall:
      return As<bound::Call>(expression).function->stability != Stability::kPure;
    default:
      return false;
  }
}

bool IsLeaf(const bound::Expression& expression) {
  return expression.kind <= ExpressionKind::kVariable;
}

// Adds the largest parts that can be folded; false when something blocks the whole.
bool AddFoldable(const bound::Expression& expression,
                 std::vector<const bound::Expression*>* foldable) {
  const size_t before = foldable->size();
  bool is_free = !BlocksFolding(expression);
  ForEachPart(expression, [&](const bound::Expression& part) {
    if (!AddFoldable(part, foldable)) is_free = false;
  });
  if (is_free && expression.is_constant && !IsLeaf(expression)) {
    foldable->resize(before);
    foldable->push_back(&expression);
  }
  return is_free;
}

// Adds the largest parts that are literals; whether the whole is one.
bool AddLiterals(const bound::Expression& expression,
                 std::vector<const bound::Expression*>* literals) {
  const size_t before = literals->size();
  bool is_literal =
      expression.kind <= ExpressionKind::kString || expression.kind == ExpressionKind::kSign ||
      expression.kind == ExpressionKind::kList || expression.kind == ExpressionKind::kMap;
  ForEachPart(expression, [&](const bound::Expression& part) {
    if (!AddLiterals(part, literals)) is_literal = false;
  });
  if (is_literal) {
    literals->resize(before);
    literals->push_back(&expression);
  }
  return is_literal;
}

}  // namespace

Needs NeedsOf(const bound::Expression& expression, const ComputedParts* computed) {
  return NeedsCollector(computed).Take(expression);
}

absl::flat_hash_set<const bound::Expression*> FoldableParts(const bound::Expression& expression) {
  std::vector<const bound::Expression*> foldable;
  AddFoldable(expression, &foldable);
  return {foldable.begin(), foldable.end()};
}

absl::flat_hash_set<const bound::Expression*> LiteralParts(const bound::Expression& expression) {
  std::vector<const bound::Expression*> literals;
  AddLiterals(expression, &literals);
  return {literals.begin(), literals.end()};
}

}  // namespace tidemark::query::eval
