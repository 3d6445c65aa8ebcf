// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/wal_scanner.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::durability {

absl::StatusOr<WalState> WalScanner::Run() {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers, ListSegments());
  for (const uint64_t number : numbers) {
    ASSIGN_OR_RETURN(RecordReader reader, OpenSegment(number));
    if (ended_) {
      state_.segments_behind.push_back(number);
      RETURN_IF_ERROR(CollectEvidence(&reader, kFileHeaderBytes));
    } else {
      RETURN_IF_ERROR(ReadSegment(&reader));
    }
  }
  RETURN_IF_ERROR(Judge());
  state_.CheckInvariants();
  return std::move(state_);
}

absl::StatusOr<std::vector<uint64_t>> WalScanner::ListSegments() {
  std::vector<uint64_t> numbers;
  const absl::StatusOr<std::vector<std::string>> names = files_->List(directory_);
  if (absl::IsNotFound(names.status())) return numbers;
  RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    uint64_t number = 0;
    if (ParseWalSegmentName(name, &number)) {
      numbers.push_back(number);
    } else if (!HasPartSuffix(name)) {
      state_.remarks.push_back(absl::StrCat(directory_, "/", name, ": not a WAL segment, ignored"));
    }
  }
  std::sort(numbers.begin(), numbers.end());
  for (size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] == numbers[i - 1] + 1) continue;
    return absl::DataLossError(absl::StrCat(PathOf(numbers[i - 1] + 1), " is missing, but ",
                                            PathOf(numbers[i]), " is there. Restore it"));
  }
  return numbers;
}

absl::StatusOr<RecordReader> WalScanner::OpenSegment(uint64_t number) {
  const std::string path = PathOf(number);
  ASSIGN_OR_RETURN(RecordReader reader,
                   RecordReader::Open(files_, path, FileKind::kWal, identity_));
  if (reader.header().number != number) {
    return absl::DataLossError(
        absl::StrCat(path, ", offset 0: the header says segment ", reader.header().number));
  }
  return reader;
}

absl::Status WalScanner::ReadSegment(RecordReader* reader) {
  const uint64_t number = reader->header().number;
  const bool is_first = state_.segments.empty();
  uint64_t offset = kFileHeaderBytes;
  while (true) {
    Record record;
    ASSIGN_OR_RETURN(bool valid, reader->ReadAt(offset, &record));
    if (valid) {
      ASSIGN_OR_RETURN(valid, Take(record, number));
    }
    if (!valid) break;
    offset = record.end;
    state_.next_sequence = record.head.sequence + 1;
    state_.segments.back().used_bytes = offset;
    state_.end = {number, offset};
  }
  const bool has_start = offset > kFileHeaderBytes;
  if (!has_start && is_first && number != 1) {
    return Damage({number, offset}, "the first record of the oldest segment is damaged");
  }
  // A full segment is followed by the next one; whether it really is full, the sequence numbers
  // there will tell.
  ASSIGN_OR_RETURN(const uint64_t end_of_data, reader->EndOfNonZero(offset));
  const uint64_t torn_bytes = end_of_data - offset;
  if (has_start && torn_bytes == 0) return absl::OkStatus();
  ended_ = true;
  break_ = {number, offset};
  if (has_start) {
    state_.torn_bytes = torn_bytes;
  } else {
    state_.segments_behind.push_back(number);
  }
  if (torn_bytes > 0) {
    state_.torn = break_;
    state_.remarks.push_back(absl::StrCat(PathOf(number), ", offset ", offset,
                                          ": the log ends here; behind it ", torn_bytes,
                                          " bytes of records that were not finished"));
  }
  return CollectEvidence(reader, offset);
}

absl::StatusOr<bool> WalScanner::Take(const Record& record, uint64_t segment) {
  const bool is_start = record.offset == kFileHeaderBytes;
  const auto kind = static_cast<WalRecordKind>(record.head.kind);
  if (is_start != (kind == WalRecordKind::kSegmentStart)) return false;
  const bool is_first = state_.segments.empty();
  if (!is_first && record.head.sequence != state_.next_sequence) return false;
  switch (kind) {
    case WalRecordKind::kCommit:
      return TakeCommit(record, segment);
    case WalRecordKind::kTxPart:
      return TakePart(record, segment);
    case WalRecordKind::kEpoch:
    case WalRecordKind::kWatermark:
    case WalRecordKind::kSegmentStart:
      return TakeBase(record, segment);
  }
  return false;
}

