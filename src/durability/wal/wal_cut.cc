// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/wal_cut.h"

#include <algorithm>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "durability/file_with_room.h"
#include "durability/master_log/rewrite.h"
#include "durability/record_reader.h"

namespace tidemark::durability {
namespace {

constexpr uint64_t kZeroChunkBytes = 1 << 20;
constexpr uint64_t kMaxFirstSegmentBytes = 2 << 20;
constexpr uint64_t kMaxSegmentReserveBytes = 16 << 10;

absl::Status SyncCut(env::File* file) {
  return PlantedBug("wal-no-sync-on-converge") ? absl::OkStatus() : file->Sync();
}

// A cut has many steps, each of which asks the disk anew; a segment that is read through is many of
// them, since a slow disk is not a silent one.
void NoteStep(const WalOptions& options) {
  if (options.watch != nullptr) options.watch->Progressed();
}

std::string SegmentPath(const WalOptions& options, uint64_t segment) {
  return absl::StrCat(options.directory, "/", WalSegmentName(segment));
}

// Forgets what is cut, in memory, and returns where the log ends then.
WalPosition ApplyCut(const WalCut& cut, WalState* state) {
  CHECK_GT(cut.epoch, state->base.epoch);
  CHECK_GE(cut.csn, state->base.watermark);
  const auto goes = [&](const WalTailEntry& entry) {
    const EpochCsn name{entry.epoch, entry.csn};
    return entry.csn > cut.csn ||
           std::find(cut.dead.begin(), cut.dead.end(), name) != cut.dead.end();
  };
  const auto first = std::find_if(state->tail.begin(), state->tail.end(), goes);
  if (first == state->tail.end()) return state->end;
  const WalPosition end = first->begin;
  state->next_sequence = first->sequence;
  state->base.last_csn = first->previous_csn;
  state->tail.erase(first, state->tail.end());
  return end;
}

// Removes a segment that lies behind the cut.
absl::Status RemoveSegment(env::FileSystem* files, const WalOptions& options, uint64_t number) {
  RETURN_IF_ERROR(files->Remove(SegmentPath(options, number)));
  NoteStep(options);
  return files->SyncDirectory(options.directory);
}

absl::Status RemovePartFiles(env::FileSystem* files, const WalOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files->List(options.directory));
  for (const std::string& name : names) {
    if (!HasPartSuffix(name)) continue;
    RETURN_IF_ERROR(files->Remove(absl::StrCat(options.directory, "/", name)));
  }
  return absl::OkStatus();
}

// Zeroes what lies behind `end` in its segment, and syncs.
absl::StatusOr<std::shared_ptr<env::File>> ZeroBehind(env::FileSystem* files,
                                                      const WalOptions& options,
                                                      const WalPosition& end,
                                                      bool of_earlier_process) {
  const std::string path = SegmentPath(options, end.segment);
  ASSIGN_OR_RETURN(RecordReader reader,
                   RecordReader::Open(files, path, FileKind::kWal, options.identity));
  const auto note_step = [&options] { NoteStep(options); };
  ASSIGN_OR_RETURN(const uint64_t end_of_data, reader.EndOfNonZero(end.offset, note_step));
  ASSIGN_OR_RETURN(std::shared_ptr<env::File> file, files->Open(path, env::OpenMode::kReadWrite));
  if (of_earlier_process) RETURN_IF_ERROR(RewriteInPlace(file.get(), end.offset, note_step));
  const std::string zeroes(std::min(kZeroChunkBytes, end_of_data - end.offset), '\0');
  for (uint64_t offset = end.offset; offset < end_of_data; offset += zeroes.size()) {
    const uint64_t size = std::min<uint64_t>(zeroes.size(), end_of_data - offset);
    RETURN_IF_ERROR(file->WriteAt(offset, std::string_view(zeroes).substr(0, size)));
  }
  NoteStep(options);
  RETURN_IF_ERROR(SyncCut(file.get()));
  NoteStep(options);
  return file;
}

// Whether all of a segment is known to be on disk: a commit behind it is at or below a watermark,
// and syncs take the segments in their order. One record that is missing, of whatever kind, ends
// the log.
bool IsSynced(const WalState& state, const WalSegment& next_segment) {
  return state.base.watermark_last > next_segment.last_before;
}

// The segment `number` when it is as PrepareWalSegment has left it, else null.
absl::StatusOr<std::shared_ptr<env::File>> OpenIfUnused(env::FileSystem* files,
                                                        const WalOptions& options,
                                                        uint64_t number) {
  const std::string path = SegmentPath(options, number);
  absl::StatusOr<RecordReader> reader =
      RecordReader::Open(files, path, FileKind::kWal, options.identity);
  if (!reader.ok() || reader->size() != WalSegmentBytes(options, number)) return nullptr;
  ASSIGN_OR_RETURN(const uint64_t end_of_data,
                   reader->EndOfNonZero(kFileHeaderBytes, [&options] { NoteStep(options); }));
  if (end_of_data > kFileHeaderBytes) return nullptr;
  return files->Open(path, env::OpenMode::kReadWrite);
}

// Removes the segments behind the one that the log ends in, newest first; one that can be used as
// it is stays and is returned, else null.
absl::StatusOr<std::shared_ptr<env::File>> RemoveBehind(env::FileSystem* files,
                                                        const WalOptions& options,
                                                        uint64_t end_segment,
                                                        std::vector<uint64_t> behind) {
  std::sort(behind.rbegin(), behind.rend());
  std::shared_ptr<env::File> unused;
  if (!behind.empty() && end_segment > 0 && behind.back() == end_segment + 1) {
    ASSIGN_OR_RETURN(unused, OpenIfUnused(files, options, behind.back()));
    if (unused != nullptr) behind.pop_back();
  }
  for (const uint64_t number : behind) RETURN_IF_ERROR(RemoveSegment(files, options, number));
  return unused;
}

// Syncs the segments in front of the last one: an earlier process may have died before it did, or
// of a failed sync.
absl::Status SyncEarlier(env::FileSystem* files, const WalOptions& options, const WalState& state,
                         bool of_earlier_process) {
  for (size_t i = 0; i + 1 < state.segments.size(); ++i) {
    const WalSegment& segment = state.segments[i];
    ASSIGN_OR_RETURN(std::unique_ptr<env::File> file,
                     files->Open(SegmentPath(options, segment.number), env::OpenMode::kReadWrite));
    if (of_earlier_process && !IsSynced(state, state.segments[i + 1])) {
      RETURN_IF_ERROR(
          RewriteInPlace(file.get(), segment.used_bytes, [&options] { NoteStep(options); }));
    }
    NoteStep(options);
    RETURN_IF_ERROR(SyncCut(file.get()));
    NoteStep(options);
  }
  return files->SyncDirectory(options.directory);
}

// What the log knows from the new epoch on.
void BeginEpoch(const WalCut& cut, WalState* state) {
  WalBase& base = state->base;
  base.epoch = cut.epoch;
  base.base = cut.csn;
  CHECK_GE(cut.last_csn, base.last_csn) << "the log has a commit that the worker's state has not";
  if (cut.last_csn > base.last_csn) {  // a snapshot beyond the log was loaded
    state->tail.clear();
    base.last_csn = cut.last_csn;
    base.complete_after = cut.last_csn;
    const bool snapshot_has_all = cut.snapshot_csn >= cut.last_csn;
    state->AdvanceWatermark(std::max(base.watermark, snapshot_has_all ? cut.snapshot_csn : Csn()));
  }
  state->epochs.emplace_back(base.epoch, base.base);
  std::erase_if(state->parts, [&](const auto& parts) {
    return state->IsDead(parts.first.first, parts.first.second);
  });
  for (WalSegment& segment : state->segments) {
    segment.open_part_count = 0;
    segment.newest_closing = std::min(segment.newest_closing, base.last_csn);
    segment.appended_bytes = 0;
  }
  for (WalTailEntry& entry : state->tail) entry.appended_bytes = 0;
  state->torn = {};
  state->torn_bytes = 0;
  state->segments_behind.clear();
  state->remarks.clear();
}

}  // namespace

