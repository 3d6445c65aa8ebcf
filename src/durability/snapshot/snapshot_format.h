// SPDX-License-Identifier: Apache-2.0
// The bodies of snapshot records (docs/formats/snapshot.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/file_format.h"

namespace tidemark::durability {

// What a complete snapshot file says of itself.
struct SnapshotInfo {
  Epoch epoch;
  Csn csn;
  Csn last_csn;
  uint64_t digest = 0;  // of the footer, which holds the digest of every section
  uint64_t bytes = 0;   // of the file
  uint64_t vertices = 0;
  uint64_t edges = 0;
};

enum class ChunkCodec : uint8_t { kRaw = 0, kZstd = 1 };

// One chunk's body: slot, codec, size of the mutations, then these (compressed or not).
struct SnapshotChunk {
  SlotId slot;
  ChunkCodec codec = ChunkCodec::kRaw;
  uint32_t raw_bytes = 0;
  std::string_view stored;
};
// All chunks of one slot.
struct SnapshotSection {
  SlotId slot;
  uint64_t offset = 0;  // of the first chunk's record
  uint32_t chunks = 0;
  uint64_t digest = 0;  // chained over the mutations of its chunks
  uint64_t vertices = 0;
  uint64_t edges = 0;
};
struct SnapshotFooter {
  Csn last_csn;
  std::vector<SnapshotSection> sections;  // ascending slots
  uint64_t vertices() const;
  uint64_t edges() const;
};

// Level of compression of chunks; 1 because a snapshot competes with the writers for the processor.
inline constexpr int kZstdLevel = 1;

// The digest of a whole snapshot, of the footer's body.
uint64_t SnapshotDigest(std::string_view footer_body);

// Adds the vertices and edges (at the source's owner) that a chunk creates to the counts of
// `section`. kDataLoss when a mutation is malformed.
absl::Status CountElements(std::string_view mutations, SnapshotSection* section);

void AppendSnapshotChunk(const SnapshotChunk& chunk, std::string* out);
void AppendSnapshotFooter(const SnapshotFooter& footer, std::string* out);
// kDataLoss when malformed.
absl::StatusOr<SnapshotChunk> DecodeSnapshotChunk(std::string_view body);
absl::StatusOr<SnapshotFooter> DecodeSnapshotFooter(std::string_view body);

// Behind the footer's record, the last bytes of the file: where that record begins, then the
// checksum of these eight bytes.
inline constexpr size_t kSnapshotTrailerBytes = 16;

}  // namespace tidemark::durability