absl::StatusOr<bool> WalScanner::TakeBase(const Record& record, uint64_t segment) {
  const WalPosition at{segment, record.offset};
  const absl::StatusOr<WalBase> decoded = DecodeWalBase(record.body);
  if (!decoded.ok()) return Damage(at, MessageOf(decoded.status()));
  const WalBase& base = *decoded;
  const auto kind = static_cast<WalRecordKind>(record.head.kind);
  const bool is_epoch = kind == WalRecordKind::kEpoch;
  if (record.head.epoch != base.epoch) return Damage(at, "two epochs in one record");
  if (state_.segments.empty()) {  // the oldest segment: what it says is where the log begins
    state_.base = base;
    state_.base.complete_after = base.last_csn;
    state_.epochs.emplace_back(base.epoch, base.base);
  } else {
    if (is_epoch ? base.epoch <= state_.base.epoch : base.epoch != state_.base.epoch) return false;
    if (base.watermark < state_.base.watermark || (is_epoch && base.base < state_.base.watermark)) {
      return Damage(at, "the watermark goes back");
    }
    if (is_epoch && base.base < state_.base.complete_after) {
      return Damage(at, "an epoch that begins before the log does");
    }
    if (is_epoch) {
      state_.epochs.emplace_back(base.epoch, base.base);
      state_.base.epoch = base.epoch;
      state_.base.base = base.base;
      state_.DropAbove(base.base);
      open_parts_.clear();
      if (base.complete_after > state_.base.last_csn) {  // a snapshot beyond the log was loaded
        state_.tail.clear();
        state_.base.last_csn = base.last_csn;
      }
    }
    RETURN_IF_ERROR(TakeWatermark(base, at));
  }
  if (kind == WalRecordKind::kSegmentStart) {
    state_.segments.push_back({.number = segment, .last_before = base.last_csn});
  }
  return true;
}

absl::Status WalScanner::TakeWatermark(const WalBase& base, const WalPosition& at) {
  state_.base.complete_after = std::max(state_.base.complete_after, base.complete_after);
  state_.AdvanceWatermark(base.watermark);
  if (base.watermark < state_.base.complete_after) {
    // Its newest commit was in a segment that is gone, or in a snapshot only.
    state_.base.watermark_last = base.watermark_last;
  }
  const WalBase& known = state_.base;
  if (known.last_csn == base.last_csn && known.watermark_last == base.watermark_last &&
      known.base == base.base) {
    return absl::OkStatus();
  }
  return Damage(at, absl::StrCat("the record says that the newest commit before it is csn ",
                                 base.last_csn.value(), " and the newest up to watermark ",
                                 base.watermark.value(), " is csn ", base.watermark_last.value(),
                                 "; the log has ", known.last_csn.value(), " and ",
                                 known.watermark_last.value()));
}

absl::StatusOr<bool> WalScanner::TakeCommit(const Record& record, uint64_t segment) {
  const Csn csn(record.head.csn);
  if (record.head.epoch != state_.base.epoch || csn <= state_.base.last_csn) return false;
  const WalPosition at{segment, record.offset};
  const absl::StatusOr<WalCommit> commit = DecodeWalCommit(record.body);
  if (!commit.ok()) return Damage(at, MessageOf(commit.status()));
  if (csn <= state_.base.watermark) return Damage(at, "a commit below a watermark before it");
  if (commit->part_count > 0) CloseParts(*commit, record);
  state_.tail.push_back({.epoch = record.head.epoch,
                         .csn = csn,
                         .participants = commit->participants,
                         .previous_csn = state_.base.last_csn,
                         .begin = at,
                         .end = {segment, record.end},
                         .sequence = record.head.sequence});
  state_.base.last_csn = csn;
  return true;
}

