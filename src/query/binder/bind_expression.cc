// SPDX-License-Identifier: Apache-2.0
// Expressions without variables of their own: literals, names, access by key and by index.
#include <string>

#include "absl/strings/str_cat.h"
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {

StatementBinder::Expr StatementBinder::Bind(const Expression& expression) {
  if (mode_.grouping != nullptr && !mode_.in_aggregate) {
    if (const Expr known = FindProjected(expression)) return known;
  }
  return BindKind(expression);
}

StatementBinder::Expr StatementBinder::BindKind(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kParameter:
      return BindParameter(As<Parameter>(expression));
    case ExpressionKind::kVariable:
      return BindVariable(As<Variable>(expression).name, expression.source);
    case ExpressionKind::kList:
      return BindList(As<ListLiteral>(expression));
    case ExpressionKind::kMap:
      return BindMap(As<MapLiteral>(expression));
    case ExpressionKind::kProperty:
      return BindProperty(As<PropertyAccess>(expression));
    case ExpressionKind::kIndex:
      return BindIndex(As<IndexAccess>(expression));
    case ExpressionKind::kSlice:
      return BindSlice(As<SliceAccess>(expression));
    case ExpressionKind::kUnary:
      return BindUnary(As<UnaryOperation>(expression));
    case ExpressionKind::kChain:
      return BindChain(As<Chain>(expression));
    case ExpressionKind::kComparison:
      return BindComparison(As<Comparison>(expression));
    case ExpressionKind::kIsNull:
    case ExpressionKind::kIsTyped:
    case ExpressionKind::kIsNormalized:
      return BindTest(expression);
    case ExpressionKind::kHasLabels:
      return BindHasLabels(As<HasLabels>(expression));
    case ExpressionKind::kFunctionCall:
      return BindCall(As<FunctionCall>(expression));
    case ExpressionKind::kCountStar:
      return BindAggregate(expression);
    case ExpressionKind::kCase:
      return BindCase(As<Case>(expression));
    case ExpressionKind::kCaseOperand:
      return ReferTo(mode_.case_subject, expression.source);
    case ExpressionKind::kListComprehension:
      return BindListComprehension(As<ListComprehension>(expression));
    case ExpressionKind::kPatternComprehension:
      return BindPatternComprehension(As<PatternComprehension>(expression));
    case ExpressionKind::kListPredicate:
      return BindListPredicate(As<ListPredicate>(expression));
    case ExpressionKind::kReduce:
      return BindReduce(As<Reduce>(expression));
    case ExpressionKind::kMapProjection:
      return BindMapProjection(As<MapProjection>(expression));
    case ExpressionKind::kSubquery:
      return BindSubqueryExpression(As<SubqueryExpression>(expression));
    case ExpressionKind::kPattern:
      return BindPatternExpression(As<PatternExpression>(expression), false);
    default:
      return BindLiteral(expression);
  }
}

// IS NULL, IS :: and IS NORMALIZED.
StatementBinder::Expr StatementBinder::BindTest(const Expression& expression) {
  if (expression.kind == ExpressionKind::kIsNull) {
    const auto& node = As<IsNull>(expression);
    const Expr operand = Bind(*node.operand);
    return Make<bound::IsNull>(kBooleanType, node.source, {operand}, operand, node.negated);
  }
  if (expression.kind == ExpressionKind::kIsTyped) {
    const auto& node = As<IsTyped>(expression);
    const Expr operand = Bind(*node.operand);
    return Make<bound::IsTyped>(kBooleanType, node.source, {operand}, operand, BindType(*node.type),
                                node.negated);
  }
  const auto& node = As<IsNormalized>(expression);
  const Expr operand = Bind(*node.operand);
  return Make<bound::IsNormalized>(kBooleanType.OrNull(), node.source, {operand}, operand,
                                   static_cast<bound::NormalForm>(node.form), node.negated);
}

StatementBinder::Expr StatementBinder::BindCondition(const Expression& expression) {
  if (expression.kind == ExpressionKind::kPattern) {
    return BindPatternExpression(As<PatternExpression>(expression), true);
  }
  const Expr condition = Bind(expression);
  Expect(condition, kBooleanType);
  return condition;
}

StatementBinder::Expr StatementBinder::BindLiteral(const Expression& expression) {
  const Source source = expression.source;
  switch (expression.kind) {
    case ExpressionKind::kBoolean:
      return Make<bound::BooleanLiteral>(kBooleanType, source, {},
                                         As<BooleanLiteral>(expression).value);
    case ExpressionKind::kInteger:
      return Make<bound::IntegerLiteral>(kIntegerType, source, {},
                                         As<IntegerLiteral>(expression).value);
    case ExpressionKind::kFloat:
      return Make<bound::FloatLiteral>(kFloatType, source, {}, As<FloatLiteral>(expression).value);
    case ExpressionKind::kString:
      return Make<bound::StringLiteral>(kStringType, source, {},
                                        Keep(As<StringLiteral>(expression).value));
    default:
      DCHECK(expression.kind == ExpressionKind::kNull);
      return Null(source);
  }
}

