// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/wal_writer.h"

#include <algorithm>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

using env::JobQueue;

// Bytes that wait for the end of the turn; beyond it they are written at once.
constexpr size_t kMaxBufferedBytes = 4 << 20;
// A record about the log itself.
constexpr uint64_t kMaxBaseRecordBytes = 128;
// How often a full disk is looked at.
constexpr int64_t kRoomRetryMicros = 1'000'000;

}  // namespace

WalWriter::WalWriter(env::FileSystem* files, env::Executor* executor, const WalOptions& options,
                     WalState state)
    : files_(files), executor_(executor), options_(options), state_(std::move(state)) {
  CHECK_GE(options.segment_bytes, kMinWalSegmentBytes);
  CHECK_LE(options.segment_bytes, kMaxWalSegmentBytes);
  sync_ = std::make_shared<GroupSync>(executor, options.clock, [this] { return WriteOut(); });
  options_.watch = sync_->watch();
}

WalWriter::~WalWriter() { sync_->Stop(); }

// --- Appending.

template <typename AppendBody>
std::pair<WalPosition, WalPosition> WalWriter::Append(WalRecordKind kind, uint64_t csn,
                                                      AppendBody append_body) {
  const WalPosition begin = state_.end;
  const size_t start = BeginRecord(&buffer_);
  append_body(&buffer_);
  FinishRecord(start,
               {.kind = static_cast<uint8_t>(kind),
                .epoch = state_.base.epoch,
                .csn = csn,
                .sequence = state_.next_sequence++},
               seed_, &buffer_);
  const uint64_t size = buffer_.size() - start;
  appended_bytes_ += size;
  state_.end.offset += size;
  state_.segments.back().used_bytes = state_.end.offset;
  sync_->WriteAtTurnEnd();
  return {begin, state_.end};
}

void WalWriter::AppendBase(WalRecordKind kind, uint64_t csn) {
  Append(kind, csn, [&](std::string* out) { AppendWalBase(state_.base, out); });
}

void WalWriter::AppendPart(TxId tx, std::string_view mutations) {
  CHECK(ready_);
  UseSegments(mutations.size() + kMaxCommitOverheadBytes, /*about_the_log=*/false);
  WalOpenParts& open = open_parts_[tx];
  const WalTxPart part{.tx = tx, .index = open.count, .mutations = mutations};
  const auto [begin, end] =
      Append(WalRecordKind::kTxPart, 0, [&](std::string* out) { AppendWalTxPart(part, out); });
  open.digest = ChainPartDigest(open.digest, mutations);
  ++open.count;
  open.positions.push_back(begin);
  ++state_.segments.back().open_part_count;
  if (buffer_.size() > kMaxBufferedBytes) WriteBuffered();
}

void WalWriter::ForgetParts(TxId tx) { ReleaseParts(tx, Csn()); }

void WalWriter::ReleaseParts(TxId tx, Csn closing_csn) {
  const auto found = open_parts_.find(tx);
  if (found == open_parts_.end()) return;
  for (const WalPosition& position : found->second.positions) {
    WalSegment& segment = SegmentAt(position.segment);
    CHECK_GT(segment.open_part_count, 0u);
    --segment.open_part_count;
    segment.newest_closing = std::max(segment.newest_closing, closing_csn);
  }
  open_parts_.erase(found);
}

void WalWriter::AppendCommit(const WalCommitEntry& commit) {
  CHECK(ready_);
  CHECK_GT(commit.csn, state_.base.last_csn);
  CHECK_LE(commit.mutations.size(), size_t{kMaxRecordBodyBytes} / 2);
  CHECK(commit.participants.Contains(options_.identity.node));
  UseSegments(commit.mutations.size() + kMaxCommitOverheadBytes, /*about_the_log=*/false);
  WalCommit record{
      .tx = commit.tx, .participants = commit.participants, .mutations = commit.mutations};
  const auto found = open_parts_.find(commit.tx);
  if (found != open_parts_.end()) {
    record.part_count = found->second.count;
    record.part_digest = found->second.digest;
  }
  const auto [begin, end] = Append(WalRecordKind::kCommit, commit.csn.value(),
                                   [&](std::string* out) { AppendWalCommit(record, out); });
  ReleaseParts(commit.tx, commit.csn);
  state_.tail.push_back({.epoch = state_.base.epoch,
                         .csn = commit.csn,
                         .participants = commit.participants,
                         .previous_csn = state_.base.last_csn,
                         .begin = begin,
                         .end = end,
                         .sequence = state_.next_sequence - 1,
                         .appended_bytes = appended_bytes_});
  state_.base.last_csn = commit.csn;
  if (buffer_.size() > kMaxBufferedBytes) WriteBuffered();
}

void WalWriter::NoteWatermark(Csn watermark) {
  CHECK(ready_);
  if (watermark <= state_.base.watermark) return;
  // On a full disk the room is for commits: the next record about the log says it.
  if (!disk_full_.ok()) return state_.AdvanceWatermark(watermark);
  UseSegments(kMaxBaseRecordBytes, /*about_the_log=*/true);
  state_.AdvanceWatermark(watermark);
  AppendBase(WalRecordKind::kWatermark, watermark.value());
}

