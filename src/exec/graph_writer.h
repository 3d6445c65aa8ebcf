// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace tidemark::exec {

// So many changes go together.
inline constexpr size_t kMaxChangeCount = 10'000;

enum class GraphChangeKind : uint8_t {
  kCreateVertex,         // labels, properties
  kCreateEdge,           // vertex = source, target, type, properties
  kSetVertexProperties,  // vertex, properties
  kSetEdgeProperties,    // edge, properties
  kSetLabels,            // vertex, labels = add, removed_labels
  kDeleteVertex,         // vertex, detach
  kDeleteEdge,           // edge
};

// A vertex by its id, or made by a change before in the same call.
struct ChangedVertex {
  VertexId id;
  int64_t created_by = -1;  // its number; -1: `id` counts
};

struct GraphChange {
  GraphChangeKind kind = GraphChangeKind::kCreateVertex;
  ChangedVertex vertex;
  ChangedVertex target;
  EdgeId edge;
  std::vector<std::string> labels;
  std::vector<std::string> removed_labels;
  std::string type;
  std::vector<std::pair<std::string, std::string>> properties;  // encoded; empty: removed
  bool detach = false;                                          // the vertex goes with its edges
};

// What a change has made.
struct CreatedElement {
  VertexId vertex;
  EdgeId edge;
  TypeId type;  // of the edge
};

// What operators that change the graph need of the transaction. Owner: the session.
class GraphWriter {
 public:
  virtual ~GraphWriter() = default;
  // Makes the changes one after the other, at most kMaxChangeCount; `done` is called once, within
  // the call or later, unless the writer is destroyed before. Errors: of the first change that
  // fails; the transaction is of no use then.
  virtual void Write(std::vector<GraphChange> changes,
                     std::function<void(absl::StatusOr<std::vector<CreatedElement>>)> done) = 0;
};

// What a statement has changed.
struct WriteCounters {
  int64_t vertices_created = 0;
  int64_t vertices_deleted = 0;
  int64_t edges_created = 0;
  int64_t edges_deleted = 0;
  int64_t properties_set = 0;
  int64_t labels_added = 0;
  int64_t labels_removed = 0;
};

}  // namespace tidemark::exec
