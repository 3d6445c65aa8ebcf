// SPDX-License-Identifier: Apache-2.0
#include "query/planner/index_choice.h"

#include <algorithm>

#include "query/binder/uses.h"
#include "query/eval/program.h"
#include "query/planner/estimate.h"

namespace tidemark::query {
namespace {

using bound::ComparisonOperator;

constexpr double kSeekSelectivity = 0.01;  // of a key in an index that is not unique
constexpr double kRangeSelectivity = 0.2;
constexpr double kPrefixSelectivity = 0.1;
constexpr double kListRows = 10;  // of a list of ids

enum class Match : uint8_t { kEqual, kLower, kUpper, kPrefix };

// key <match> value
struct Condition {
  size_t predicate;
  uint32_t key;
  Match match;
  bool is_inclusive;
  const bound::Expression* value;
};

std::optional<uint32_t> KeyOf(const bound::Expression& expression, bound::VariableId vertex) {
  if (expression.kind != bound::ExpressionKind::kProperty) return std::nullopt;
  const auto& property = bound::As<bound::Property>(expression);
  if (property.base->kind != bound::ExpressionKind::kVariable || property.key.id == 0)
    return std::nullopt;
  if (bound::As<bound::VariableReference>(*property.base).variable != vertex) return std::nullopt;
  return property.key.id;
}

ComparisonOperator Mirror(ComparisonOperator op) {
  switch (op) {
    case ComparisonOperator::kLess:
      return ComparisonOperator::kGreater;
    case ComparisonOperator::kLessOrEqual:
      return ComparisonOperator::kGreaterOrEqual;
    case ComparisonOperator::kGreater:
      return ComparisonOperator::kLess;
    case ComparisonOperator::kGreaterOrEqual:
      return ComparisonOperator::kLessOrEqual;
    default:
      return op;
  }
}

std::optional<Condition> FromComparison(const bound::Comparison& node, bound::VariableId vertex) {
  if (node.operators.size() != 1 || node.operators[0] == ComparisonOperator::kNotEqual) {
    return std::nullopt;
  }
  ComparisonOperator op = node.operators[0];
  std::optional<uint32_t> key = KeyOf(*node.operands[0], vertex);
  const bound::Expression* value = node.operands[1];
  if (!key.has_value()) {
    key = KeyOf(*node.operands[1], vertex);
    value = node.operands[0];
    op = Mirror(op);
  }
  if (!key.has_value()) return std::nullopt;
  if (op == ComparisonOperator::kEqual) return Condition{0, *key, Match::kEqual, true, value};
  const bool is_inclusive =
      op == ComparisonOperator::kLessOrEqual || op == ComparisonOperator::kGreaterOrEqual;
  const bool is_upper = op == ComparisonOperator::kLess || op == ComparisonOperator::kLessOrEqual;
  return Condition{0, *key, is_upper ? Match::kUpper : Match::kLower, is_inclusive, value};
}

std::optional<Condition> ConditionOf(const bound::Expression& condition, bound::VariableId vertex) {
  if (condition.is_volatile) return std::nullopt;
  if (condition.kind == bound::ExpressionKind::kComparison) {
    return FromComparison(bound::As<bound::Comparison>(condition), vertex);
  }
  if (condition.kind != bound::ExpressionKind::kOperation) return std::nullopt;
  const auto& node = bound::As<bound::Operation>(condition);
  if (node.operators.size() != 1 || node.operators[0] != bound::BinaryOperator::kStartsWith) {
    return std::nullopt;
  }
  const std::optional<uint32_t> key = KeyOf(*node.operands[0], vertex);
  if (!key.has_value()) return std::nullopt;
  return Condition{0, *key, Match::kPrefix, true, node.operands[1]};
}

// Whether a vertex may be looked for by this value. What may raise, or looks at elements, is
// computed before the pattern is looked for, so it must not need anything of the pattern.
bool CanSeekFor(const bound::Expression& value, absl::FunctionRef<bool(bound::VariableId)> is_known,
                absl::FunctionRef<bool(bound::VariableId)> is_argument) {
  if (value.has_subplan || value.is_volatile) return false;
  // 1 / 0 is left to the rows that it is tested for: there may be none.
  if (value.may_raise && value.is_constant && eval::NeedsOf(value).parameters.empty()) return false;
  const std::vector<bound::VariableId> uses = UsesOf(value);
  if (MustComputeBeforeSeek(value)) return std::all_of(uses.begin(), uses.end(), is_argument);
  return std::all_of(uses.begin(), uses.end(), is_known);
}

class Chooser {
 public:
  Chooser(const bound::PatternVertex& vertex, absl::Span<const bound::Predicate> predicates,
          absl::FunctionRef<bool(bound::VariableId)> is_known,
          absl::FunctionRef<bool(bound::VariableId)> is_argument) {
    for (size_t i = 0; i < predicates.size(); ++i) {
      std::optional<Condition> made = ConditionOf(*predicates[i].condition, vertex.variable);
      if (!made.has_value() || !CanSeekFor(*made->value, is_known, is_argument)) continue;
      made->predicate = i;
      conditions_.push_back(*made);
    }
  }

