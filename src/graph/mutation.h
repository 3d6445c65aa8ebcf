// SPDX-License-Identifier: Apache-2.0
// `Mutation` is the one change record: storage emits it, the WAL and snapshots carry it, replay and
// load consume it. The byte format is documented in docs/formats/mutation.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/coding.h"
#include "base/ids.h"

namespace tidemark::graph {

// Values are part of the file format; never reuse one.
enum class MutationKind : uint8_t {
  kCreateVertex = 1,       // vertex, labels (ascending, none twice), bytes = property set
  kDeleteVertex = 2,       // vertex
  kAddLabel = 3,           // vertex, label
  kRemoveLabel = 4,        // vertex, label
  kSetVertexProperty = 5,  // vertex, key, bytes = encoded value; empty = removed
  kCreateEdge = 6,         // edge, vertex = source, target, type, sides, bytes = property set
  kDeleteEdge = 7,         // edge, vertex = source, target, type, sides
  kSetEdgeProperty = 8,    // edge, key, bytes = encoded value; empty = removed
  kClaimKey = 9,           // index, vertex = holder, bytes = index key
  kReleaseKey = 10,        // index, vertex = holder, bytes = index key
  kSchema = 11,            // bytes = encoded IndexDefinition
  kNextSequences = 12,     // slot, next_vertex, next_edge: snapshots only
  kCreateEdges = 13,       // vertex, type, sides (kOut or kIn: where vertex is), bytes = EdgeRun
};

// Which ends of an edge a mutation changes. The source's owner keeps the edge record and the
// out-entry (kOut), the target's owner the in-entry (kIn); one mutation with both when one shard
// owns both ends.
enum EdgeSides : uint8_t { kOut = 1, kIn = 2, kBoth = 3 };

// Of one vertex. A shard keeps every combination of labels that it has seen, and to change one
// takes time in proportion to it.
inline constexpr size_t kMaxLabelCount = 1'000;

// A flat record; which fields count depends on the kind (see above). Views point into the caller's
// bytes, `labels` of a decoded mutation into the reader. Threads: a value type.
struct Mutation {
  MutationKind kind = MutationKind::kCreateVertex;
  VertexId vertex;
  VertexId target;
  EdgeId edge;
  TypeId type;
  LabelId label;
  KeyId key;
  IndexId index;
  SlotId slot;
  uint8_t sides = 0;
  uint32_t next_vertex = 0;
  uint32_t next_edge = 0;
  absl::Span<const LabelId> labels;
  std::string_view bytes;
};

// Appends the encoded mutation. REQUIRES: the fields of its kind are valid (CHECKed).
void AppendMutation(const Mutation& mutation, std::string* out);

// Decodes a run of mutations. Allocates nothing per mutation. Does not own the bytes.
// Threads: one.
class MutationReader {
 public:
  explicit MutationReader(std::string_view bytes) : size_(bytes.size()), reader_(bytes) {}

  // Decodes the next mutation into `*mutation` and returns true; false at the end. A malformed
  // mutation is kDataLoss with its offset; every length, id and kind is checked against its bound,
  // property sets and values are validated. After an error the reader is at its end.
  absl::StatusOr<bool> Next(Mutation* mutation);

 private:
  size_t size_;
  ByteReader reader_;
  std::vector<LabelId> labels_;
};

// What is wrong with the fields that the kind uses; nullptr when nothing is.
const char* FindFault(const Mutation& mutation);

// One line for people: "create-edge 17:3 (4:1)-[:2]->(9:7) both {...}".
std::string DebugString(const Mutation& mutation);

}  // namespace tidemark::graph
