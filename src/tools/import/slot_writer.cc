// SPDX-License-Identifier: Apache-2.0
#include "tools/import/slot_writer.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::tools {

void AppendEdgeEnd(const graph::Mutation& mutation, std::string_view encoded, std::string* record) {
  const bool outgoing = mutation.sides == graph::kOut;
  const VertexId vertex = outgoing ? mutation.vertex : mutation.target;
  // Vertex, then outgoing before incoming, then type.
  const uint64_t order = uint64_t{vertex.sequence()} << 32 | uint64_t{!outgoing} << 31 |
                         std::min(mutation.type.value(), uint32_t{INT32_MAX});
  AppendFixed64(record, order);
  AppendBytes(record, encoded);
}

absl::Status SlotWriter::Write(std::string_view mutation) {
  if (!chunk_.empty() && chunk_.size() + mutation.size() > durability::kSnapshotChunkBytes) {
    RETURN_IF_ERROR(snapshot_->AddChunk(slot_, chunk_));
    chunk_.clear();
  }
  chunk_.append(mutation);
  return absl::OkStatus();
}

absl::Status SlotWriter::Finish() {
  return chunk_.empty() ? absl::OkStatus() : snapshot_->AddChunk(slot_, chunk_);
}

absl::Status SlotWriter::WriteNextSequences(uint32_t next_vertex, uint32_t next_edge) {
  std::string mutation;
  graph::AppendMutation({.kind = graph::MutationKind::kNextSequences,
                         .slot = slot_,
                         .next_vertex = next_vertex,
                         .next_edge = next_edge},
                        &mutation);
  return Write(mutation);
}

absl::Status SlotWriter::WriteVertices(SlotBuckets* vertices) {
  return vertices->ReadRuns(slot_, [this](std::string_view run) {
    ByteReader reader(run);
    while (!reader.done()) {
      RETURN_IF_ERROR(Write(reader.Bytes()));
    }
    CHECK(reader.ok());
    return absl::OkStatus();
  });
}

absl::Status SlotWriter::WriteEdges(SlotBuckets* edges, size_t sort_bytes) {
  if (edges->slot_bytes(slot_) > sort_bytes) {
    return edges->ReadRuns(slot_, [this](std::string_view run) { return WriteSorted(run); });
  }
  std::string all;
  all.reserve(edges->slot_bytes(slot_));
  RETURN_IF_ERROR(edges->ReadRuns(slot_, [&all](std::string_view run) {
    all.append(run);
    return absl::OkStatus();
  }));
  return WriteSorted(all);
}

absl::Status SlotWriter::WriteSorted(std::string_view run) {
  struct Item {
    uint64_t order;
    std::string_view mutation;
  };
  std::vector<Item> items;
  ByteReader reader(run);
  while (!reader.done()) {
    const uint64_t order = reader.Fixed64();
    items.push_back({order, reader.Bytes()});
  }
  CHECK(reader.ok());
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.order < b.order; });
  for (const Item& item : items) RETURN_IF_ERROR(Write(item.mutation));
  return absl::OkStatus();
}

}  // namespace tidemark::tools
