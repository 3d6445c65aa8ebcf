// SPDX-License-Identifier: Apache-2.0
// What a session asks a worker to do within a transaction, and what comes back. Names are ids,
// property sets and values encoded. The byte coding (wire::Execute.operations and
// wire::Executed.results) is documented in docs/formats/operations.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Values are part of the wire format; never reuse one.
enum class OperationKind : uint8_t {
  kCreateVertex = 1,       // slot or none, labels, bytes = property set. Result: vertex
  kDeleteVertex = 2,       // vertex, detach
  kSetLabel = 3,           // vertex, label, present
  kSetVertexProperty = 4,  // vertex, key, bytes = encoded value or empty = remove
  kCreateEdge = 5,         // vertex = source, target, type, bytes = property set. Result: edge
  kDeleteEdge = 6,         // edge; runs at the source's owner
  kSetEdgeProperty = 7,    // edge, key, bytes
  kLinkTarget = 8,         // follow-up: edge, vertex = source, target, type; at the target's owner
  kUnlinkTarget = 9,       // follow-up: as kLinkTarget
  kChangeKey = 10,         // follow-up: index, vertex, bytes = index key, present = claim
  kValidate = 11,          // checks existence constraints of what the transaction wrote here
  kTouchVertex = 12,       // vertex: changes nothing, conflicts with every other writer of it
  kGetVertex = 20,         // vertex. Result: vertices
  kGetEdge = 21,           // edge. Result: edges
  kScanLabel = 22,         // label or 0, limit, cursor, ids_only. Result: vertices, cursor
  kScanType = 23,          // type, limit, cursor. Result: edges (without properties), cursor
  kScanIndex = 24,         // index, bytes = first key, last_key (excluded), limit, cursor.
                           // Result: vertices, cursor
  kFindKey = 25,           // index, bytes = key. Result: vertex, or none; at the key's owner
  kExpand = 26,            // vertex, direction, types, limit, cursor. Result: neighbours, cursor
};

// One operation; which fields count depends on the kind. A value type.
struct Operation {
  OperationKind kind = OperationKind::kGetVertex;
  VertexId vertex;
  VertexId target;
  EdgeId edge;
  LabelId label;
  TypeId type;
  KeyId key;
  IndexId index;
  std::optional<SlotId> slot;
  bool detach = false;
  bool present = false;
  bool ids_only = false;
  storage::Direction direction = storage::Direction::kAny;
  std::vector<LabelId> labels;
  std::vector<TypeId> types;
  std::string bytes;
  std::string last_key;
  std::string cursor;
  uint32_t limit = 0;
};

// True for kinds that change something.
constexpr bool IsWrite(OperationKind kind) { return kind < OperationKind::kGetVertex; }

// The slot whose owner must run the operation; nullopt when any worker may (kCreateVertex without
// a slot) or every worker has a part of the answer (scans), or must (kValidate).
std::optional<SlotId> SlotOf(const Operation& operation);

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

struct OperationResult {
  VertexId vertex;
  EdgeId edge;
  std::vector<VertexRow> vertices;
  std::vector<EdgeRow> edges;
  std::vector<NeighbourRow> neighbours;
  std::string cursor;  // not empty: there is more
};

// The answer to a batch: a result per operation, and what other owners must do in the same
// transaction before it may commit (each with a slot of its own, SlotOf).
struct BatchResult {
  std::vector<OperationResult> results;
  std::vector<Operation> follow_ups;
};

inline constexpr size_t kMaxBatchBytes = 32 << 20;
inline constexpr size_t kMaxBatchOperationCount = 200'000;
// A scan or expansion stops here and gives a cursor.
inline constexpr size_t kMaxResultBytes = 1 << 20;
inline constexpr uint32_t kMaxRowCount = 10'000;

std::string EncodeBatch(absl::Span<const Operation> operations);
// kInvalidArgument when malformed or beyond a limit.
absl::StatusOr<std::vector<Operation>> DecodeBatch(std::string_view bytes);
std::string EncodeBatchResult(const BatchResult& result);
absl::StatusOr<BatchResult> DecodeBatchResult(std::string_view bytes);

}  // namespace tidemark::exec
