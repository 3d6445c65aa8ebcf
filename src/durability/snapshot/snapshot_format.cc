// SPDX-License-Identifier: Apache-2.0
#include "durability/snapshot/snapshot_format.h"

#include "base/checksum.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/edge_run.h"
#include "graph/mutation.h"

namespace tidemark::durability {

uint64_t SnapshotFooter::vertices() const {
  uint64_t sum = 0;
  for (const SnapshotSection& section : sections) sum += section.vertices;
  return sum;
}

uint64_t SnapshotFooter::edges() const {
  uint64_t sum = 0;
  for (const SnapshotSection& section : sections) sum += section.edges;
  return sum;
}

uint64_t SnapshotDigest(std::string_view footer_body) { return Checksum64(footer_body); }

absl::Status CountElements(std::string_view mutations, SnapshotSection* section) {
  graph::MutationReader reader(mutations);
  graph::Mutation mutation;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(&mutation));
    if (!more) return absl::OkStatus();
    if (mutation.kind == graph::MutationKind::kCreateVertex) ++section->vertices;
    if ((mutation.sides & graph::kOut) == 0) continue;
    if (mutation.kind == graph::MutationKind::kCreateEdge) ++section->edges;
    if (mutation.kind == graph::MutationKind::kCreateEdges) {
      section->edges += graph::EdgeRun(mutation).size();
    }
  }
}

void AppendSnapshotChunk(const SnapshotChunk& chunk, std::string* out) {
  AppendVarint(out, chunk.slot.value());
  AppendFixed8(out, static_cast<uint8_t>(chunk.codec));
  AppendVarint(out, chunk.raw_bytes);
  out->append(chunk.stored);
}

void AppendSnapshotFooter(const SnapshotFooter& footer, std::string* out) {
  AppendVarint(out, footer.last_csn.value());
  AppendVarint(out, footer.sections.size());
  for (const SnapshotSection& section : footer.sections) {
    AppendVarint(out, section.slot.value());
    AppendVarint(out, section.offset);
    AppendVarint(out, section.chunks);
    AppendFixed64(out, section.digest);
    AppendVarint(out, section.vertices);
    AppendVarint(out, section.edges);
  }
}

absl::StatusOr<SnapshotChunk> DecodeSnapshotChunk(std::string_view body) {
  ByteReader in(body);
  SnapshotChunk chunk;
  const uint64_t slot = in.Varint();
  const uint8_t codec = in.Fixed8();
  chunk.raw_bytes = in.Varint32();
  chunk.stored = in.Raw(in.remaining());
  if (slot >= kSlotCount || codec > static_cast<uint8_t>(ChunkCodec::kZstd)) in.Fail();
  chunk.slot = SlotId(static_cast<uint16_t>(slot));
  chunk.codec = static_cast<ChunkCodec>(codec);
  const bool raw_fits = chunk.codec != ChunkCodec::kRaw || chunk.raw_bytes == chunk.stored.size();
  if (!in.ok() || chunk.raw_bytes > kMaxRecordBodyBytes || !raw_fits) {
    return absl::DataLossError("malformed chunk record");
  }
  return chunk;
}

absl::StatusOr<SnapshotFooter> DecodeSnapshotFooter(std::string_view body) {
  ByteReader in(body);
  SnapshotFooter footer;
  footer.last_csn = Csn(in.Varint());
  const uint64_t count = in.Varint();
  if (count > kSlotCount) in.Fail();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    SnapshotSection section;
    const uint64_t slot = in.Varint();
    section.slot = SlotId(static_cast<uint16_t>(slot));
    section.offset = in.Varint();
    section.chunks = in.Varint32();
    section.digest = in.Fixed64();
    section.vertices = in.Varint();
    section.edges = in.Varint();
    const bool ascends = i == 0 || section.slot > footer.sections.back().slot;
    if (slot >= kSlotCount || !ascends || section.chunks == 0) in.Fail();
    footer.sections.push_back(section);
  }
  if (!in.ok() || !in.done()) return absl::DataLossError("malformed footer record");
  return footer;
}

}  // namespace tidemark::durability
