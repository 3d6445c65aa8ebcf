// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "query/binder/bound.h"

namespace tidemark::query {

// The variables of a statement, and those that the planner adds behind them.
// Owner: MakePlan. Threads: one.
class PlanVariables {
 public:
  explicit PlanVariables(const bound::Statement& statement)
      : statement_(statement), next_(static_cast<bound::VariableId>(statement.variables.size())) {}

  const bound::Variable& Of(bound::VariableId variable) const {
    return variable < statement_.variables.size() ? statement_.variables[variable]
                                                  : added_[variable - statement_.variables.size()];
  }
  CypherType TypeOf(bound::VariableId variable) const { return Of(variable).type; }
  bound::VariableId Add(bound::VariableKind kind, CypherType type, Source source) {
    added_.push_back({{}, kind, type, source});
    return next_++;
  }

  // Certainly a vertex or null, an edge or null.
  bool IsVertex(bound::VariableId variable) const { return IsOnly(TypeOf(variable), kVertexType); }
  bool IsEdge(bound::VariableId variable) const { return IsOnly(TypeOf(variable), kEdgeType); }
  bool IsNullable(bound::VariableId variable) const { return TypeOf(variable).is_nullable(); }
  // Whether elements may stand in its values, at any depth. They come from the graph alone: what is
  // computed from variables without elements has none.
  bool MayHoldElements(bound::VariableId variable) const;
  void NoteComputed(bound::VariableId variable, const bound::Expression& expression);
  void NoteWithoutElements(bound::VariableId variable) { plain_.insert(variable); }

  // As people know it; empty for what has no name in the statement.
  std::string NameOf(bound::VariableId variable) const { return std::string(Of(variable).name); }
  // The same, but never empty.
  std::string TextOf(bound::VariableId variable) const;

 private:
  static bool IsOnly(CypherType type, CypherType kind) {
    return !type.is_empty() && type.IsIn(kind);
  }

  const bound::Statement& statement_;
  std::vector<bound::Variable> added_;
  absl::flat_hash_set<bound::VariableId> plain_;  // without elements, whatever their type says
  bound::VariableId next_;
};

// Whether values of the type are elements or may have some in them.
bool MayHoldElements(CypherType type);

}  // namespace tidemark::query
