// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "storage/adjacency/group_scan.h"
#include "storage/graph_state.h"
#include "storage/shard.h"

namespace tidemark::storage {

// Reads of one version of the graph. Threads: one. Errors: none but those of class Shard.
class GraphReader {
 public:
  explicit GraphReader(GraphState* state) : state_(*state) {}

  std::optional<VertexView> GetVertex(View view, VertexId vertex) const;
  void GetVertices(View view, absl::Span<const VertexId> vertices,
                   std::vector<VertexImage>* out) const;
  std::optional<EdgeView> GetEdge(View view, EdgeId edge) const;
  bool Expand(View view, const Expansion& expansion, Shard::Cursor* cursor,
              std::vector<Neighbour>* out) const;
  void ExpandBatch(View view, const BatchExpansion& expansion, Shard::BatchCursor* cursor,
                   NeighbourColumns* out) const;
  bool Degrees(View view, const BatchDegree& wanted, Shard::BatchCursor* cursor, int64_t* units,
               absl::Span<uint64_t> degrees) const;
  void ScanLabel(View view, LabelId label, size_t max_count, Shard::Cursor* cursor,
                 std::vector<VertexId>* out) const;
  void ScanEdgeType(View view, TypeId type, size_t max_count, Shard::Cursor* cursor,
                    std::vector<EdgeEnds>* out) const;
  int64_t Count(View view, CountKey key) const;
  absl::Status ScanIndex(View view, const IndexRange& range, Shard::Cursor* cursor,
                         std::vector<VertexId>* out) const;

 private:
  // In Cursor::part of an expansion: the reader's own outgoing edges, after everything committed;
  // its incoming ones are the next part.
  static constexpr uint64_t kOwnPart = uint64_t{1} << 32;

  struct ExpandStep;
  // The edges of one type that leave a vertex.
  struct Source {
    TypeId type;
    VertexId vertex;
  };
  // What the reader sees of a vertex; !exists when nothing.
  Image ImageOf(View view, VertexId vertex) const;
  void ScanAll(View view, size_t max_count, Shard::Cursor* cursor,
               std::vector<VertexId>* out) const;
  // False when it stopped before the end of the group.
  bool ExpandGroup(const ExpandStep& step, const AdjacencyGroup& group,
                   Shard::Cursor* cursor) const;
  bool ExpandOwn(const ExpandStep& step, bool incoming, Shard::Cursor* cursor) const;
  struct BatchStep;
  // Fetches what the next vertices of a batch need, in stages: page, record, array.
  void PrefetchWindow(const BatchStep& step, absl::Span<const VertexId> window) const;
  // Each false when the batch is full before the end of the vertex, the group, the own edges.
  bool ExpandOneOfBatch(BatchStep* step, VertexId vertex, Shard::Cursor* cursor) const;
  bool CopyGroup(BatchStep* step, VertexId vertex, const AdjacencyGroup& group,
                 Shard::Cursor* cursor) const;
  // With the ids of the edges.
  bool CopyEdges(BatchStep* step, VertexId vertex, const AdjacencyGroup& group,
                 Shard::Cursor* cursor) const;
  // Where the reader has removed edges: many are looked up entry by entry.
  void FilterGroup(BatchStep* step, VertexId vertex, const AdjacencyGroup& group,
                   const Transaction::RemovedAt& removed, Shard::Cursor* cursor) const;
  bool CopyOwn(BatchStep* step, VertexId vertex, bool incoming, Shard::Cursor* cursor) const;
  struct DegreeStep;
  // Each false when units run out before the end of the vertex, the group.
  bool CountOne(const DegreeStep& step, VertexId vertex, Shard::Cursor* cursor,
                uint64_t* degree) const;
  bool CountGroup(const DegreeStep& step, const AdjacencyGroup& group, Shard::Cursor* cursor,
                  uint64_t* degree) const;
  bool ScanSource(View view, const Source& source, size_t max_count, Shard::Cursor* cursor,
                  std::vector<EdgeEnds>* out) const;
  void ScanOwnInserts(View view, TypeId type, size_t max_count, Shard::Cursor* cursor,
                      std::vector<EdgeEnds>* out) const;

  GraphState& state_;
};

// The first vertex in use >= `from` of any owned slot, looking at no more than `*units` records;
// when units run out the id to go on with, nullopt at the end.
std::optional<VertexId> NextVertex(const VertexStore& vertices, VertexId from, int64_t* units);

}  // namespace tidemark::storage
