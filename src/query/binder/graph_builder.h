// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "query/binder/bound_pattern.h"

namespace tidemark::query {

// A query graph that grows, path by path. Owner: the binder. Threads: one.
struct GraphBuilder {
  std::vector<bound::PatternVertex> vertices;
  std::vector<std::vector<bound::Name>> labels;  // of the vertices
  absl::flat_hash_map<bound::VariableId, uint32_t> vertex_indexes;
  std::vector<bound::PatternEdge> edges;
  std::vector<bound::PathVariable> paths;
  std::vector<bound::Predicate> predicates;
  std::vector<absl::Span<const uint32_t>> all_different;
  // Variables that the graph gives a value, hidden ones too.
  absl::flat_hash_set<bound::VariableId> declared;
  bool has_volatile = false;  // a condition gives another value at each evaluation
  // Of the MATCH clause that is being bound: its first edge, and the variables of its edges.
  size_t group_begin = 0;
  absl::flat_hash_set<bound::VariableId> group_edges;

  void Add(const bound::Predicate& predicate) {
    predicates.push_back(predicate);
    has_volatile = has_volatile || predicate.condition->is_volatile;
  }
};

}  // namespace tidemark::query
