// SPDX-License-Identifier: Apache-2.0
// Patterns of the syntax tree.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "query/parser/ast_expression.h"

namespace tidemark::query {

// How often a part of a path may repeat: *1..3, {1,3}, +, *.
struct Repetition {
  int64_t min;
  int64_t max;  // kUnboundedRepetition: no upper bound
  Source source;
};
inline constexpr int64_t kUnboundedRepetition = -1;

enum class PathElementKind : uint8_t { kVertex, kEdge, kGroup };

// A part of a path. Vertices and edges alternate; a group may stand between vertices.
struct PathElement {
  PathElementKind kind;
  Source source;
};

template <typename T>
const T& As(const PathElement& element) {
  DCHECK(element.kind == T::kKind);
  return static_cast<const T&>(element);
}

// (variable:labels {properties} WHERE where)
struct VertexPattern : PathElement {
  static constexpr PathElementKind kKind = PathElementKind::kVertex;
  Name variable;
  LabelExpression* labels;  // nullptr: any
  Expression* properties;   // a map, a parameter or nullptr
  Expression* where;        // nullptr: none
};

enum class EdgeDirection : uint8_t {
  kOut,     // -->
  kIn,      // <--
  kEither,  // --
  kBoth,    // <-->, which means the same as -- where it is allowed
};

// -[variable:types*1..3 {properties} WHERE where]->{1,3}
struct EdgePattern : PathElement {
  static constexpr PathElementKind kKind = PathElementKind::kEdge;
  EdgeDirection direction;
  Name variable;
  LabelExpression* types;  // nullptr: any
  Repetition* length;      // nullptr: none behind the types
  Expression* properties;  // a map, a parameter or nullptr
  Expression* where;       // nullptr: none
  Repetition* quantifier;  // nullptr: none behind the arrow
};

// (path WHERE where){1,3}
struct PathGroup : PathElement {
  static constexpr PathElementKind kKind = PathElementKind::kGroup;
  PathPattern* path;
  Expression* where;       // nullptr: none
  Repetition* quantifier;  // nullptr: exactly once
};

enum class PathSelectorKind : uint8_t {
  kNone,
  kAll,             // ALL PATHS
  kAny,             // ANY count PATHS
  kShortest,        // SHORTEST count PATHS
  kShortestGroups,  // SHORTEST count GROUPS
  kAllShortest,     // ALL SHORTEST
  kAnyShortest,     // ANY SHORTEST
};

struct PathSelector {
  PathSelectorKind kind = PathSelectorKind::kNone;
  Expression* count = nullptr;  // an integer or a parameter; nullptr: 1
  Source source;
};

enum class ShortestFunction : uint8_t { kNone, kShortestPath, kAllShortestPaths };

// variable = selector path
struct PathPattern {
  Name variable;
  PathSelector selector;
  ShortestFunction function;  // the elements stand inside of shortestPath( )
  absl::Span<PathElement* const> elements;
  Source source;
};

enum class MatchMode : uint8_t { kDefault, kDifferentRelationships, kRepeatableElements };

enum class HintKind : uint8_t { kIndex, kRangeIndex, kTextIndex, kPointIndex, kScan, kJoin };

// USING INDEX variable:label(properties), USING SCAN variable:label, USING JOIN ON variables
struct Hint {
  HintKind kind;
  bool seek;  // USING INDEX SEEK
  Name label;
  absl::Span<const Name> variables;  // one but for kJoin
  absl::Span<const Name> properties;
  Source source;
};

// What MATCH and the short form of EXISTS { } hold.
struct MatchBlock {
  MatchMode mode;
  absl::Span<PathPattern* const> paths;
  absl::Span<const Hint> hints;
  Expression* where;  // nullptr: none
};

}  // namespace tidemark::query