  bool empty() const { return conditions_.empty(); }

  // All keys of the index have a value, the last one perhaps a range of them: an index has only
  // vertices that have all of its keys.
  std::optional<SeekChoice> Try(const graph::IndexDefinition& index, double label_rows) const {
    SeekChoice choice;
    choice.label = index.label.value();
    choice.seek.index = index.id.value();
    choice.seek.name = index.name;
    choice.rows = label_rows * kSeekSelectivity;
    for (size_t i = 0; i < index.keys.size(); ++i) {
      const uint32_t key = index.keys[i].value();
      if (const Condition* equal = Find(key, Match::kEqual)) {
        choice.seek.equal.push_back(equal->value);
        choice.answered.push_back(equal->predicate);
        if (i > 0) choice.rows *= kEqualSelectivity;
        continue;
      }
      if (i + 1 < index.keys.size() || !AddRange(key, &choice)) return std::nullopt;
      choice.rows = label_rows;
      for (size_t k = 0; k < i; ++k) choice.rows *= kEqualSelectivity;
      choice.rows *= choice.seek.range.prefix != nullptr ? kPrefixSelectivity : kRangeSelectivity;
    }
    const bool is_exact = choice.seek.equal.size() == index.keys.size();
    if (index.kind == graph::IndexKind::kUnique) {
      if (!is_exact) return std::nullopt;
      choice.seek.is_unique = true;
      choice.rows = 1;
    }
    choice.rows = std::max(choice.rows, 1.0);
    return choice;
  }

 private:
  const Condition* Find(uint32_t key, Match match) const {
    for (const Condition& condition : conditions_) {
      if (condition.key == key && condition.match == match) return &condition;
    }
    return nullptr;
  }

  bool AddRange(uint32_t key, SeekChoice* choice) const {
    if (const Condition* prefix = Find(key, Match::kPrefix)) {
      choice->seek.range.prefix = prefix->value;
      return true;
    }
    const Condition* lower = Find(key, Match::kLower);
    const Condition* upper = Find(key, Match::kUpper);
    if (lower != nullptr) {
      choice->seek.range.first = lower->value;
      choice->seek.range.includes_first = lower->is_inclusive;
    }
    if (upper != nullptr) {
      choice->seek.range.last = upper->value;
      choice->seek.range.includes_last = upper->is_inclusive;
    }
    return lower != nullptr || upper != nullptr;
  }

