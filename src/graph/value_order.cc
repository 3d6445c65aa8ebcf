// SPDX-License-Identifier: Apache-2.0
#include "graph/value_order.h"

#include <bit>
#include <cmath>
#include <compare>

#include "base/check.h"
#include "base/checksum.h"

namespace tidemark::graph {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

int Sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

template <typename T>
int Order(const T& a, const T& b) {
  return Sign(a <=> b);
}

int OrderText(std::string_view a, std::string_view b) { return a.compare(b); }

// An integer against a float that is not NaN, exactly.
int OrderIntegerFloat(int64_t a, double b) {
  if (b >= kTwoTo63) return -1;
  if (b < -kTwoTo63) return 1;
  const auto whole = static_cast<int64_t>(b);  // cuts off the fraction
  if (int order = Order(a, whole); order != 0) return order;
  const auto exact = static_cast<double>(whole);
  return exact < b ? -1 : exact > b ? 1 : 0;
}

// NaN is the largest number and equal to itself; -0.0 is 0.0.
int OrderFloats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order<int>(std::isnan(a), std::isnan(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

int OrderNumbers(const Value& a, const Value& b) {
  const bool a_is_integer = a.type() == ValueType::kInteger;
  const bool b_is_integer = b.type() == ValueType::kInteger;
  if (a_is_integer && b_is_integer) return Order(a.integer(), b.integer());
  if (!a_is_integer && !b_is_integer) return OrderFloats(a.real(), b.real());
  if (a_is_integer) return std::isnan(b.real()) ? -1 : OrderIntegerFloat(a.integer(), b.real());
  return std::isnan(a.real()) ? 1 : -OrderIntegerFloat(b.integer(), a.real());
}

bool IsNan(const Value& value) {
  return value.type() == ValueType::kFloat && std::isnan(value.real());
}

// The place of a type in the order over all types; integers and floats share one.
int Rank(const Value& value) {
  if (value.is_null()) return 100;
  return static_cast<int>(value.is_number() ? ValueType::kInteger : value.type());
}

int OrderPoints(const Point& a, const Point& b) {
  if (a.crs != b.crs) return a.crs < b.crs ? -1 : 1;
  for (size_t i = 0; i < a.coordinates.size(); ++i) {
    if (int order = OrderFloats(a.coordinates[i], b.coordinates[i]); order != 0) return order;
  }
  return 0;
}

int OrderLists(absl::Span<const Value> a, absl::Span<const Value> b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (int order = Compare(a[i], b[i]); order != 0) return order;
  }
  return Order(a.size(), b.size());
}

// By size, then keys, then values.
int OrderMaps(absl::Span<const MapEntry> a, absl::Span<const MapEntry> b) {
  if (int order = Order(a.size(), b.size()); order != 0) return order;
  for (size_t i = 0; i < a.size(); ++i) {
    if (int order = OrderText(a[i].first, b[i].first); order != 0) return order;
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (int order = Compare(a[i].second, b[i].second); order != 0) return order;
  }
  return 0;
}

// As a list of vertex, edge, vertex ...
int OrderPaths(const Path& a, const Path& b) {
  for (size_t i = 0; i < a.vertices.size() && i < b.vertices.size(); ++i) {
    if (i > 0) {
      if (int order = Order(a.edges[i - 1].edge, b.edges[i - 1].edge); order != 0) return order;
    }
    if (int order = Order(a.vertices[i], b.vertices[i]); order != 0) return order;
  }
  return Order(a.vertices.size(), b.vertices.size());
}

// REQUIRES: the same type and no numbers.
int OrderSameType(const Value& a, const Value& b) {
  switch (a.type()) {
    case ValueType::kMap:
      return OrderMaps(a.map(), b.map());
    case ValueType::kVertex:
      return Order(a.vertex(), b.vertex());
    case ValueType::kEdge:
      return Order(a.edge().edge, b.edge().edge);
    case ValueType::kList:
      return OrderLists(a.list(), b.list());
    case ValueType::kPath:
      return OrderPaths(a.path(), b.path());
    case ValueType::kPoint:
      return OrderPoints(a.point(), b.point());
    case ValueType::kDateTime:
      return Order(a.date_time(), b.date_time());
    case ValueType::kLocalDateTime:
      return Order(a.local_date_time(), b.local_date_time());
    case ValueType::kDate:
      return Order(a.date(), b.date());
    case ValueType::kTime:
      return Order(a.time(), b.time());
    case ValueType::kLocalTime:
      return Order(a.local_time(), b.local_time());
    case ValueType::kDuration:
      return Order(a.duration(), b.duration());
    case ValueType::kBytes:
      return OrderText(a.bytes(), b.bytes());
    case ValueType::kString:
      return OrderText(a.string(), b.string());
    case ValueType::kBoolean:
      return Order<int>(a.boolean(), b.boolean());
    default:
      return 0;  // two nulls
  }
}

Ternary FromBool(bool value) { return value ? Ternary::kTrue : Ternary::kFalse; }

Ternary ListsEqual(absl::Span<const Value> a, absl::Span<const Value> b) {
  if (a.size() != b.size()) return Ternary::kFalse;
  Ternary result = Ternary::kTrue;
  for (size_t i = 0; i < a.size(); ++i) {
    const Ternary equal = Equals(a[i], b[i]);
    if (equal == Ternary::kFalse) return equal;
    if (equal == Ternary::kUnknown) result = equal;
  }
  return result;
}

Ternary MapsEqual(absl::Span<const MapEntry> a, absl::Span<const MapEntry> b) {
  if (a.size() != b.size()) return Ternary::kFalse;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].first != b[i].first) return Ternary::kFalse;
  }
  Ternary result = Ternary::kTrue;
  for (size_t i = 0; i < a.size(); ++i) {
    const Ternary equal = Equals(a[i].second, b[i].second);
    if (equal == Ternary::kFalse) return equal;
    if (equal == Ternary::kUnknown) result = equal;
  }
  return result;
}

