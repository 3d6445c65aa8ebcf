// SPDX-License-Identifier: Apache-2.0
// Bound patterns: what MATCH, pattern predicates and pattern comprehensions look for, as a graph of
// vertices and edges with conditions, and what CREATE and MERGE make.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "query/binder/bound_expression.h"

namespace tidemark::query::bound {

// A condition that must be true; the conditions of a list are joined by AND. A pattern's properties
// {k: v} are conditions variable.k = v.
struct Predicate {
  const Expression* condition;
  absl::Span<const VariableId> uses;  // its variables from outside of it, ascending
};

// A vertex of the graph; each variable is there once, however often it is written.
struct PatternVertex {
  VariableId variable;
  // It has a value before the pattern is looked for. Null matches nothing.
  bool is_bound;
  absl::Span<const Name> labels;  // it has all of these
  Source source;
};

// Where an edge points, seen from its `left` end.
enum class PatternDirection : uint8_t { kOut, kIn, kEither };

inline constexpr int64_t kUnbounded = -1;

struct PatternEdge {
  // The edge; with a length the list of edges, left to right.
  VariableId variable;
  bool is_bound;  // as of a vertex; with a length its list must also fit the bounds
  PatternDirection direction;
  bool has_length;  // -[*min..max]-
  uint32_t left;    // indexes into QueryGraph::vertices, in the order as written
  uint32_t right;
  absl::Span<const Name> types;  // it has one of these; empty: any
  int64_t min_length;
  int64_t max_length;  // kUnbounded: no bound. Less than min: no match
  VariableId element;  // with a length: each of its edges, in element_predicates
  absl::Span<const Predicate> element_predicates;  // hold for every edge
  Source source;
};

// p = (a)-[r]->(b): vertices[i] and edges[i] by turns, one edge fewer; indexes into the graph.
struct PathVariable {
  VariableId variable;
  absl::Span<const uint32_t> vertices;
  absl::Span<const uint32_t> edges;
};

// Patterns that hold together. The patterns of neighbouring MATCH clauses are one graph.
struct QueryGraph {
  absl::Span<const PatternVertex> vertices;
  absl::Span<const PatternEdge> edges;
  absl::Span<const PathVariable> paths;
  absl::Span<const Predicate> predicates;
  // Groups of edges (indexes) that are all different, those within lists too; groups of one edge
  // with a length count as well. An edge is in one group: that of its MATCH clause.
  absl::Span<const absl::Span<const uint32_t>> all_different;
  absl::Span<const VariableId> arguments;  // used here, and bound outside of it; ascending
};

struct PropertyEntry {
  Name key;
  const Expression* value;
};

// The properties that an element gets: entries, or everything of a map; null sets nothing.
struct NewProperties {
  absl::Span<const PropertyEntry> entries;
  const Expression* map;  // nullptr: the entries
};

enum class NewElementKind : uint8_t { kVertex, kEdge, kBoundVertex };

// A vertex or an edge that is made. kBoundVertex is one that exists: an end of edges, which must
// not be null.
struct NewElement {
  NewElementKind kind;
  VariableId variable;
  absl::Span<const Name> labels;  // of a vertex
  Name type;                      // of an edge
  VariableId source_vertex;       // of an edge: the vertices it runs between
  VariableId target_vertex;
  NewProperties properties;
  Source source;
};

// p = ..., of CREATE and MERGE: its elements, by turns from left to right.
struct NewPath {
  VariableId variable;
  absl::Span<const VariableId> vertices;
  absl::Span<const VariableId> edges;
};

}  // namespace tidemark::query::bound