  std::vector<Condition> conditions_;
};

bool IsBetter(const SeekChoice& a, const SeekChoice& b) {
  if (a.seek.is_unique != b.seek.is_unique) return a.seek.is_unique;
  return a.rows < b.rows;
}

// id(element) or elementId(element); nullptr for all else.
const bound::Call* IdCallOf(const bound::Expression& side, bound::VariableId element) {
  if (side.kind != bound::ExpressionKind::kCall) return nullptr;
  const auto& call = bound::As<bound::Call>(side);
  if (call.function->name != "id" && call.function->name != "elementId") return nullptr;
  const bool is_of_it = call.arguments[0]->kind == bound::ExpressionKind::kVariable &&
                        bound::As<bound::VariableReference>(*call.arguments[0]).variable == element;
  return is_of_it ? &call : nullptr;
}

// What the id of the element must be equal to.
struct IdCondition {
  const bound::Call* call = nullptr;  // nullptr: the condition says nothing of it
  const bound::Expression* value = nullptr;
  bool is_list = false;  // what it must be one of
};

// id(element) IN list, which may stand beside what MadeExpressions::UnlessOther says of the list:
// that has no place in the statement.
const bound::Operation* InListOf(const bound::Expression& condition) {
  if (condition.kind == bound::ExpressionKind::kLogic) {
    const auto& node = bound::As<bound::Logic>(condition);
    const bool is_made = node.op == bound::LogicOperator::kOr && node.operands.size() == 2 &&
                         node.operands[0]->kind == bound::ExpressionKind::kIsTyped &&
                         node.operands[0]->source.length == 0;
    return is_made ? InListOf(*node.operands[1]) : nullptr;
  }
  if (condition.kind != bound::ExpressionKind::kOperation) return nullptr;
  const auto& node = bound::As<bound::Operation>(condition);
  const bool is_in = node.operators.size() == 1 && node.operators[0] == bound::BinaryOperator::kIn;
  return is_in ? &node : nullptr;
}

IdCondition IdConditionOf(const bound::Expression& condition, bound::VariableId element) {
  // Else it raises for each row, not before there are any.
  const bound::Operation* const in = condition.may_raise ? nullptr : InListOf(condition);
  if (in != nullptr) {
    return {IdCallOf(*in->operands[0], element), in->operands[1], true};
  }
  if (condition.kind != bound::ExpressionKind::kComparison) return {};
  const auto& node = bound::As<bound::Comparison>(condition);
  if (node.operators.size() != 1 || node.operators[0] != ComparisonOperator::kEqual) return {};
  if (const bound::Call* call = IdCallOf(*node.operands[0], element)) {
    return {call, node.operands[1]};
  }
  return {IdCallOf(*node.operands[1], element), node.operands[0]};
}

}  // namespace

bool MustComputeBeforeSeek(const bound::Expression& value) {
  if (value.may_raise) return true;
  const eval::Needs needs = eval::NeedsOf(value);
  return needs.looks_at_elements || !needs.labels.empty();
}

// The condition stays: it knows what an id may look like.
std::optional<SeekChoice> ChooseId(bound::VariableId element,
                                   absl::Span<const bound::Predicate> predicates,
                                   absl::FunctionRef<bool(bound::VariableId)> is_known,
                                   absl::FunctionRef<bool(bound::VariableId)> is_argument) {
  for (const bound::Predicate& predicate : predicates) {
    const IdCondition id = IdConditionOf(*predicate.condition, element);
    if (id.call == nullptr || !CanSeekFor(*id.value, is_known, is_argument)) continue;
    SeekChoice choice;
    choice.seek.is_id = true;
    choice.seek.is_list = id.is_list;
    choice.seek.is_element_id = id.call->function->name != "id";
    choice.seek.is_unique = !id.is_list;
    choice.seek.name = "id";
    choice.seek.equal = {id.value};
    choice.rows = id.is_list ? kListRows : 1;
    return choice;
  }
  return std::nullopt;
}

std::optional<SeekChoice> ChooseSeek(const bound::PatternVertex& vertex,
                                     absl::Span<const bound::Predicate> predicates,
                                     absl::FunctionRef<bool(bound::VariableId)> is_known,
                                     absl::FunctionRef<bool(bound::VariableId)> is_argument,
                                     const PlannerInput& input) {
  if (auto by_id = ChooseId(vertex.variable, predicates, is_known, is_argument)) return by_id;
  if (input.schema == nullptr || input.schema->all().empty() || vertex.labels.empty()) {
    return std::nullopt;
  }
  const Chooser chooser(vertex, predicates, is_known, is_argument);
  if (chooser.empty()) return std::nullopt;
  std::optional<SeekChoice> best;
  for (const graph::IndexDefinition& index : input.schema->all()) {
    const bool is_of_vertices =
        index.kind == graph::IndexKind::kLabelProperty || index.kind == graph::IndexKind::kUnique;
    const auto label =
        std::find_if(vertex.labels.begin(), vertex.labels.end(),
                     [&](const bound::Name& name) { return name.id == index.label.value(); });
    if (!is_of_vertices || label == vertex.labels.end()) continue;
    if (!input.schema->IsUsable(index.id, input.read_csn)) continue;
    const double label_rows = EstimateLabels({&*label, 1}, *input.statistics);
    std::optional<SeekChoice> choice = chooser.Try(index, label_rows);
    if (choice.has_value() && (!best.has_value() || IsBetter(*choice, *best))) {
      best = std::move(choice);
    }
  }
  return best;
}

}  // namespace tidemark::query
