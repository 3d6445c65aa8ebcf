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
  kDeleteVertex = 2,       // vertex, detach = its edges too, cursor (follow-ups only)
  kSetLabel = 3,           // vertex, label, present
  kSetVertexProperty = 4,  // vertex, key, bytes = encoded value or empty = remove, more = the next
                           // operation of the batch belongs to the same change of the vertex
  kCreateEdge = 5,         // vertex = source, target, type, bytes = property set. Result: edge
  kDeleteEdge = 6,         // edge, detach = follow-up of a detach delete: the target's owner has
                           // done its side already; runs at the source's owner
  kSetEdgeProperty = 7,    // edge, key, bytes
  kLinkTarget = 8,         // follow-up: edge, vertex = source, target, type; at the target's owner
  kUnlinkTarget = 9,       // follow-up: as kLinkTarget; no effect when the entry is gone
  kChangeKey = 10,         // follow-up: index, vertex, bytes = index key, present = claim
  kValidate = 11,          // checks existence constraints of what the transaction wrote here
  kTouchVertex = 12,       // vertex: changes nothing, conflicts with every other writer of it
  kKeysLater = 13,         // what the operations behind it in the batch claim and release becomes
                           // follow-ups, also where this worker keeps the key
  kGetVertex = 20,         // vertex. Result: vertices, none when there is no such vertex
  kGetEdge = 21,           // edge. Result: edges, none when there is no such edge
  kScanLabel = 22,         // label or 0, limit, cursor, ids_only. Result: vertices, cursor
  kScanType = 23,          // type, limit, cursor. Result: edges, cursor
  kScanIndex = 24,         // index, bytes = first key, last_key (excluded), limit, cursor.
                           // Result: vertices, cursor
  kFindKey = 25,           // index, bytes = key. Result: vertex, or none; at the key's owner
  kExpand = 26,            // vertex, direction, types, limit, cursor. Result: neighbours, cursor;
                           // none when there is no such vertex
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
  bool more = false;
  storage::Direction direction = storage::Direction::kAny;
  std::vector<LabelId> labels;
  std::vector<TypeId> types;
  std::string bytes;
  std::string last_key;
  std::string cursor;
  uint32_t limit = 0;  // rows; 0 = kMaxRowCount
};

// True for kinds that change something.
constexpr bool IsWrite(OperationKind kind) { return kind < OperationKind::kGetVertex; }

// The slot whose owner must run the operation; nullopt when any worker may (kCreateVertex without
// a slot) or every worker has a part of the answer (scans), or must (kValidate, kKeysLater).
std::optional<SlotId> SlotOf(const Operation& operation);

// "create edge", for messages.
std::string_view KindName(OperationKind kind);

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

// What an owner, mostly another one, must do in the same transaction before it may commit.
struct FollowUp {
  size_t cause = 0;     // the number of the operation of the batch that asks for it
  Operation operation;  // with a slot of its own, SlotOf
};

// The answer to a batch: a result per operation, and the follow-ups in the order of their causes.
struct BatchResult {
  std::vector<OperationResult> results;
  std::vector<FollowUp> follow_ups;
};

inline constexpr size_t kMaxBatchBytes = 32 << 20;
inline constexpr size_t kMaxBatchOperationCount = 200'000;
inline constexpr size_t kMaxFollowUpCount = 1'000'000;
inline constexpr size_t kMaxTypeFilterCount = 1024;
inline constexpr size_t kMaxCursorBytes = 9000;  // an index key and two numbers
// All results and follow-ups of a batch together; a batch that would give more is refused.
inline constexpr size_t kMaxBatchResultBytes = 32 << 20;
// A scan or expansion stops here and gives a cursor.
#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxResultBytes = 512;
inline constexpr uint32_t kMaxRowCount = 100;
// A detach delete goes on in a follow-up of its own when the batch has so many follow-ups.
inline constexpr size_t kMaxDetachFollowUpCount = 8;
#else
inline constexpr size_t kMaxResultBytes = 64 << 10;
inline constexpr uint32_t kMaxRowCount = 1'024;
inline constexpr size_t kMaxDetachFollowUpCount = 2'000;
#endif

// One line for people: "create edge vertex=4:1 target=9:7 type=2 bytes=0181"; every field that is
// encoded is in it.
std::string DebugString(const Operation& operation);
std::string DebugString(const OperationResult& result);

std::string EncodeBatch(absl::Span<const Operation> operations);
// kInvalidArgument when malformed or beyond a limit: every id, length and value is checked.
absl::StatusOr<std::vector<Operation>> DecodeBatch(std::string_view bytes);
std::string EncodeBatchResult(const BatchResult& result);
// kInvalidArgument as above.
absl::StatusOr<BatchResult> DecodeBatchResult(std::string_view bytes);

}  // namespace tidemark::exec
