// SPDX-License-Identifier: Apache-2.0
// What a transaction changes at one worker. Names are ids, property sets and values encoded.
// change_rows.h has the rows of batches in which changes and their answers travel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace tidemark::exec {

// Values are part of the format of rows; never reuse one.
enum class ChangeKind : uint8_t {
  kCreateVertex = 1,         // slot or none, labels, bytes = property set
  kDeleteVertex = 2,         // vertex, detach = its edges too, cursor (follow-ups only)
  kSetLabel = 3,             // vertex, label, present
  kSetVertexProperties = 4,  // vertex, bytes = PackProperties; unique keys change once, behind all
  kCreateEdge = 5,           // vertex = source, target, type, bytes = property set
  kDeleteEdge = 6,           // edge, detach = follow-up of a detach delete: the target's owner has
                             // done its side already; runs at the source's owner
  kSetEdgeProperties = 7,    // edge, bytes = PackProperties
  kLinkTarget = 8,    // follow-up: edge, vertex = source, target, type; at the target's owner
  kUnlinkTarget = 9,  // follow-up: as kLinkTarget; no effect when the entry is gone
  kChangeKey = 10,    // follow-up: index, vertex, bytes = index key, present = claim
  kValidate = 11,     // checks existence constraints of what the transaction wrote here
  kTouchVertex = 12,  // vertex: changes nothing, conflicts with every other writer of it
  kKeysLater = 13,    // what the changes behind it claim and release becomes follow-ups, also
                      // where this worker keeps the key
};

// One change; which fields count depends on the kind. A value type.
struct Change {
  ChangeKind kind = ChangeKind::kValidate;
  VertexId vertex;
  VertexId target;
  EdgeId edge;
  LabelId label;
  TypeId type;
  IndexId index;
  std::optional<SlotId> slot;
  bool detach = false;
  bool present = false;
  std::vector<LabelId> labels;
  std::string bytes;
  std::string cursor;
};

// The slot whose owner must make the change; nullopt when any worker may (kCreateVertex without a
// slot) or every worker must (kValidate, kKeysLater).
std::optional<SlotId> SlotOf(const Change& change);

// "create edge", for messages.
std::string_view KindName(ChangeKind kind);

// Properties that one change sets, by their keys; an empty value removes.
using PropertyChange = std::pair<KeyId, std::string_view>;
std::string PackProperties(const std::vector<PropertyChange>& properties);
// The values are views of `bytes`. kInvalidArgument when malformed.
absl::StatusOr<std::vector<PropertyChange>> UnpackProperties(std::string_view bytes);

// What came of the change in row `cause` of a request: a vertex or an edge that it has made
// (kCreateVertex and kCreateEdge with the id alone), or a follow-up: what an owner, mostly another
// one, must do in the same transaction before it may commit.
struct ChangeOutput {
  size_t cause = 0;
  Change change;

  bool is_made() const {
    return change.kind == ChangeKind::kCreateVertex || change.kind == ChangeKind::kCreateEdge;
  }
};

inline constexpr size_t kMaxCursorBytes = 9000;  // an index key and two numbers
#ifdef TIDEMARK_TINY_LIMITS
// A detach delete goes on in a follow-up of its own when the request has so many follow-ups.
inline constexpr size_t kMaxDetachFollowUpCount = 8;
#else
inline constexpr size_t kMaxDetachFollowUpCount = 2'000;
#endif

}  // namespace tidemark::exec
