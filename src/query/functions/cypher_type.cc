// SPDX-License-Identifier: Apache-2.0
#include "query/functions/cypher_type.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

// The order in which Cypher lists the members of a union.
constexpr std::array kUnionOrder = {
    ValueType::kBoolean,  ValueType::kString,    ValueType::kInteger, ValueType::kFloat,
    ValueType::kDate,     ValueType::kLocalTime, ValueType::kTime,    ValueType::kLocalDateTime,
    ValueType::kDateTime, ValueType::kDuration,  ValueType::kPoint,   ValueType::kBytes,
    ValueType::kVertex,   ValueType::kEdge,      ValueType::kMap,     ValueType::kList,
    ValueType::kPath};

int PlaceInUnion(ValueType type) {
  return static_cast<int>(std::find(kUnionOrder.begin(), kUnionOrder.end(), type) -
                          kUnionOrder.begin());
}

// The type of a value while its list is described: lists with the text of their elements.
struct ElementType {
  ValueType type;
  std::string text;

  friend bool operator==(const ElementType&, const ElementType&) = default;
};

std::string DescribeList(absl::Span<const Value> list) {
  if (list.empty()) return "LIST<NOTHING>";
  std::vector<ElementType> members;
  bool has_null = false;
  for (const Value& element : list) {
    if (element.is_null()) {
      has_null = true;
      continue;
    }
    ElementType member{element.type(), element.type() == ValueType::kList
                                           ? DescribeList(element.list())
                                           : std::string(CypherName(element.type()))};
    if (std::find(members.begin(), members.end(), member) == members.end()) {
      members.push_back(std::move(member));
    }
  }
  if (members.empty()) return "LIST<NULL>";
  std::sort(members.begin(), members.end(), [](const ElementType& a, const ElementType& b) {
    const int order = PlaceInUnion(a.type) - PlaceInUnion(b.type);
    return order != 0 ? order < 0 : a.text < b.text;
  });
  std::string out = "LIST<";
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += " | ";
    out += members[i].text;
    if (!has_null) out += " NOT NULL";
  }
  return out + ">";
}

}  // namespace

std::string_view CypherName(ValueType type) {
  constexpr std::string_view kNames[] = {"NULL",           "MAP",    "NODE",       "RELATIONSHIP",
                                         "LIST",           "PATH",   "POINT",      "ZONED DATETIME",
                                         "LOCAL DATETIME", "DATE",   "ZONED TIME", "LOCAL TIME",
                                         "DURATION",       "BYTES",  "STRING",     "BOOLEAN",
                                         "FLOAT",          "INTEGER"};
  return kNames[static_cast<int>(type)];
}

std::string DescribeType(const Value& value) {
  if (value.is_null()) return "NULL";
  const std::string name = value.type() == ValueType::kList ? DescribeList(value.list())
                                                            : std::string(CypherName(value.type()));
  return name + " NOT NULL";
}

std::string CypherType::ToString() const {
  if (is_any()) return "ANY";
  if (is_empty()) return is_nullable_ ? "NULL" : "NOTHING";
  std::string out;
  for (const ValueType type : kUnionOrder) {
    if (!Contains(type)) continue;
    if (!out.empty()) out += " | ";
    out += CypherName(type);
    if (type == ValueType::kList) out += "<" + element().ToString() + ">";
  }
  return out;
}

}  // namespace tidemark::query