void WalWriter::WriteBuffered() {
  if (buffer_.empty() || failed_) return;
  if (const absl::Status status = active_->WriteAt(buffer_offset_, buffer_); !status.ok()) {
    failed_ = true;
    executor_->Fail(status);
    return;
  }
  buffer_offset_ += buffer_.size();
  buffer_.clear();
  if (unsynced_.empty() || unsynced_.back() != active_) unsynced_.push_back(active_);
}

// --- Segments.

void WalWriter::UseSegments(uint64_t record_bytes, bool about_the_log) {
  const uint64_t size = WalSegmentBytes(options_, state_.end.segment);
  if (state_.end.offset > size / 2 && prepared_.empty()) WantSegment();
  const uint64_t usable = size - (about_the_log ? 0 : WalSegmentReserveBytes(options_));
  if (state_.end.offset + record_bytes > usable && !prepared_.empty()) UseNextSegment();
}

void WalWriter::UseNextSegment() {
  WriteBuffered();
  const uint64_t number = state_.end.segment + 1;
  active_ = std::move(prepared_.front());
  prepared_.pop_front();
  seed_ = RecordSeed(WalSegmentHeader(options_, number, state_.base.epoch));
  state_.segments.push_back({.number = number, .last_before = state_.base.last_csn});
  state_.end = {number, kFileHeaderBytes};
  buffer_offset_ = kFileHeaderBytes;
  AppendBase(WalRecordKind::kSegmentStart, state_.base.base.value());
  state_.segments.back().appended_bytes = appended_bytes_;
}

bool WalWriter::HasRoom(uint64_t bytes) {
  if (!ready_) return false;
  const uint64_t reserve = WalSegmentReserveBytes(options_);
  const uint64_t usable = WalSegmentBytes(options_, state_.end.segment) - reserve;
  uint64_t room = usable - std::min(usable, state_.end.offset);
  const uint64_t next = WalSegmentBytes(options_, state_.end.segment + 1);
  room += prepared_.size() * (next - reserve - kFileHeaderBytes - kMaxBaseRecordBytes);
  if (room >= bytes || PlantedBug("write-without-room")) return true;
  WantSegment();
  return false;
}

// On a full disk the next attempt comes with time alone.
void WalWriter::WantSegment() {
  if (!preparing_ && disk_full_.ok()) PrepareSegment();
}

void WalWriter::PrepareSegment() {
  preparing_ = true;
  auto result =
      std::make_shared<absl::StatusOr<std::shared_ptr<env::File>>>(absl::UnknownError("not run"));
  executor_->Submit(
      JobQueue::kLogPrepare,
      [files = files_, executor = executor_, options = options_, result,
       number = state_.end.segment + prepared_.size() + 1, epoch = state_.base.epoch] {
        *result = PrepareWalSegment(files, options, number, epoch);
        const bool full = absl::IsResourceExhausted(result->status());
        if (!result->ok() && !full) executor->Fail(result->status());
      },
      [this, result, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnSegmentPrepared(std::move(*result));
      });
}

void WalWriter::OnSegmentPrepared(absl::StatusOr<std::shared_ptr<env::File>> file) {
  if (!file.ok() && !absl::IsResourceExhausted(file.status())) return;  // the node has ended
  preparing_ = false;
  if (file.ok()) prepared_.push_back(*std::move(file));
  const bool was_full = !disk_full_.ok();
  disk_full_ = file.status();
  if (!disk_full_.ok()) RetryLater();
  if (was_full == disk_full_.ok() && on_disk_full_) on_disk_full_(disk_full_);
}

void WalWriter::RetryLater() {
  if (retry_awaited_) return;
  retry_awaited_ = true;
  executor_->RunAfter(kRoomRetryMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    retry_awaited_ = false;
    RetryPreparing();
  });
}

void WalWriter::RetryPreparing() {
  if (!disk_full_.ok() && !preparing_ && ready_) PrepareSegment();
}

void WalWriter::RemoveBelow(Csn snapshot_csn) {
  CHECK(ready_);
  std::vector<std::string> paths;
  while (state_.segments.size() >= 2) {
    const WalSegment& oldest = state_.segments[0];
    const WalSegment& next = state_.segments[1];
    if (next.last_before > snapshot_csn || next.appended_bytes > sync_->synced() ||
        oldest.open_part_count > 0 || oldest.newest_closing > snapshot_csn) {
      break;
    }
    paths.push_back(absl::StrCat(options_.directory, "/", WalSegmentName(oldest.number)));
    state_.base.complete_after = std::max(state_.base.complete_after, next.last_before);
    state_.segments.pop_front();
  }
  if (paths.empty()) return;
  const WalPosition first{state_.segments.front().number, 0};
  std::erase_if(state_.parts, [&](const auto& parts) { return parts.second.front() < first; });
  executor_->Submit(
      JobQueue::kLogPrepare,
      [files = files_, executor = executor_, directory = options_.directory, paths] {
        for (const std::string& path : paths) {  // the folder is synced each time: oldest first
          absl::Status status = files->Remove(path);
          if (status.ok() || absl::IsNotFound(status)) status = files->SyncDirectory(directory);
          if (!status.ok()) return executor->Fail(status);
        }
      },
      [] {});
}

