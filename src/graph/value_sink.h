// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/value.h"

namespace tidemark::graph {

// A vertex as a client sees it, without its properties. The texts live until EndVertex.
struct VertexHead {
  VertexId vertex;
  absl::Span<const std::string_view> labels;
  size_t property_count = 0;
};

// An edge likewise.
struct EdgeHead {
  EdgeRef edge;
  std::string_view type;
  size_t property_count = 0;
};

// Takes values one after the other, each as one call or as a row of calls: whoever has a value in
// whatever form hands it to an encoder without making a copy first.
//
//   list       BeginList(n), then n values
//   map        BeginMap(n), then n times Key and a value
//   vertex     BeginVertex, its properties (property_count times Key and a value), EndVertex
//   edge       BeginEdge, its properties, EndEdge
//   path       BeginPath, then each vertex and after them each edge that DistinctVertices and
//              DistinctEdges name, in that order, EndPath
//
// Elements do not lie in properties, and paths not in paths. Texts are UTF-8 and are read within
// the call.
// Owner: the encoder. Threads: one. Errors: none; an encoder that has no room says so elsewhere.
class ValueSink {
 public:
  virtual ~ValueSink() = default;

  virtual void Null() = 0;
  virtual void Boolean(bool value) = 0;
  virtual void Integer(int64_t value) = 0;
  virtual void Float(double value) = 0;
  virtual void String(std::string_view text) = 0;
  virtual void Bytes(std::string_view bytes) = 0;
  virtual void Of(const Date& date) = 0;
  virtual void Of(const LocalTime& time) = 0;
  virtual void Of(const LocalDateTime& time) = 0;
  virtual void Of(const Time& time) = 0;
  virtual void Of(const DateTime& time) = 0;
  virtual void Of(const Duration& duration) = 0;
  virtual void Of(const Point& point) = 0;

  virtual void BeginList(size_t count) = 0;
  virtual void BeginMap(size_t count) = 0;
  virtual void Key(std::string_view key) = 0;

  virtual void BeginVertex(const VertexHead& head) = 0;
  virtual void EndVertex() = 0;
  virtual void BeginEdge(const EdgeHead& head) = 0;
  virtual void EndEdge() = 0;
  // `path` lives until EndPath. REQUIRES: IsValid(path).
  virtual void BeginPath(const Path& path) = 0;
  virtual void EndPath() = 0;

  // It takes no more: what was written is of no use, and the writer may stop anywhere.
  virtual bool is_full() const { return false; }
};

// The vertices and edges of a path, each once, in the order in which they come first.
std::vector<VertexId> DistinctVertices(const Path& path);
std::vector<EdgeRef> DistinctEdges(const Path& path);

// Hands over a value. REQUIRES: no vertex, edge or path in it, because a Value knows only their
// ids.
void WriteValue(const Value& value, ValueSink* sink);

}  // namespace tidemark::graph