bound::ParameterId StatementBinder::UseParameter(std::string_view name, Source source) {
  const auto it = parameter_ids_.find(ToAbsl(name));
  if (it != parameter_ids_.end()) return it->second;
  const auto id = static_cast<bound::ParameterId>(parameters_.size());
  parameters_.push_back({Keep(name), source});
  parameter_ids_.emplace(ToAbsl(parameters_.back().name), id);
  return id;
}

StatementBinder::Expr StatementBinder::BindParameter(const Parameter& parameter) {
  return Make<bound::ParameterReference>(kAnyType.OrNull(), parameter.source, {},
                                         UseParameter(parameter.name, parameter.source));
}

bound::VariableId StatementBinder::Find(std::string_view name, Source source) {
  const bound::VariableId variable = mode_.scope->Find(name);
  if (variable != bound::kNoVariable) return variable;
  if (!mode_.constant_clause.empty()) {
    Fail(ErrorId::kNonConstantExpression, source,
         {absl::StrCat("The value of ", ToAbsl(mode_.constant_clause),
                       " is the same for all rows: it cannot use variables")});
    return variable;
  }
  Fail(ErrorId::kUndefinedVariable, source, {name});
  return variable;
}

StatementBinder::Expr StatementBinder::BindVariable(std::string_view name, Source source) {
  bound::VariableId variable = Find(name, source);
  if (variable != bound::kNoVariable) variable = Grouped(name, variable, source);
  return variable == bound::kNoVariable ? Null(source) : ReferTo(variable, source);
}

StatementBinder::Expr StatementBinder::BindList(const ListLiteral& list) {
  std::vector<Expr> items;
  items.reserve(list.items.size());
  CypherType element;
  for (const Expression* item : list.items) {
    items.push_back(Bind(*item));
    element = element | items.back()->type;
  }
  return Make<bound::ListLiteral>(CypherType::ListOf(element), list.source, items, Keep(items));
}

StatementBinder::Expr StatementBinder::BindMap(const MapLiteral& map) {
  std::vector<bound::MapEntry> entries;
  std::vector<Expr> values;
  for (const MapEntry& entry : map.entries) {
    values.push_back(Bind(*entry.value));
    entries.push_back({Keep(entry.key.text), values.back()});
  }
  return Make<bound::MapLiteral>(kMapType, map.source, values, Keep(entries));
}

void StatementBinder::FailType(Source source, CypherType wanted, CypherType actual) {
  Fail(ErrorId::kInvalidArgumentTypeAtCompileTime, source, {wanted.ToString(), actual.ToString()});
}

bool StatementBinder::Expect(Expr expression, CypherType wanted) {
  if (CanBe(expression->type, wanted)) return true;
  FailType(expression->source, wanted, expression->type);
  return false;
}

StatementBinder::Expr StatementBinder::BindProperty(const PropertyAccess& access) {
  const Expr base = Bind(*access.base);
  const CypherType type = base->type;
  if (!CanBe(type, KeyedType())) {
    const bool is_path = type.IsIn(kPathType);
    Fail(is_path ? ErrorId::kInvalidArgumentTypeAtCompileTime : ErrorId::kInvalidArgumentType,
         access.base->source, {KeyedType().ToString(), type.ToString()});
  }
  const bool is_element = !type.is_empty() && type.IsIn(ElementType());
  const bound::Name key = Resolve(graph::NameKind::kKey, access.key, is_element);
  const auto* property =
      Make<bound::Property>(PropertyTypeOf(type), access.source, {base}, base, key);
  if (!type.IsIn(ElementType() | kMapType)) MarkRaising(property);
  return property;
}

StatementBinder::Expr StatementBinder::BindIndex(const IndexAccess& access) {
  const Expr base = Bind(*access.base);
  const Expr index = Bind(*access.index);
  const CypherType keyed = ElementType() | kMapType;
  Expect(base, kListType | keyed);
  CypherType result = kAnyType.OrNull();
  if (!base->type.is_empty() && base->type.IsIn(kListType)) {
    Expect(index, kIntegerType);
    if (!base->type.element().is_empty()) result = base->type.element();
  } else if (!base->type.is_empty() && base->type.IsIn(keyed)) {
    Expect(index, kStringType);
    result = PropertyTypeOf(base->type);
  }
  const auto* node = Make<bound::Index>(result, access.source, {base, index}, base, index);
  const bool is_safe = (base->type.IsIn(kListType) && index->type.IsIn(kIntegerType)) ||
                       (base->type.IsIn(keyed) && index->type.IsIn(kStringType));
  if (!is_safe) MarkRaising(node);
  return node;
}

