// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "base/check.h"
#include "base/checksum.h"
#include "base/coding.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "durability/snapshot/snapshot_writer.h"

namespace tidemark::durability {
namespace {

// Bytes that wait until they are worth a write.
constexpr size_t kWriteBytes = 1 << 20;

FileHeader HeaderOf(const SnapshotOptions& options) {
  return {.kind = FileKind::kSnapshot,
          .identity = options.identity,
          .epoch = options.epoch,
          .csn = options.csn};
}

}  // namespace

SnapshotFile::SnapshotFile(env::FileSystem* files, const SnapshotOptions& options)
    : files_(files), options_(options) {
  CHECK_LE(options.last_csn, options.csn);
  part_path_ = absl::StrCat(options.directory, "/", SnapshotName(options.epoch, options.csn),
                            ToAbsl(kPartSuffix));
  seed_ = RecordSeed(HeaderOf(options));
  footer_.last_csn = options.last_csn;
}

SnapshotFile::~SnapshotFile() {
  if (finished_ || file_ == nullptr) return;
  file_.reset();
  // What stays behind is removed at the next start.
  files_->Remove(part_path_).IgnoreError();
}

absl::StatusOr<std::unique_ptr<SnapshotFile>> SnapshotFile::Create(env::FileSystem* files,
                                                                   const SnapshotOptions& options) {
  std::unique_ptr<SnapshotFile> snapshot(new SnapshotFile(files, options));
  if (files->Exists(snapshot->part_path_)) {
    RETURN_IF_ERROR(files->Remove(snapshot->part_path_));
  }
  ASSIGN_OR_RETURN(snapshot->file_, files->Open(snapshot->part_path_, env::OpenMode::kCreate));
  AppendFileHeader(HeaderOf(options), &snapshot->buffer_);
  return snapshot;
}

absl::Status SnapshotFile::AddChunk(SlotId slot, std::string_view mutations) {
  CHECK(!finished_);
  CHECK_LE(mutations.size(), size_t{kMaxRecordBodyBytes} / 2);
  CHECK_LT(slot.value(), kSlotCount);
  if (footer_.sections.empty() || footer_.sections.back().slot != slot) {
    if (!footer_.sections.empty()) CHECK_GT(slot, footer_.sections.back().slot);
    footer_.sections.push_back({.slot = slot, .offset = offset_ + buffer_.size()});
  }
  SnapshotSection& section = footer_.sections.back();
  RETURN_IF_ERROR(CountElements(mutations, &section));
  ++section.chunks;
  section.digest = Checksum64(mutations, section.digest);
  SnapshotChunk chunk{
      .slot = slot, .raw_bytes = static_cast<uint32_t>(mutations.size()), .stored = mutations};
  if (const std::string_view packed = compressor_.Compress(mutations); !packed.empty()) {
    chunk.codec = ChunkCodec::kZstd;
    chunk.stored = packed;
  }
  const size_t start = BeginRecord(&buffer_);
  AppendSnapshotChunk(chunk, &buffer_);
  FinishRecord(start,
               {.kind = static_cast<uint8_t>(SnapshotRecordKind::kChunk),
                .epoch = options_.epoch,
                .csn = options_.csn.value(),
                .sequence = next_sequence_++},
               seed_, &buffer_);
  return buffer_.size() >= kWriteBytes ? WriteOut() : absl::OkStatus();
}

absl::Status SnapshotFile::WriteOut() {
  RETURN_IF_ERROR(file_->WriteAt(offset_, buffer_));
  offset_ += buffer_.size();
  buffer_.clear();
  return absl::OkStatus();
}

absl::StatusOr<SnapshotInfo> SnapshotFile::Finish() {
  CHECK(!finished_);
  const uint64_t footer_offset = offset_ + buffer_.size();
  std::string body;
  AppendSnapshotFooter(footer_, &body);
  AppendRecord({.kind = static_cast<uint8_t>(SnapshotRecordKind::kFooter),
                .epoch = options_.epoch,
                .csn = options_.csn.value(),
                .sequence = next_sequence_},
               body, seed_, &buffer_);
  std::string trailer;
  AppendFixed64(&trailer, footer_offset);
  AppendFixed64(&trailer, Checksum64(trailer, seed_));
  CHECK_EQ(trailer.size(), kSnapshotTrailerBytes);
  buffer_ += trailer;
  RETURN_IF_ERROR(WriteOut());
  RETURN_IF_ERROR(file_->Sync());
  file_.reset();
  const std::string path = part_path_.substr(0, part_path_.size() - kPartSuffix.size());
  RETURN_IF_ERROR(files_->Rename(part_path_, path));
  finished_ = true;
  if (!PlantedBug("skip-directory-sync")) {
    RETURN_IF_ERROR(files_->SyncDirectory(options_.directory));
  }
  return SnapshotInfo{.epoch = options_.epoch,
                      .csn = options_.csn,
                      .last_csn = options_.last_csn,
                      .digest = SnapshotDigest(body),
                      .bytes = offset_,
                      .vertices = footer_.vertices(),
                      .edges = footer_.edges()};
}

}  // namespace tidemark::durability
