// SPDX-License-Identifier: Apache-2.0
#include "query/binder/show_columns.h"

namespace tidemark::query {
namespace {

constexpr CypherType kStringListType = CypherType::ListOf(kStringType);
constexpr CypherType kInstantType = CypherType::Of(graph::ValueType::kDateTime);

constexpr ShowColumn kIndexColumns[] = {
    {"id", kIntegerType, true},
    {"name", kStringType, true},
    {"state", kStringType, true},
    {"populationPercent", kFloatType, true},
    {"type", kStringType, true},
    {"entityType", kStringType, true},
    {"labelsOrTypes", kStringListType.OrNull(), true},
    {"properties", kStringListType.OrNull(), true},
    {"indexProvider", kStringType, true},
    {"owningConstraint", kStringType.OrNull(), true},
    {"lastRead", kInstantType.OrNull(), true},
    {"readCount", kIntegerType.OrNull(), true},
    {"trackedSince", kInstantType.OrNull(), false},
    {"options", kMapType, false},
    {"failureMessage", kStringType, false},
    {"createStatement", kStringType.OrNull(), false},
};

constexpr ShowColumn kConstraintColumns[] = {
    {"id", kIntegerType, true},
    {"name", kStringType, true},
    {"type", kStringType, true},
    {"entityType", kStringType, true},
    {"labelsOrTypes", kStringListType, true},
    {"properties", kStringListType, true},
    {"ownedIndex", kStringType.OrNull(), true},
    {"propertyType", kStringType.OrNull(), true},
    {"options", kMapType, false},
    {"createStatement", kStringType, false},
};

}  // namespace

absl::Span<const ShowColumn> ColumnsOf(bound::ShowWhat show) {
  if (show == bound::ShowWhat::kIndexes) return kIndexColumns;
  return kConstraintColumns;
}

}  // namespace tidemark::query
