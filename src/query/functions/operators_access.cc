// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/text_search.h"
#include "query/functions/convert.h"
#include "query/functions/failures.h"
#include "query/functions/operators.h"

namespace tidemark::query {

using graph::Point;
using graph::Value;
using graph::ValueType;

namespace {

bool IsElement(const Value& value) {
  return value.type() == ValueType::kVertex || value.type() == ValueType::kEdge;
}

ValueOr ComponentOfPoint(const Value& value, std::string_view key) {
  const Point& point = value.point();
  const bool geographic = graph::IsGeographic(point.crs);
  if (key == "x" || (geographic && key == "longitude")) return Value::Float(point.coordinates[0]);
  if (key == "y" || (geographic && key == "latitude")) return Value::Float(point.coordinates[1]);
  if (graph::DimensionCount(point.crs) == 3 && (key == "z" || (geographic && key == "height"))) {
    return Value::Float(point.coordinates[2]);
  }
  if (key == "srid") return Value::Integer(static_cast<int64_t>(point.crs));
  if (key == "crs") return Value::String(CrsName(point.crs));
  return Failure(ErrorId::kInvalidArgumentValue, {"A point in " + std::string(CrsName(point.crs)) +
                                                  " has no component `" + std::string(key) + "`"});
}

// Where a slice begins or ends in a list of `size`.
absl::StatusOr<size_t> PlaceOfBound(const Value& bound, size_t size) {
  if (bound.type() != ValueType::kInteger) {
    return Failure(ErrorId::kListElementAccessByNonInteger, {DescribeValue(bound)});
  }
  const auto count = static_cast<int64_t>(size);
  const int64_t at = bound.integer() < 0 ? std::max(bound.integer(), -count) + count
                                         : std::min(bound.integer(), count);
  return static_cast<size_t>(at);
}

template <typename Test>
Value TestTexts(const Value& text, const Value& part, Test test) {
  if (text.type() != ValueType::kString || part.type() != ValueType::kString) return Value();
  return Value::Boolean(test(text.string(), part.string()));
}

}  // namespace

ValueOr PropertyOf(Environment* environment, const Value& value, std::string_view key) {
  switch (value.type()) {
    case ValueType::kNull:
      return value;
    case ValueType::kMap:
      return value.Get(key);
    case ValueType::kVertex:
    case ValueType::kEdge:
      return environment->Property(value, key);
    case ValueType::kPoint:
      return ComponentOfPoint(value, key);
    default:
      break;
  }
  if ((kTemporalType | kDurationType).Contains(value.type())) {
    return NotSupportedYet("Access to the components of temporal values");
  }
  return TypeMismatch("MAP | NODE | RELATIONSHIP | POINT", value);
}

ValueOr ElementAt(Environment* environment, const Value& value, const Value& index) {
  if (value.is_null() || index.is_null()) return Value();
  if (value.type() == ValueType::kList) {
    if (index.type() != ValueType::kInteger) {
      return Failure(ErrorId::kListElementAccessByNonInteger, {DescribeValue(index)});
    }
    const auto count = static_cast<int64_t>(value.list().size());
    const int64_t at = index.integer();
    if (at >= count || at < -count) return Value();
    return value.list()[static_cast<size_t>(at < 0 ? at + count : at)];
  }
  if (value.type() != ValueType::kMap && !IsElement(value)) {
    return TypeMismatch("LIST<ANY> | MAP | NODE | RELATIONSHIP", value);
  }
  if (index.type() != ValueType::kString) {
    return Failure(ErrorId::kMapElementAccessByNonString, {DescribeValue(index)});
  }
  return PropertyOf(environment, value, index.string());
}

ValueOr Slice(const Value& list, const Value* from, const Value* to) {
  if (list.is_null()) return list;
  if (list.type() != ValueType::kList) return TypeMismatch("LIST<ANY>", list);
  if ((from != nullptr && from->is_null()) || (to != nullptr && to->is_null())) return Value();
  const absl::Span<const Value> elements = list.list();
  size_t begin = 0;
  size_t end = elements.size();
  if (from != nullptr) {
    ASSIGN_OR_RETURN(begin, PlaceOfBound(*from, elements.size()));
  }
  if (to != nullptr) {
    ASSIGN_OR_RETURN(end, PlaceOfBound(*to, elements.size()));
  }
  if (begin >= end) return Value::List({});
  return Value::List({elements.begin() + static_cast<ptrdiff_t>(begin),
                      elements.begin() + static_cast<ptrdiff_t>(end)});
}

Value StartsWith(const Value& text, const Value& prefix) {
  return TestTexts(text, prefix,
                   [](std::string_view a, std::string_view b) { return a.starts_with(b); });
}

Value EndsWith(const Value& text, const Value& suffix) {
  return TestTexts(text, suffix,
                   [](std::string_view a, std::string_view b) { return a.ends_with(b); });
}

Value ContainsText(const Value& text, const Value& part) {
  return TestTexts(text, part, [](std::string_view a, std::string_view b) {
    return FindText(a, b) != std::string_view::npos;
  });
}

}  // namespace tidemark::query
