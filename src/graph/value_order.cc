// SPDX-License-Identifier: Apache-2.0
#include "graph/value_order.h"

#include <bit>
#include <cmath>
#include <compare>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark::graph {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

int Sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

template <typename T>
int Order(const T& a, const T& b) {
  return Sign(a <=> b);
}

int OrderNumbers(const Value& a, const Value& b) {
  const bool a_is_integer = a.type() == ValueType::kInteger;
  const bool b_is_integer = b.type() == ValueType::kInteger;
  if (a_is_integer && b_is_integer) return Order(a.integer(), b.integer());
  if (!a_is_integer && !b_is_integer) return CompareFloats(a.real(), b.real());
  if (a_is_integer) return CompareIntegerWithFloat(a.integer(), b.real());
  return -CompareIntegerWithFloat(b.integer(), a.real());
}

bool IsNan(const Value& value) {
  return value.type() == ValueType::kFloat && std::isnan(value.real());
}

// The place of a type in the order over all types; integers and floats share one.
int Rank(ValueType type) {
  if (type == ValueType::kNull) return 100;
  return static_cast<int>(type == ValueType::kFloat ? ValueType::kInteger : type);
}

int OrderPoints(const Point& a, const Point& b) {
  if (a.crs != b.crs) return a.crs < b.crs ? -1 : 1;
  for (size_t i = 0; i < a.coordinates.size(); ++i) {
    if (int order = CompareFloats(a.coordinates[i], b.coordinates[i]); order != 0) return order;
  }
  return 0;
}

int OrderLists(absl::Span<const Value> a, absl::Span<const Value> b) {
  if (a.data() == b.data() && a.size() == b.size()) return 0;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (int order = Compare(a[i], b[i]); order != 0) return order;
  }
  return Order(a.size(), b.size());
}

// By size, then keys, then values.
int OrderMaps(absl::Span<const MapEntry> a, absl::Span<const MapEntry> b) {
  if (int order = Order(a.size(), b.size()); order != 0) return order;
  if (a.data() == b.data()) return 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (int order = CompareTexts(a[i].first, b[i].first); order != 0) return order;
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
      return CompareTexts(a.bytes(), b.bytes());
    case ValueType::kString:
      return CompareTexts(a.string(), b.string());
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

// Whether < never has an answer between values of this type, and <= only for equal ones.
bool IsUnordered(ValueType type) {
  return type == ValueType::kPoint || type == ValueType::kDuration;
}

Ternary Ordered(const Value& a, const Value& b, bool or_equal);

// Whether two elements of lists or maps decide which is less; nothing when they are equal. NaN and
// null leave it open.
std::optional<Ternary> DecidingPair(const Value& a, const Value& b, bool or_equal) {
  const Ternary equal = Equals(a, b);
  if (equal == Ternary::kTrue) return std::nullopt;
  if (equal == Ternary::kUnknown || IsNan(a) || IsNan(b)) return Ternary::kUnknown;
  return Ordered(a, b, or_equal);
}

// The first pair that is not equal decides.
Ternary ListsOrdered(absl::Span<const Value> a, absl::Span<const Value> b, bool or_equal) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const auto decided = DecidingPair(a[i], b[i], or_equal)) return *decided;
  }
  return FromBool(a.size() < b.size() || (or_equal && a.size() == b.size()));
}

// By size, then keys, then values.
Ternary MapsOrdered(absl::Span<const MapEntry> a, absl::Span<const MapEntry> b, bool or_equal) {
  if (a.size() != b.size()) return FromBool(a.size() < b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].first != b[i].first) return FromBool(a[i].first < b[i].first);
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (const auto decided = DecidingPair(a[i].second, b[i].second, or_equal)) return *decided;
  }
  return FromBool(or_equal);
}

Ternary Ordered(const Value& a, const Value& b, bool or_equal) {
  if (a.is_null() || b.is_null()) return Ternary::kUnknown;
  if (a.is_number() && b.is_number()) {
    if (IsNan(a) || IsNan(b)) return Ternary::kFalse;
    const int order = OrderNumbers(a, b);
    return FromBool(order < 0 || (or_equal && order == 0));
  }
  if (a.type() != b.type()) return Ternary::kUnknown;
  if (a.type() == ValueType::kList) return ListsOrdered(a.list(), b.list(), or_equal);
  if (a.type() == ValueType::kMap) return MapsOrdered(a.map(), b.map(), or_equal);
  const int order = OrderSameType(a, b);
  if (IsUnordered(a.type())) return order == 0 && or_equal ? Ternary::kTrue : Ternary::kUnknown;
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

int CompareTypes(ValueType a, ValueType b) { return Order(Rank(a), Rank(b)); }

int CompareTexts(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size() ? 0 : a.compare(b);
}

int CompareFloats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order<int>(std::isnan(a), std::isnan(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

int CompareIntegerWithFloat(int64_t a, double b) {
  if (std::isnan(b) || b >= kTwoTo63) return -1;
  if (b < -kTwoTo63) return 1;
  const auto whole = static_cast<int64_t>(b);  // cuts off the fraction
  if (int order = Order(a, whole); order != 0) return order;
  const auto exact = static_cast<double>(whole);
  return exact < b ? -1 : exact > b ? 1 : 0;
}

int Compare(const Value& a, const Value& b) {
  if (int order = CompareTypes(a.type(), b.type()); order != 0) return order;
  return a.is_number() ? OrderNumbers(a, b) : OrderSameType(a, b);
}

bool Equivalent(const Value& a, const Value& b) { return Compare(a, b) == 0; }

Value Representative(const Value& a, const Value& b) {
  switch (a.type()) {
    case ValueType::kInteger:
      return a;
    case ValueType::kFloat:
      return b.type() == ValueType::kInteger || std::signbit(a.real()) ? b : a;
    case ValueType::kList: {
      std::vector<Value> elements;
      elements.reserve(a.list().size());
      for (size_t i = 0; i < a.list().size(); ++i) {
        elements.push_back(Representative(a.list()[i], b.list()[i]));
      }
      return Value::List(std::move(elements));
    }
    case ValueType::kMap: {
      std::vector<MapEntry> entries(a.map().begin(), a.map().end());
      for (size_t i = 0; i < entries.size(); ++i) {
        entries[i].second = Representative(entries[i].second, b.map()[i].second);
      }
      return Value::Map(std::move(entries));
    }
    case ValueType::kPoint: {
      Point point = a.point();
      for (size_t i = 0; i < point.coordinates.size(); ++i) {
        if (std::signbit(point.coordinates[i])) point.coordinates[i] = b.point().coordinates[i];
      }
      return Value::Of(point);
    }
    default:
      return a;
  }
}

}  // namespace tidemark::graph