// Whether < and <= have an answer between two values of this type.
bool HasOperatorOrder(ValueType type) {
  switch (type) {
    case ValueType::kDateTime:
    case ValueType::kLocalDateTime:
    case ValueType::kDate:
    case ValueType::kTime:
    case ValueType::kLocalTime:
    case ValueType::kBytes:
    case ValueType::kString:
    case ValueType::kBoolean:
      return true;
    default:
      return false;
  }
}

Ternary Ordered(const Value& a, const Value& b, bool or_equal);

// The first pair that is not equal decides.
Ternary ListsOrdered(absl::Span<const Value> a, absl::Span<const Value> b, bool or_equal) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const Ternary equal = Equals(a[i], b[i]);
    if (equal == Ternary::kUnknown) return equal;
    if (equal == Ternary::kFalse) return Ordered(a[i], b[i], or_equal);
  }
  return FromBool(a.size() < b.size() || (or_equal && a.size() == b.size()));
}

Ternary Ordered(const Value& a, const Value& b, bool or_equal) {
  if (a.is_number() && b.is_number()) {
    if (IsNan(a) || IsNan(b)) return Ternary::kFalse;
    const int order = OrderNumbers(a, b);
    return FromBool(order < 0 || (or_equal && order == 0));
  }
  if (a.type() != b.type()) return Ternary::kUnknown;
  if (a.type() == ValueType::kList) return ListsOrdered(a.list(), b.list(), or_equal);
  if (!HasOperatorOrder(a.type())) return Ternary::kUnknown;
  const int order = OrderSameType(a, b);
  return FromBool(order < 0 || (or_equal && order == 0));
}

}  // namespace

Ternary Equals(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Ternary::kUnknown;
  if (a.is_number() && b.is_number()) {
    return FromBool(!IsNan(a) && !IsNan(b) && OrderNumbers(a, b) == 0);
  }
  if (a.type() != b.type()) return Ternary::kFalse;
  if (a.type() == ValueType::kList) return ListsEqual(a.list(), b.list());
  if (a.type() == ValueType::kMap) return MapsEqual(a.map(), b.map());
  return FromBool(OrderSameType(a, b) == 0);
}

Ternary Less(const Value& a, const Value& b) { return Ordered(a, b, false); }
Ternary LessOrEqual(const Value& a, const Value& b) { return Ordered(a, b, true); }

int Compare(const Value& a, const Value& b) {
  if (int order = Order(Rank(a), Rank(b)); order != 0) return order;
  return a.is_number() ? OrderNumbers(a, b) : OrderSameType(a, b);
}

bool Equivalent(const Value& a, const Value& b) { return Compare(a, b) == 0; }

}  // namespace tidemark::graph