// --- Syncing.

void WalWriter::SyncThrough(Csn csn, std::function<void()> done) {
  CHECK(ready_);
  uint64_t through = 0;
  for (auto it = state_.tail.rbegin(); it != state_.tail.rend(); ++it) {
    if (it->csn > csn) continue;
    through = it->appended_bytes;
    break;
  }
  sync_->SyncThrough(through, std::move(done));
}

void WalWriter::SyncAll(std::function<void()> done) {
  CHECK(ready_);
  sync_->SyncThrough(appended_bytes_, std::move(done));
}

std::optional<GroupSync::Written> WalWriter::WriteOut() {
  if (!ready_) return std::nullopt;
  WriteBuffered();
  if (failed_) return std::nullopt;
  return GroupSync::Written{appended_bytes_, std::exchange(unsynced_, {})};
}

// --- Cutting.

void WalWriter::CutAbove(const WalCut& cut, std::function<void()> done) {
  const bool under_way = next_cut_.has_value() || cutting_;
  next_cut_ = cut;
  cut_done_ = std::move(done);
  if (under_way) return;
  if (ready_) WriteBuffered();
  if (failed_) return;
  ready_ = false;
  sync_->Restart();
  sync_->watch()->Asked();
  // First everything that is under way with segments, then, behind all syncs, the cut.
  executor_->Submit(
      JobQueue::kLogPrepare, [] {},
      [this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) RunCut();
      });
}

void WalWriter::RunCut() {
  cutting_ = true;
  for (size_t i = 1; i <= prepared_.size(); ++i) {
    state_.segments_behind.push_back(state_.end.segment + i);
  }
  prepared_.clear();
  next_cut_->of_earlier_process = active_ == nullptr;
  auto result = std::make_shared<absl::StatusOr<WalCutResult>>(absl::UnknownError("not run"));
  executor_->Submit(
      JobQueue::kLogSync,
      [files = files_, executor = executor_, options = options_, cut = *next_cut_, state = state_,
       result] {
        *result = CutWal(files, options, state, cut);
        if (!result->ok()) executor->Fail(result->status());
      },
      [this, result, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && result->ok()) FinishCut(std::move(**result));
      });
  next_cut_.reset();
}

void WalWriter::FinishCut(WalCutResult result) {
  state_ = std::move(result.state);
  active_ = std::move(result.active);
  if (result.prepared != nullptr) prepared_.push_back(std::move(result.prepared));
  if (next_cut_) return RunCut();
  cutting_ = false;
  sync_->watch()->Answered();
  seed_ = RecordSeed(WalSegmentHeader(options_, state_.end.segment, state_.base.epoch));
  buffer_.clear();
  buffer_offset_ = state_.end.offset;
  open_parts_.clear();
  unsynced_.clear();
  appended_bytes_ = 0;
  ready_ = true;
  // The next recovery needs room for its epoch too.
  const uint64_t size = WalSegmentBytes(options_, state_.end.segment);
  const bool used_up = state_.end.offset + WalSegmentReserveBytes(options_) / 2 > size;
  if (used_up && !prepared_.empty()) UseNextSegment();
  RetryPreparing();
  std::exchange(cut_done_, nullptr)();
}

// --- Figures and checks.

WalStats WalWriter::stats() const {
  WalStats stats;
  stats.segment_count = state_.segments.size();
  stats.sync_count = sync_->sync_count();
  stats.last_sync_micros = sync_->last_sync_micros();
  stats.unsynced_bytes = appended_bytes_ - sync_->synced();
  const WalPosition from = state_.tail.empty()                 ? state_.end
                           : state_.watermark_end.segment != 0 ? state_.watermark_end
                                                               : state_.tail.front().begin;
  for (const WalSegment& segment : state_.segments) {
    stats.wal_bytes += segment.used_bytes;
    if (segment.number < from.segment) continue;
    stats.above_watermark_bytes +=
        segment.used_bytes - (segment.number == from.segment ? from.offset : 0);
  }
  return stats;
}

void WalWriter::CheckInvariants() const {
  if (!ready_ || failed_) return;
  state_.CheckInvariants();
  CHECK(active_ != nullptr);
  CHECK_EQ(buffer_offset_ + buffer_.size(), state_.end.offset);
  uint64_t open_count = 0;
  for (const auto& [tx, open] : open_parts_) {
    CHECK_EQ(open.positions.size(), open.count);
    for (const WalPosition& position : open.positions) {
      CHECK_GE(position.segment, state_.segments.front().number);
    }
    open_count += open.count;
  }
  for (const WalSegment& segment : state_.segments) open_count -= segment.open_part_count;
  CHECK_EQ(open_count, 0u);
  sync_->CheckInvariants(appended_bytes_);
}

}  // namespace tidemark::durability
