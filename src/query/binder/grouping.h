// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "query/binder/bound.h"
#include "query/binder/scope.h"
#include "query/parser/ast_expression.h"

namespace tidemark::query {

// What the expressions of one WITH or RETURN may use besides the variables in their scope. Owner:
// the binding of that projection. Threads: one.
struct Grouping {
  struct Known {
    const Expression* expression;
    bound::VariableId variable;
  };
  enum class Stage : uint8_t {
    kItems,  // items with an aggregate: variables and properties of variables that are keys
    kAfter,  // ORDER BY and WHERE: all that is projected
  };

  Stage stage = Stage::kItems;
  const Scope* before = nullptr;  // the variables that are grouped
  bool is_aggregating = false;
  bool is_closed = false;      // aggregating or DISTINCT: what is not projected is gone after it
  bool is_asked = false;       // something looks for what is projected
  bool has_aggregate = false;  // the expression of stage kAfter that is being bound has one
  // Variables from this number on are declared inside of the expression.
  bound::VariableId first_local = 0;
  // Variables that are items as they stand, and the variable of the item.
  absl::flat_hash_map<bound::VariableId, bound::VariableId> plain_keys;
  // Items by the hash of their expressions.
  absl::flat_hash_map<size_t, std::vector<Known>> projected;
  absl::flat_hash_set<size_t> chain_lengths;  // numbers of operands of items that are chains
  // Variables `v` and properties `v.k` that stand in keys which are more than that.
  absl::flat_hash_set<std::string> parts_of_keys;
  std::vector<bound::Projected> keys;
  std::vector<bound::Aggregate> aggregates;
  absl::flat_hash_map<size_t, std::vector<Known>> aggregates_by_hash;
};

}  // namespace tidemark::query