absl::StatusOr<bool> WalScanner::TakePart(const Record& record, uint64_t segment) {
  if (record.head.epoch != state_.base.epoch) return false;
  const WalPosition at{segment, record.offset};
  const absl::StatusOr<WalTxPart> part = DecodeWalTxPart(record.body);
  if (!part.ok()) return Damage(at, MessageOf(part.status()));
  WalOpenParts& open = open_parts_[{record.head.epoch, part->tx}];
  // Parts at the front may be gone with their segments: then nobody needs the transaction, and its
  // commit will not find all parts here. Index and digest are checked when they are replayed.
  ++open.count;
  open.positions.push_back(at);
  return true;
}

void WalScanner::CloseParts(const WalCommit& commit, const Record& record) {
  const auto found = open_parts_.find({record.head.epoch, commit.tx});
  if (found == open_parts_.end()) return;
  const WalOpenParts open = std::move(found->second);
  open_parts_.erase(found);
  const Csn csn(record.head.csn);
  for (const WalPosition& position : open.positions) {
    WalSegment& segment = state_.segments[position.segment - state_.segments.front().number];
    segment.newest_closing = std::max(segment.newest_closing, csn);
  }
  if (open.count == commit.part_count) {
    state_.parts[{record.head.epoch, csn}] = open.positions;
  }
}

absl::Status WalScanner::CollectEvidence(RecordReader* reader, uint64_t offset) {
  Record record;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, reader->FindFrom(offset, state_.next_sequence - 1, &record));
    if (!found) return absl::OkStatus();
    offset = record.end;
    const auto kind = static_cast<WalRecordKind>(record.head.kind);
    if (kind == WalRecordKind::kTxPart) continue;
    if (kind == WalRecordKind::kCommit) {
      const Csn csn(record.head.csn);
      if (csn <= state_.base.last_csn || state_.IsDead(record.head.epoch, csn)) continue;
      evidence_.csn = std::min(evidence_.csn.value_or(csn), csn);
      continue;
    }
    const absl::StatusOr<WalBase> base = DecodeWalBase(record.body);
    if (!base.ok() || base->watermark <= evidence_.watermark) continue;
    evidence_.watermark = base->watermark;
    evidence_.watermark_last = base->watermark_last;
  }
}

absl::Status WalScanner::Judge() const {
  const WalPosition at = ended_ ? break_ : state_.end;
  const auto missing = [&](Csn csn, Csn watermark) {
    return Damage(at, absl::StrCat("the record here is damaged or missing: the log ends at csn ",
                                   state_.base.last_csn.value(), ", but csn ", csn.value(),
                                   " was there, at or below watermark ", watermark.value()));
  };
  const Csn watermark =
      std::max({state_.base.watermark, evidence_.watermark, expectation_.watermark});
  if (evidence_.csn && *evidence_.csn <= watermark) return missing(*evidence_.csn, watermark);
  if (evidence_.watermark_last > state_.base.last_csn) {
    return missing(evidence_.watermark_last, evidence_.watermark);
  }
  if (expectation_.watermark < state_.base.watermark) return absl::OkStatus();
  const Csn newest = state_.NewestThrough(expectation_.watermark);
  if (newest < expectation_.last_csn) {
    return missing(expectation_.last_csn, expectation_.watermark);
  }
  return absl::OkStatus();
}

absl::Status WalScanner::Damage(const WalPosition& at, std::string_view what) const {
  if (at.segment == 0) {
    return absl::DataLossError(absl::StrCat(directory_, " has no WAL segment: ", ToAbsl(what),
                                            ". Restore this directory from a copy"));
  }
  return absl::DataLossError(absl::StrCat(PathOf(at.segment), ", offset ", at.offset,
                                          ", after csn ", state_.base.last_csn.value(), ": ",
                                          ToAbsl(what), ". Restore this directory from a copy"));
}

std::string WalScanner::PathOf(uint64_t segment) const {
  return absl::StrCat(directory_, "/", WalSegmentName(segment));
}

}  // namespace tidemark::durability
