// SPDX-License-Identifier: Apache-2.0
// Operations as a client gives them: names are texts, property values encoded
// (graph/value_coding.h).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "storage/shard.h"

namespace tidemark::session {

inline constexpr size_t kMaxBatchOperationCount = 100'000;

enum class OperationKind : uint8_t {
  kCreateVertex,         // labels, properties
  kCreateEdge,           // vertex = source, target, types[0], properties
  kSetVertexProperties,  // vertex, properties
  kSetEdgeProperties,    // edge, properties
  kSetLabels,            // vertex, labels = add, removed_labels
  kDeleteVertex,         // vertex, detach
  kDeleteEdge,           // edge
  kGetVertex,            // vertex
  kGetEdge,              // edge
  kLookup,               // index_name or labels[0] + keys; one of equal, range, prefix
  kScanLabel,            // labels[0] or none; ids_only
  kScanType,             // types[0]
  kExpand,               // vertex, direction, types
};

enum class OperationClass : uint8_t { kRead, kWrite, kDelete };

constexpr OperationClass ClassOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kGetVertex:
    case OperationKind::kGetEdge:
    case OperationKind::kLookup:
    case OperationKind::kScanLabel:
    case OperationKind::kScanType:
    case OperationKind::kExpand:
      return OperationClass::kRead;
    case OperationKind::kDeleteVertex:
    case OperationKind::kDeleteEdge:
      return OperationClass::kDelete;
    case OperationKind::kCreateVertex:
    case OperationKind::kCreateEdge:
    case OperationKind::kSetVertexProperties:
    case OperationKind::kSetEdgeProperties:
    case OperationKind::kSetLabels:
      break;
  }
  return OperationClass::kWrite;
}

// A vertex by id, or made by an earlier operation of the same batch.
struct VertexRef {
  VertexId id;
  int64_t created_by = -1;  // position in the batch; -1 = `id` counts
};

enum class LookupKind : uint8_t { kEqual, kRange, kPrefix };

// A named value; an empty encoding = null = remove.
using NamedValue = std::pair<std::string, std::string>;

// One operation; which fields count depends on the kind.
struct Operation {
  OperationKind kind = OperationKind::kGetVertex;
  VertexRef vertex;
  VertexRef target;
  EdgeId edge;
  std::vector<std::string> labels;
  std::vector<std::string> removed_labels;
  std::vector<std::string> types;
  std::vector<NamedValue> properties;
  bool detach = false;
  bool ids_only = false;
  storage::Direction direction = storage::Direction::kAny;
  LookupKind lookup = LookupKind::kEqual;
  std::string index_name;
  std::vector<std::string> keys;
  std::vector<std::string> equal;  // encoded values, one per key
  std::string range_first;         // encoded; empty = open
  std::string range_last;
  std::string prefix;
  uint32_t limit = 0;  // 0 = exec::kMaxPageRowCount
  std::string cursor;
};

struct VertexRow {
  VertexId id;
  std::vector<LabelId> labels;
  std::string properties;  // packed
};
struct EdgeRow {
  EdgeId id;
  VertexId source;
  VertexId target;
  TypeId type;
  std::string properties;  // packed
};
struct NeighbourRow {
  VertexId vertex;
  EdgeId edge;
  TypeId type;
  bool outgoing = false;
};

// What one operation gave. Ids of labels, types and keys are those of Backend::names().
struct OperationResult {
  VertexId vertex;  // created
  EdgeId edge;
  std::vector<VertexRow> vertices;
  std::vector<EdgeRow> edges;
  std::vector<NeighbourRow> neighbours;
  std::string cursor;  // not empty: there is more
};

inline size_t RowCount(const OperationResult& result) {
  return result.vertices.size() + result.edges.size() + result.neighbours.size();
}

// kNotFound for an id that no element can have.
inline absl::Status CheckVertex(VertexId id) {
  if (id.valid()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no vertex ", id.value()));
}
inline absl::Status CheckEdge(EdgeId id) {
  if (id.valid()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no edge ", id.value()));
}

}  // namespace tidemark::session