uint64_t WalSegmentReserveBytes(const WalOptions& options) {
  return std::min(options.segment_bytes / 8, kMaxSegmentReserveBytes);
}

uint64_t WalSegmentBytes(const WalOptions& options, uint64_t number) {
  return number == 1 ? std::min(options.segment_bytes, kMaxFirstSegmentBytes)
                     : options.segment_bytes;
}

FileHeader WalSegmentHeader(const WalOptions& options, uint64_t number, Epoch epoch) {
  return {.kind = FileKind::kWal,
          .identity = options.identity,
          .number = number,
          .epoch = epoch,
          .made_bytes = std::max<uint64_t>(WalSegmentBytes(options, number), kFileHeaderBytes)};
}

absl::StatusOr<std::shared_ptr<env::File>> PrepareWalSegment(env::FileSystem* files,
                                                             const WalOptions& options,
                                                             uint64_t number, Epoch epoch) {
  const std::string path = SegmentPath(options, number);
  const std::string part_path = absl::StrCat(path, ToAbsl(kPartSuffix));
  const FileHeader header = WalSegmentHeader(options, number, epoch);
  std::string header_bytes;
  AppendFileHeader(header, &header_bytes);
  ASSIGN_OR_RETURN(std::shared_ptr<env::File> file,
                   MakeFileWithRoom(files, part_path, header_bytes, header.made_bytes));
  NoteStep(options);
  RETURN_IF_ERROR(files->Rename(part_path, path));
  if (!PlantedBug("skip-directory-sync")) {
    RETURN_IF_ERROR(files->SyncDirectory(options.directory));
  }
  return file;
}