StatementBinder::Expr StatementBinder::BindSlice(const SliceAccess& access) {
  const Expr base = Bind(*access.base);
  const Expr from = access.from == nullptr ? nullptr : Bind(*access.from);
  const Expr to = access.to == nullptr ? nullptr : Bind(*access.to);
  Expect(base, kListType);
  bool is_safe = base->type.IsIn(kListType);
  for (const Expr bound : {from, to}) {
    if (bound == nullptr) continue;
    Expect(bound, kIntegerType);
    is_safe = is_safe && bound->type.IsIn(kIntegerType);
  }
  const CypherType result = base->type.IsIn(kListType) && !base->type.is_empty()
                                ? base->type.OrNull()
                                : kListType.OrNull();
  const auto* node = Make<bound::Slice>(result, access.source, {base, from, to}, base, from, to);
  if (!is_safe) MarkRaising(node);
  return node;
}

StatementBinder::Expr StatementBinder::BindHasLabels(const HasLabels& has_labels) {
  const Expr operand = Bind(*has_labels.operand);
  Expect(operand, ElementType());
  const bool is_edge = !operand->type.is_empty() && operand->type.IsIn(kEdgeType);
  const bool is_vertex = !operand->type.is_empty() && operand->type.IsIn(kVertexType);
  const graph::NameKind kind = is_edge ? graph::NameKind::kType : graph::NameKind::kLabel;
  const bound::LabelTest* test = BindLabelTest(*has_labels.labels, kind);
  const auto* node = Make<bound::HasLabels>(
      operand->type.is_nullable() ? kBooleanType.OrNull() : kBooleanType, has_labels.source,
      {operand}, operand, test, kind, !is_edge && !is_vertex);
  if (node->is_either) MarkRaising(node);
  return node;
}

const bound::LabelTest* StatementBinder::BindLabelTest(const LabelExpression& labels,
                                                       graph::NameKind kind) {
  auto* test = arena_->New<bound::LabelTest>();
  std::vector<const bound::LabelTest*> inner;
  for (const LabelExpression* part : labels.inner) inner.push_back(BindLabelTest(*part, kind));
  test->inner = Keep(inner);
  switch (labels.kind) {
    case LabelKind::kName:
      test->kind = bound::LabelTestKind::kName;
      test->name = Resolve(kind, labels.name, true);
      break;
    case LabelKind::kAny:
      test->kind = bound::LabelTestKind::kAny;
      break;
    case LabelKind::kDynamic:
      test->kind = bound::LabelTestKind::kAny;
      Bind(*labels.dynamic);
      NotYet("A label that is computed", labels.source);
      break;
    case LabelKind::kNot:
      test->kind = bound::LabelTestKind::kNot;
      break;
    case LabelKind::kAnd:
      test->kind = bound::LabelTestKind::kAnd;
      break;
    case LabelKind::kOr:
      test->kind = bound::LabelTestKind::kOr;
      break;
  }
  return test;
}

namespace {

CypherType TypeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return kBooleanType;
    case TypeKind::kString:
      return kStringType;
    case TypeKind::kInteger:
      return kIntegerType;
    case TypeKind::kFloat:
      return kFloatType;
    case TypeKind::kDate:
      return CypherType::Of(graph::ValueType::kDate);
    case TypeKind::kLocalTime:
      return CypherType::Of(graph::ValueType::kLocalTime);
    case TypeKind::kZonedTime:
      return CypherType::Of(graph::ValueType::kTime);
    case TypeKind::kLocalDateTime:
      return CypherType::Of(graph::ValueType::kLocalDateTime);
    case TypeKind::kZonedDateTime:
      return CypherType::Of(graph::ValueType::kDateTime);
    case TypeKind::kDuration:
      return kDurationType;
    case TypeKind::kPoint:
      return kPointType;
    case TypeKind::kNode:
      return kVertexType;
    case TypeKind::kRelationship:
      return kEdgeType;
    case TypeKind::kMap:
      return kMapType;
    case TypeKind::kPath:
      return kPathType;
    case TypeKind::kPropertyValue:
      return StoredPropertyType();
    case TypeKind::kAny:
      return kAnyType;
    case TypeKind::kList:
      return kListType;
    case TypeKind::kNothing:
    case TypeKind::kNull:
    case TypeKind::kUnion:
      return {};
  }
  return {};
}

}  // namespace

const bound::TypeTest* StatementBinder::BindType(const TypeName& type) {
  auto* test = arena_->New<bound::TypeTest>();
  std::vector<const bound::TypeTest*> inner;
  for (const TypeName* part : type.inner) inner.push_back(BindType(*part));
  const bool takes_null = !type.not_null && type.kind != TypeKind::kNothing;
  test->type = takes_null ? TypeOf(type.kind).OrNull() : TypeOf(type.kind).NotNull();
  if (type.kind == TypeKind::kList && !inner.empty()) test->element = inner[0];
  if (type.kind == TypeKind::kUnion) {
    test->any_of = Keep(inner);
    test->type = {};
    for (const bound::TypeTest* part : inner) test->type = test->type | part->type;
  }
  return test;
}

}  // namespace tidemark::query
