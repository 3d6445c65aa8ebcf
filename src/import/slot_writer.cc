// SPDX-License-Identifier: Apache-2.0
#include "import/slot_writer.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::csv_import {

namespace {

// What a slot's edge ends are put in order by: vertex, outgoing before incoming, type.
constexpr uint64_t kIncomingBit = uint64_t{1} << 31;
constexpr uint32_t kMaxTypeId = kIncomingBit - 1;

bool IsOutgoing(uint64_t order) { return (order & kIncomingBit) == 0; }

}  // namespace

// Fixed 64: order, edge, vertex at the other end; outgoing: bytes: properties.
void AppendEdgeEnd(const NewEdge& edge, EdgeId id, graph::EdgeSides side, std::string* record) {
  CHECK_LE(edge.type.value(), kMaxTypeId);
  const bool outgoing = side == graph::kOut;
  const VertexId vertex = outgoing ? edge.source : edge.target;
  const VertexId other = outgoing ? edge.target : edge.source;
  AppendFixed64(record, uint64_t{vertex.sequence()} << 32 | (outgoing ? 0 : kIncomingBit) |
                            edge.type.value());
  AppendFixed64(record, id.value());
  AppendFixed64(record, other.value());
  if (outgoing) AppendBytes(record, edge.properties);
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
  const absl::Status status =
      chunk_.empty() ? absl::OkStatus() : snapshot_->AddChunk(slot_, chunk_);
  chunk_.clear();
  return status;
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
  run_.clear();
  run_.reserve(edges->slot_bytes(slot_));
  RETURN_IF_ERROR(edges->ReadRuns(slot_, [this](std::string_view run) {
    run_.append(run);
    return absl::OkStatus();
  }));
  return WriteSorted(run_);
}

absl::Status SlotWriter::WriteSorted(std::string_view run) {
  places_.clear();
  ByteReader reader(run);
  while (!reader.done()) {
    const size_t offset = run.size() - reader.remaining();
    const uint64_t order = reader.Fixed64();
    places_.emplace_back(order, offset);
    reader.Fixed64();
    reader.Fixed64();
    if (IsOutgoing(order)) reader.Bytes();
  }
  CHECK(reader.ok());
  std::sort(places_.begin(), places_.end());
  run_order_ = 0;
  for (const auto& [order, offset] : places_) {
    RETURN_IF_ERROR(WriteEdgeEnd(order, run.substr(offset)));
  }
  return FinishRun();
}

absl::Status SlotWriter::WriteEdgeEnd(uint64_t order, std::string_view record) {
  const bool outgoing = IsOutgoing(order);
  if (order != run_order_ || edges_.full()) {
    RETURN_IF_ERROR(FinishRun());
    run_order_ = order;
    edges_.Begin(VertexId(slot_, static_cast<uint32_t>(order >> 32)),
                 TypeId(static_cast<uint32_t>(order) & kMaxTypeId),
                 outgoing ? graph::kOut : graph::kIn);
  }
  ByteReader reader(record);
  reader.Fixed64();
  const EdgeId edge(reader.Fixed64());
  const VertexId other(reader.Fixed64());
  edges_.Add(other, edge.sequence(), outgoing ? reader.Bytes() : std::string_view());
  return absl::OkStatus();
}

absl::Status SlotWriter::FinishRun() {
  mutation_.clear();
  edges_.Finish(&mutation_);
  return mutation_.empty() ? absl::OkStatus() : Write(mutation_);
}

}  // namespace tidemark::csv_import
