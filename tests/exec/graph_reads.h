// SPDX-License-Identifier: Apache-2.0
// Reads of a MiniCluster by the fragments that sessions send for clients of the typed interface.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "exec/operators/scan_page.h"
#include "graph/value.h"
#include "tests/exec/mini_cluster.h"

namespace tidemark::exec {

// What a page is of, and where it begins.
struct PageRequest {
  query::plan::PageSource source = query::plan::PageSource::kVertices;
  uint32_t name = 0;            // of a label, a type or an index
  std::vector<uint32_t> types;  // of kNeighbours
  query::plan::Direction direction = query::plan::Direction::kEither;
  VertexId vertex;
  std::string first_key;  // of kIndex
  std::string last_key;
  bool ids_only = false;
  int64_t limit = kMaxPageRowCount;
  std::string cursor;
};
PageRequest ScanLabel(LabelId label);  // LabelId(): all vertices
PageRequest ScanType(TypeId type);
PageRequest ScanAges(std::string first_key, std::string last_key);
PageRequest ExpandAll(VertexId vertex);

// A vertex or an edge; of a neighbour both.
struct ElementRow {
  VertexId vertex;
  std::vector<LabelId> labels;
  graph::EdgeRef edge;
  bool is_outgoing = false;
  std::string properties;
};
struct Page {
  std::vector<ElementRow> rows;
  std::string cursor;  // empty at the end
};

// At the owner of the vertex, or at `scan_worker` of the cluster.
absl::StatusOr<Page> ReadPage(MiniCluster* cluster, const MiniCluster::Tx& tx,
                              const PageRequest& request);
// By one fragment. REQUIRES: they are of one worker, and differ in their rows alone: in the vertex,
// the keys, the limit and the cursor.
absl::StatusOr<std::vector<Page>> ReadPages(MiniCluster* cluster, const MiniCluster::Tx& tx,
                                            const std::vector<PageRequest>& requests);

// Nothing when there is no such element for the transaction; the reads must work.
std::optional<ElementRow> GetVertex(MiniCluster* cluster, const MiniCluster::Tx& tx,
                                    VertexId vertex);
std::optional<ElementRow> GetEdge(MiniCluster* cluster, const MiniCluster::Tx& tx, EdgeId edge);
// The person with the name, by the unique key; invalid when there is none.
VertexId FindName(MiniCluster* cluster, const MiniCluster::Tx& tx, std::string_view name);

}  // namespace tidemark::exec