absl::StatusOr<WalCutResult> CutWal(env::FileSystem* files, const WalOptions& options,
                                    WalState state, const WalCut& cut) {
  const WalPosition old_end = state.end;
  const uint64_t old_sequence = state.next_sequence;
  std::vector<uint64_t> behind = state.segments_behind;
  state.end = ApplyCut(cut, &state);
  const bool skip_cut = PlantedBug("wal-no-cut-above-watermark");
  if (skip_cut) {
    state.end = old_end;
    state.next_sequence = old_sequence;
  }
  while (!state.segments.empty() && state.segments.back().number > state.end.segment) {
    behind.push_back(state.segments.back().number);
    state.segments.pop_back();
  }
  if (!state.segments.empty()) state.segments.back().used_bytes = state.end.offset;

  RETURN_IF_ERROR(RemovePartFiles(files, options));
  if (PlantedBug("wal-cut-first-segment-only")) behind.clear();
  WalCutResult result;
  ASSIGN_OR_RETURN(result.prepared,
                   RemoveBehind(files, options, state.end.segment, std::move(behind)));

  std::string bytes;
  uint64_t write_at = state.end.offset;
  uint64_t number = state.end.segment;
  if (number == 0) {
    number = 1;
    ASSIGN_OR_RETURN(result.active, PrepareWalSegment(files, options, number, cut.epoch));
    write_at = kFileHeaderBytes;
  } else if (skip_cut) {
    ASSIGN_OR_RETURN(result.active,
                     files->Open(SegmentPath(options, number), env::OpenMode::kReadWrite));
  } else {
    ASSIGN_OR_RETURN(result.active, ZeroBehind(files, options, state.end, cut.of_earlier_process));
  }
  RETURN_IF_ERROR(SyncEarlier(files, options, state, cut.of_earlier_process));

  BeginEpoch(cut, &state);
  std::string body;
  AppendWalBase(state.base, &body);
  const bool is_first = state.segments.empty();
  if (is_first) state.segments.push_back({.number = number, .last_before = state.base.last_csn});
  const auto kind = is_first ? WalRecordKind::kSegmentStart : WalRecordKind::kEpoch;
  AppendRecord({.kind = static_cast<uint8_t>(kind),
                .epoch = cut.epoch,
                .csn = cut.csn.value(),
                .sequence = state.next_sequence++},
               body, RecordSeed(WalSegmentHeader(options, number, cut.epoch)), &bytes);
  RETURN_IF_ERROR(result.active->WriteAt(write_at, bytes));
  RETURN_IF_ERROR(SyncCut(result.active.get()));
  state.end = {number, write_at + bytes.size()};
  state.segments.back().used_bytes = state.end.offset;
  state.CheckInvariants();
  result.state = std::move(state);
  return result;
}

}  // namespace tidemark::durability
