// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/wal_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "durability/wal/wal_scanner.h"

namespace tidemark::durability {

absl::StatusOr<WalState> ScanWal(env::FileSystem* files, const std::string& directory,
                                 const FileIdentity& identity, const WalExpectation& expectation) {
  return WalScanner(files, directory, identity, expectation).Run();
}

class WalReplay::Impl {
 public:
  Impl(env::FileSystem* files, std::string directory, const FileIdentity& identity,
       const WalState* state, Range range)
      : files_(files),
        directory_(std::move(directory)),
        identity_(identity),
        state_(state),
        range_(std::move(range)) {
    for (const EpochCsn& commit : range_.dead) dead_.insert({commit.epoch, commit.csn});
    CHECK_GE(range_.after, state->base.complete_after) << directory_;
    // The newest segment that begins at or below the range; parts are found by their positions.
    for (const WalSegment& segment : state->segments) {
      if (segment.last_before > range_.after) break;
      position_ = {segment.number, kFileHeaderBytes};
    }
  }

  absl::StatusOr<bool> Next(Chunk* chunk) {
    if (commit_) return NextOfCommit(chunk);
    while (position_.segment != 0 && position_ < state_->end) {
      RETURN_IF_ERROR(Read(&reader_, position_, &record_));
      const WalPosition at = position_;
      position_.offset = record_.end;
      if (position_.offset == EndOf(at.segment) && at.segment != state_->end.segment) {
        position_ = {at.segment + 1, kFileHeaderBytes};
      }
      if (static_cast<WalRecordKind>(record_.head.kind) != WalRecordKind::kCommit) continue;
      const Csn csn(record_.head.csn);
      if (csn <= range_.after || csn > range_.through || IsDead(record_.head.epoch, csn)) continue;
      if (csn <= last_csn_) return Damage(at, "csns do not ascend");
      last_csn_ = csn;
      RETURN_IF_ERROR(BeginCommit(at));
      return NextOfCommit(chunk);
    }
    return false;
  }

 private:
  struct OpenSegment {
    uint64_t number = 0;
    std::optional<RecordReader> reader;
  };
  struct Commit {
    WalPosition at;
    Csn csn;
    WalCommit record;  // views into the record of reader_
    const std::vector<WalPosition>* parts = nullptr;
    uint32_t next_part = 0;
    uint64_t digest = 0;
  };

  bool IsDead(Epoch epoch, Csn csn) const {
    if (PlantedBug("wal-dead-records-not-filtered")) return false;
    return dead_.contains({epoch, csn}) || state_->IsDead(epoch, csn);
  }

  uint64_t EndOf(uint64_t segment) const {
    return state_->segments[segment - state_->segments.front().number].used_bytes;
  }

  absl::Status Read(OpenSegment* open, const WalPosition& at, Record* record) {
    if (open->number != at.segment) {
      ASSIGN_OR_RETURN(
          open->reader,
          RecordReader::Open(files_, absl::StrCat(directory_, "/", WalSegmentName(at.segment)),
                             FileKind::kWal, identity_));
      open->number = at.segment;
    }
    ASSIGN_OR_RETURN(const bool valid, open->reader->ReadAt(at.offset, record));
    return valid ? absl::OkStatus() : Damage(at, "the record fails its checksum");
  }

  absl::Status BeginCommit(const WalPosition& at) {
    commit_.emplace();
    commit_->at = at;
    commit_->csn = Csn(record_.head.csn);
    ASSIGN_OR_RETURN(commit_->record, DecodeWalCommit(record_.body));
    if (commit_->record.part_count == 0) return absl::OkStatus();
    const auto found = state_->parts.find({record_.head.epoch, commit_->csn});
    if (found == state_->parts.end()) return Damage(at, "parts of the transaction are missing");
    commit_->parts = &found->second;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> NextOfCommit(Chunk* chunk) {
    Commit& commit = *commit_;
    chunk->csn = commit.csn;
    if (commit.next_part == commit.record.part_count) {
      chunk->mutations = commit.record.mutations;
      chunk->last = true;
      const bool digest_ok =
          commit.digest == commit.record.part_digest || PlantedBug("wal-ignore-part-digest");
      const WalPosition at = commit.at;
      commit_.reset();
      if (!digest_ok) return Damage(at, "the transaction's parts do not match their digest");
      return true;
    }
    const WalPosition at = (*commit.parts)[commit.next_part];
    Record record;
    RETURN_IF_ERROR(Read(&part_reader_, at, &record));
    ASSIGN_OR_RETURN(const WalTxPart part, DecodeWalTxPart(record.body));
    if (part.tx != commit.record.tx || part.index != commit.next_part) {
      return Damage(at, "another part is expected here");
    }
    commit.digest = ChainPartDigest(commit.digest, part.mutations);
    ++commit.next_part;
    chunk->mutations = part.mutations;
    chunk->last = false;
    return true;
  }

  absl::Status Damage(const WalPosition& at, std::string_view what) const {
    return absl::DataLossError(absl::StrCat(
        directory_, "/", WalSegmentName(at.segment), ", offset ", at.offset, ", after csn ",
        last_csn_.value(), ": ", ToAbsl(what), ". Restore this directory from a copy"));
  }

  env::FileSystem* files_;
  const std::string directory_;
  const FileIdentity identity_;
  const WalState* state_;
  const Range range_;
  absl::flat_hash_set<std::pair<Epoch, Csn>> dead_;
  WalPosition position_;  // of the next record; segment 0 = nothing to read
  OpenSegment reader_;
  OpenSegment part_reader_;
  Record record_;
  Csn last_csn_;
  std::optional<Commit> commit_;  // being handed out
};

WalReplay::WalReplay(env::FileSystem* files, std::string directory, const FileIdentity& identity,
                     const WalState* state, Range range)
    : impl_(
          std::make_unique<Impl>(files, std::move(directory), identity, state, std::move(range))) {}
WalReplay::~WalReplay() = default;
absl::StatusOr<bool> WalReplay::Next(Chunk* chunk) { return impl_->Next(chunk); }

}  // namespace tidemark::durability
