// SPDX-License-Identifier: Apache-2.0
#include "query/binder/infer.h"

#include "base/check.h"

namespace tidemark::query {

using graph::ValueType;

namespace {

// What a list that is a property may hold.
constexpr CypherType kStoredElement = kBooleanType | kNumberType | kStringType | kPointType |
                                      kDurationType | kTemporalType |
                                      CypherType::Of(ValueType::kBytes);

bool IsNumberType(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kFloat;
}

bool IsTemporalType(ValueType type) { return kTemporalType.Contains(type); }

CypherType NumberOf(ValueType a, ValueType b) {
  return a == ValueType::kInteger && b == ValueType::kInteger ? kIntegerType : kFloatType;
}

// a + b of two types, neither of them a list.
CypherType SumOf(ValueType a, ValueType b) {
  const bool a_adds = IsNumberType(a) || a == ValueType::kString;
  const bool b_adds = IsNumberType(b) || b == ValueType::kString;
  if (IsNumberType(a) && IsNumberType(b)) return NumberOf(a, b);
  if (a_adds && b_adds) return kStringType;
  if (a == ValueType::kDuration && b == ValueType::kDuration) return kDurationType;
  if (IsTemporalType(a) && b == ValueType::kDuration) return CypherType::Of(a);
  if (a == ValueType::kDuration && IsTemporalType(b)) return CypherType::Of(b);
  return {};
}

CypherType DifferenceOf(ValueType a, ValueType b) {
  if (IsNumberType(a) && IsNumberType(b)) return NumberOf(a, b);
  if (a == ValueType::kDuration && b == ValueType::kDuration) return kDurationType;
  if (IsTemporalType(a) && b == ValueType::kDuration) return CypherType::Of(a);
  return {};
}

CypherType ProductOf(ValueType a, ValueType b) {
  if (IsNumberType(a) && IsNumberType(b)) return NumberOf(a, b);
  const bool scales = (a == ValueType::kDuration && IsNumberType(b)) ||
                      (IsNumberType(a) && b == ValueType::kDuration);
  return scales ? kDurationType : CypherType();
}

CypherType QuotientOf(ValueType a, ValueType b) {
  if (IsNumberType(a) && IsNumberType(b)) return NumberOf(a, b);
  return a == ValueType::kDuration && IsNumberType(b) ? kDurationType : CypherType();
}

// Of two types, neither of them a list.
CypherType ScalarResultOf(bound::BinaryOperator op, ValueType a, ValueType b) {
  switch (op) {
    case bound::BinaryOperator::kAdd:
      return SumOf(a, b);
    case bound::BinaryOperator::kSubtract:
      return DifferenceOf(a, b);
    case bound::BinaryOperator::kMultiply:
      return ProductOf(a, b);
    case bound::BinaryOperator::kDivide:
      return QuotientOf(a, b);
    case bound::BinaryOperator::kRemainder:
      return IsNumberType(a) && IsNumberType(b) ? NumberOf(a, b) : CypherType();
    case bound::BinaryOperator::kPower:
      return IsNumberType(a) && IsNumberType(b) ? kFloatType : CypherType();
    case bound::BinaryOperator::kConcatenate:
      return a == ValueType::kString && b == ValueType::kString ? kStringType : CypherType();
    default:
      return {};
  }
}

template <typename Visit>
void ForEachType(CypherType type, Visit visit) {
  for (int i = 1; i <= static_cast<int>(ValueType::kInteger); ++i) {
    const auto value_type = static_cast<ValueType>(i);
    if (type.Contains(value_type)) visit(value_type);
  }
}

// Without its lists.
template <typename Visit>
void ForEachScalar(CypherType type, Visit visit) {
  ForEachType(type, [&visit](ValueType value_type) {
    if (value_type != ValueType::kList) visit(value_type);
  });
}

// Lists take part in + and ||: + also takes one element, which is no list.
CypherType ListResultOf(bound::BinaryOperator op, CypherType a, CypherType b) {
  const bool a_is_list = a.Contains(ValueType::kList);
  const bool b_is_list = b.Contains(ValueType::kList);
  if (op == bound::BinaryOperator::kConcatenate) {
    return a_is_list && b_is_list ? CypherType::ListOf(a.element() | b.element()) : CypherType();
  }
  if (op != bound::BinaryOperator::kAdd || (!a_is_list && !b_is_list)) return {};
  CypherType elements = a.element() | b.element();
  if (b_is_list) elements = elements | a.WithoutLists();
  if (a_is_list) elements = elements | b.WithoutLists();
  return CypherType::ListOf(elements);
}

bool IsTest(bound::BinaryOperator op) {
  switch (op) {
    case bound::BinaryOperator::kIn:
    case bound::BinaryOperator::kStartsWith:
    case bound::BinaryOperator::kEndsWith:
    case bound::BinaryOperator::kContains:
    case bound::BinaryOperator::kMatches:
      return true;
    default:
      return false;
  }
}

CypherType TestResultOf(bound::BinaryOperator op, CypherType b) {
  const bool is_wrong = (op == bound::BinaryOperator::kIn && !CanBe(b, kListType)) ||
                        (op == bound::BinaryOperator::kMatches && !CanBe(b, kStringType));
  return is_wrong ? CypherType() : kBooleanType.OrNull();
}

}  // namespace

CypherType StoredPropertyType() {
  return (kStoredElement | CypherType::ListOf(kStoredElement)).OrNull();
}

CypherType ElementType() { return kVertexType | kEdgeType; }

CypherType KeyedType() {
  return ElementType() | kMapType | kPointType | kDurationType | kTemporalType;
}

bool CanBe(CypherType type, CypherType wanted) { return type.is_empty() || type.Meets(wanted); }

CypherType ResultOf(bound::BinaryOperator op, CypherType a, CypherType b) {
  if (IsTest(op)) return TestResultOf(op, b);
  if (a.is_empty() || b.is_empty()) return kAnyType.OrNull();
  CypherType result = ListResultOf(op, a, b);
  ForEachScalar(a, [&](ValueType x) {
    ForEachScalar(b, [&](ValueType y) { result = result | ScalarResultOf(op, x, y); });
  });
  if (result.is_empty()) return {};
  const bool is_nullable = a.is_nullable() || b.is_nullable();
  return is_nullable ? result.OrNull() : result.NotNull();
}

CypherType PropertyTypeOf(CypherType base) {
  return base.is_empty() || !base.IsIn(ElementType()) ? kAnyType.OrNull() : StoredPropertyType();
}

bool CanBeStored(CypherType type) {
  if (type.is_empty()) return true;
  bool can = false;
  ForEachType(type, [&](ValueType value_type) {
    if (value_type == ValueType::kList) {
      const CypherType element = type.element();
      can = can || element.is_empty() || element.Meets(kStoredElement);
      return;
    }
    can = can || StoredPropertyType().Contains(value_type);
  });
  return can;
}

bool MayRaise(bound::BinaryOperator op, CypherType a, CypherType b) {
  if (op == bound::BinaryOperator::kIn) return !b.IsIn(kListType);
  if (op == bound::BinaryOperator::kMatches) return true;
  return !IsTest(op) && !(a.IsIn(kFloatType) && b.IsIn(kFloatType));
}

std::string_view TextOf(bound::BinaryOperator op) {
  constexpr std::string_view kTexts[] = {"+", "-",  "||",          "*",         "/",        "%",
                                         "^", "IN", "STARTS WITH", "ENDS WITH", "CONTAINS", "=~"};
  DCHECK_LT(static_cast<size_t>(op), std::size(kTexts));
  return kTexts[static_cast<size_t>(op)];
}

}  // namespace tidemark::query
