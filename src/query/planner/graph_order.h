// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "query/binder/bound_pattern.h"
#include "query/planner/index_choice.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {

// In which order the parts of a pattern are looked for: greedily, next the edge at known vertices
// that multiplies the rows least; without one the vertex that is found most cheaply. Conditions are
// tested as soon as their variables are there; those that may raise, and those that look for
// something in the graph themselves, behind everything else.
// Owner: the StepBuilder, for one pattern. Threads: one.
class GraphOrder {
 public:
  GraphOrder(const bound::QueryGraph& graph, StepBuilder* builder, Pipeline* steps);

  absl::Status Run();

 private:
  // How a vertex is found that no edge leads to, or an edge with both its ends.
  struct Start {
    uint32_t vertex = 0;
    std::optional<uint32_t> edge;
    std::optional<SeekChoice> seek;
    double cost = 0;
  };

  absl::Status AddBoundVertices();
  // Makes the ends of an edge known that has a value already.
  absl::Status AddEndsOf(const bound::PatternEdge& edge);
  absl::Status AddStart(const Start& start);
  absl::Status AddEdgeStart(const Start& start);
  absl::Status AddEdge(uint32_t index);
  absl::Status AddPaths();
  // What is known of a vertex from its labels on.
  absl::Status ComputeForSeek(const bound::Expression** value);
  void AddLabels(const bound::PatternVertex& vertex, absl::Span<const bound::Name> labels);
  void AddDifferent(uint32_t index, bound::VariableId variable);
  // Tests what can be tested by now.
  absl::Status AddReady();
  // Tests the rest.
  absl::Status AddLast();

  std::optional<uint32_t> NextEdge() const;
  std::optional<uint32_t> BoundEdgeWithoutEnds() const;
  // The conditions that are not tested yet.
  struct OpenPredicates {
    std::vector<bound::Predicate> predicates;
    std::vector<size_t> numbers;
  };
  OpenPredicates Open() const;
  bool IsArgument(bound::VariableId variable) const;
  Start StartAt(uint32_t vertex) const;
  std::optional<Start> StartAtEdge(uint32_t edge) const;
  Start BestStart() const;
  std::optional<Start> UniqueEndOf(const bound::PatternEdge& edge) const;
  // How many rows come of one.
  double FactorOf(const bound::PatternEdge& edge) const;
  // The part of the rows that passes the conditions on a variable and others that are known.
  double SelectivityOf(bound::VariableId variable, absl::Span<const size_t> answered) const;
  std::vector<bound::VariableId> OthersInGroup(uint32_t index) const;
  Step MakeExpand(const bound::PatternEdge& edge) const;
  absl::Status MakeTrail(uint32_t index, Step* step);

  bool IsKnown(bound::VariableId variable) const { return known_.contains(variable); }
  bool IsEarly(const bound::Predicate& predicate) const;
  bool IsReady(const bound::Predicate& predicate) const;
  bool IsReadyInside(const bound::PatternEdge& edge, const bound::Predicate& predicate) const;
  bound::VariableId LeftOf(const bound::PatternEdge& edge) const {
    return graph_.vertices[edge.left].variable;
  }
  bound::VariableId RightOf(const bound::PatternEdge& edge) const {
    return graph_.vertices[edge.right].variable;
  }

  // The conditions of the pattern. Those of an edge with a length on each of its edges are tested
  // while they are walked; when they use what is found later, they become conditions on the list of
  // the edges. x IN $list raises when that is no list: such a condition becomes
  // two, an early one that holds then, and a late one that raises.
  void TakePredicates();

  const bound::QueryGraph& graph_;
  StepBuilder* const builder_;
  Pipeline* const steps_;
  absl::flat_hash_set<bound::VariableId> known_;
  std::vector<bool> edge_done_;
  std::vector<bound::VariableId> edge_variables_;  // which the edges have in the rows
  std::vector<bound::Predicate> predicates_;
  std::vector<bool> predicate_done_;
};

}  // namespace tidemark::query
