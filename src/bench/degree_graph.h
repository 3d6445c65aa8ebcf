// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "bench/expansion.h"
#include "storage/shard.h"

namespace tidemark::bench {

// A shard of vertices that all have as many outgoing edges, to random ones of `target_count`
// vertices. The edges came in random order, as a graph grows.
// Owner: a suite. Threads: one.
class DegreeGraph {
 public:
  // `vertex_count` vertices with `degree` edges each; there are at least `target_count` vertices.
  struct Shape {
    uint32_t vertex_count = 0;
    uint32_t degree = 0;
    uint32_t target_count = 0;
  };
  explicit DegreeGraph(const Shape& shape);

  storage::Shard* shard() { return &shard_; }
  const Shape& shape() const { return shape_; }
  uint64_t edge_count() const { return uint64_t{shape_.vertex_count} * shape_.degree; }
  // Those with edges come first.
  const std::vector<VertexId>& vertices() const { return vertices_; }
  // Of each vertex with edges: one of them, from the middle.
  const std::vector<EdgeId>& middle_edges() const { return middle_edges_; }
  // The outgoing edges as they were made.
  Csr MakeCsr() const;

  storage::View Reader() const { return {shard_.applied(), TxId()}; }
  // A new transaction.
  storage::View Begin();
  void Commit(TxId tx);
  // Deletes the middle edge of each vertex; nothing passes the horizon.
  void DeleteMiddleEdges();
  // Lets the horizon pass and takes out all garbage.
  void Collect();

 private:
  void CreateVertices();
  void CreateEdges();

  const Shape shape_;
  storage::Shard shard_;
  std::vector<VertexId> vertices_;
  std::vector<uint32_t> targets_;  // by source: `degree` each
  std::vector<EdgeId> middle_edges_;
  uint64_t csn_ = 0;
  uint64_t next_tx_ = 1;
};

}  // namespace tidemark::bench
