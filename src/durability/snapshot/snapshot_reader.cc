// SPDX-License-Identifier: Apache-2.0
#include "durability/snapshot/snapshot_reader.h"

#include <utility>

#include "base/checksum.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/mutation.h"

namespace tidemark::durability {

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(env::FileSystem* files,
                                                                     const std::string& path,
                                                                     const FileIdentity& identity) {
  ASSIGN_OR_RETURN(RecordReader reader,
                   RecordReader::Open(files, path, FileKind::kSnapshot, identity));
  std::unique_ptr<SnapshotReader> snapshot(new SnapshotReader(path, std::move(reader)));
  RETURN_IF_ERROR(snapshot->ReadFooter());
  return snapshot;
}

absl::Status SnapshotReader::ReadFooter() {
  info_.epoch = reader_.header().epoch;
  info_.csn = reader_.header().csn;
  info_.bytes = reader_.size();
  if (info_.bytes < kFileHeaderBytes + kRecordHeadBytes + kSnapshotTrailerBytes) {
    return Damage(info_.bytes, "the file is cut short");
  }
  const uint64_t trailer_offset = info_.bytes - kSnapshotTrailerBytes;
  ASSIGN_OR_RETURN(const std::string_view trailer,
                   reader_.Bytes(trailer_offset, kSnapshotTrailerBytes));
  if (trailer.size() != kSnapshotTrailerBytes ||
      LoadFixed64(trailer.data() + 8) != Checksum64(trailer.substr(0, 8), reader_.seed())) {
    return Damage(trailer_offset, "the end of the file is damaged or missing");
  }
  footer_offset_ = LoadFixed64(trailer.data());
  Record record;
  ASSIGN_OR_RETURN(const bool valid, reader_.ReadAt(footer_offset_, &record));
  if (!valid || record.end != trailer_offset ||
      static_cast<SnapshotRecordKind>(record.head.kind) != SnapshotRecordKind::kFooter ||
      record.head.epoch != info_.epoch || record.head.csn != info_.csn.value()) {
    return Damage(footer_offset_, "the footer is damaged");
  }
  absl::StatusOr<SnapshotFooter> footer = DecodeSnapshotFooter(record.body);
  if (!footer.ok()) return Damage(footer_offset_, MessageOf(footer.status()));
  footer_ = *std::move(footer);
  info_.last_csn = footer_.last_csn;
  info_.digest = SnapshotDigest(record.body);
  info_.vertices = footer_.vertices();
  info_.edges = footer_.edges();
  position_ = kFileHeaderBytes;
  return absl::OkStatus();
}

absl::StatusOr<bool> SnapshotReader::Next(Chunk* chunk) {
  if (section_ < footer_.sections.size() && counted_.chunks == footer_.sections[section_].chunks) {
    RETURN_IF_ERROR(FinishSection());
  }
  if (section_ == footer_.sections.size()) {
    if (position_ == footer_offset_) return false;
    return Damage(position_, "more chunks than the footer says");
  }
  const SnapshotSection& section = footer_.sections[section_];
  if (counted_.chunks == 0 && position_ != section.offset) {
    return Damage(position_, "a section begins elsewhere");
  }
  Record record;
  ASSIGN_OR_RETURN(const bool valid, reader_.ReadAt(position_, &record));
  if (!valid || record.head.sequence != next_sequence_ || record.head.epoch != info_.epoch ||
      record.head.csn != info_.csn.value() ||
      static_cast<SnapshotRecordKind>(record.head.kind) != SnapshotRecordKind::kChunk) {
    return Damage(position_, "the chunk is damaged");
  }
  const absl::StatusOr<SnapshotChunk> decoded = DecodeSnapshotChunk(record.body);
  if (!decoded.ok()) return Damage(position_, MessageOf(decoded.status()));
  if (decoded->slot != section.slot) return Damage(position_, "a chunk of another slot");
  ASSIGN_OR_RETURN(chunk->mutations, Unpack(*decoded, position_));
  chunk->slot = section.slot;
  ++counted_.chunks;
  ++next_sequence_;
  position_ = record.end;
  counted_.digest = Checksum64(chunk->mutations, counted_.digest);
  const absl::Status counted = CountElements(chunk->mutations, &counted_);
  if (!counted.ok()) return Damage(record.offset, MessageOf(counted));
  return true;
}

absl::StatusOr<std::string_view> SnapshotReader::Unpack(const SnapshotChunk& chunk,
                                                        uint64_t offset) {
  if (chunk.codec == ChunkCodec::kRaw) return chunk.stored;
  // The size is bounded by DecodeSnapshotChunk and covered by the checksum.
  const auto unpacked = decompressor_.Decompress(chunk.stored, chunk.raw_bytes);
  return unpacked.ok() ? unpacked : Damage(offset, MessageOf(unpacked.status()));
}

absl::Status SnapshotReader::FinishSection() {
  const SnapshotSection& section = footer_.sections[section_];
  if (counted_.digest != section.digest || counted_.vertices != section.vertices ||
      counted_.edges != section.edges) {
    return Damage(section.offset, absl::StrCat("digest or counts of slot ", section.slot.value(),
                                               " differ from the footer's"));
  }
  ++section_;
  counted_ = SnapshotSection();
  return absl::OkStatus();
}

absl::Status SnapshotReader::Verify() {
  Chunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, Next(&chunk));
    if (!more) return absl::OkStatus();
  }
}

absl::Status SnapshotReader::Damage(uint64_t offset, std::string_view what) const {
  return absl::DataLossError(absl::StrCat(path_, ", offset ", offset, ", snapshot of csn ",
                                          info_.csn.value(), ": ", ToAbsl(what),
                                          ". Restore this directory from a copy"));
}

}  // namespace tidemark::durability
