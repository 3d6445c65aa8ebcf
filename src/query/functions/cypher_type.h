// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "graph/value.h"

namespace tidemark::query {

// What an expression may be: a set of value types, whether it may be null, and what the elements of
// a list may be. A set that is the union of two holds everything that either holds; two sets
// without a common type are a definite mismatch.
// Threads: a value type.
class CypherType {
 public:
  constexpr CypherType() = default;  // nothing at all
  static constexpr CypherType Of(graph::ValueType type) {
    return CypherType(Bit(type), kNoTypes, false);
  }
  static constexpr CypherType Any() { return CypherType(kAllTypes, kAllTypes, false); }
  static constexpr CypherType Null() { return CypherType(kNoTypes, kNoTypes, true); }
  static constexpr CypherType ListOf(CypherType element) {
    return CypherType(Bit(graph::ValueType::kList), element.types_, false);
  }

  constexpr CypherType OrNull() const { return CypherType(types_, element_types_, true); }
  constexpr CypherType NotNull() const { return CypherType(types_, element_types_, false); }
  constexpr CypherType WithoutLists() const {
    return CypherType(types_ & ~Bit(graph::ValueType::kList), kNoTypes, is_nullable_);
  }
  friend constexpr CypherType operator|(CypherType a, CypherType b) {
    return CypherType(a.types_ | b.types_, a.element_types_ | b.element_types_,
                      a.is_nullable_ || b.is_nullable_);
  }
  friend constexpr bool operator==(CypherType, CypherType) = default;

  constexpr bool is_nullable() const { return is_nullable_; }
  constexpr bool Contains(graph::ValueType type) const { return (types_ & Bit(type)) != 0; }
  // Nothing but null, or nothing at all.
  constexpr bool is_empty() const { return types_ == kNoTypes; }
  constexpr bool is_any() const { return types_ == kAllTypes; }
  // Whether some value other than null is of both types. Lists meet whatever they hold.
  constexpr bool Meets(CypherType other) const { return (types_ & other.types_) != 0; }
  // Whether every value of this type is of the other, null apart.
  constexpr bool IsIn(CypherType other) const {
    return (types_ & ~other.types_) == 0 &&
           (!Contains(graph::ValueType::kList) || (element_types_ & ~other.element_types_) == 0);
  }
  // The elements of a list, one level deep: lists in lists hold anything.
  constexpr CypherType element() const { return CypherType(element_types_, kAllTypes, true); }

  // All of it as a number, for frames between nodes; FromBits takes what bits gave.
  constexpr uint64_t bits() const {
    return uint64_t{types_} << 32 | uint64_t{element_types_} << 1 | (is_nullable_ ? 1 : 0);
  }
  static constexpr CypherType FromBits(uint64_t bits) {
    return CypherType(static_cast<uint32_t>(bits >> 32) & kAllTypes,
                      static_cast<uint32_t>(bits >> 1) & kAllTypes, (bits & 1) != 0);
  }

  // As people know it: INTEGER | FLOAT, LIST<STRING>, ANY.
  std::string ToString() const;

 private:
  static constexpr uint32_t Bit(graph::ValueType type) { return 1u << static_cast<int>(type); }
  static constexpr uint32_t kNoTypes = 0;
  static constexpr uint32_t kAllTypes =
      (2u << static_cast<int>(graph::ValueType::kInteger)) - 2;  // all but null

  constexpr CypherType(uint32_t types, uint32_t element_types, bool is_nullable)
      : types_(types), element_types_(element_types), is_nullable_(is_nullable) {}

  uint32_t types_ = kNoTypes;
  uint32_t element_types_ = kNoTypes;
  bool is_nullable_ = false;
};

inline constexpr CypherType kAnyType = CypherType::Any();
inline constexpr CypherType kBooleanType = CypherType::Of(graph::ValueType::kBoolean);
inline constexpr CypherType kIntegerType = CypherType::Of(graph::ValueType::kInteger);
inline constexpr CypherType kFloatType = CypherType::Of(graph::ValueType::kFloat);
inline constexpr CypherType kNumberType = kIntegerType | kFloatType;
inline constexpr CypherType kStringType = CypherType::Of(graph::ValueType::kString);
inline constexpr CypherType kMapType = CypherType::Of(graph::ValueType::kMap);
inline constexpr CypherType kVertexType = CypherType::Of(graph::ValueType::kVertex);
inline constexpr CypherType kEdgeType = CypherType::Of(graph::ValueType::kEdge);
inline constexpr CypherType kPathType = CypherType::Of(graph::ValueType::kPath);
inline constexpr CypherType kPointType = CypherType::Of(graph::ValueType::kPoint);
inline constexpr CypherType kDurationType = CypherType::Of(graph::ValueType::kDuration);
inline constexpr CypherType kTemporalType =
    CypherType::Of(graph::ValueType::kDate) | CypherType::Of(graph::ValueType::kLocalTime) |
    CypherType::Of(graph::ValueType::kTime) | CypherType::Of(graph::ValueType::kLocalDateTime) |
    CypherType::Of(graph::ValueType::kDateTime);
inline constexpr CypherType kListType = CypherType::ListOf(kAnyType);

// The name of a type in Cypher: INTEGER, ZONED DATETIME, NODE.
std::string_view CypherName(graph::ValueType type);
// The type of a value as valueType() gives it: LIST<INTEGER NOT NULL> NOT NULL.
std::string DescribeType(const graph::Value& value);

}  // namespace tidemark::query
