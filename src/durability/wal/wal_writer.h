// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/wal/group_sync.h"
#include "durability/wal/wal_cut.h"
#include "durability/wal/wal_state.h"
#include "env/executor.h"
#include "env/file_system.h"

namespace tidemark::durability {

// One commit to log. REQUIRES: mutations.size() <= kMaxRecordBodyBytes / 2.
struct WalCommitEntry {
  Csn csn;
  TxId tx;
  NodeSet participants;
  std::string_view mutations;  // those that no AppendPart has logged
};

// The bytes that a commit's own records take at most besides its mutations.
inline constexpr uint64_t kMaxCommitOverheadBytes = 128;

struct WalStats {
  uint64_t wal_bytes = 0;              // in use in all segments
  uint64_t unsynced_bytes = 0;         // appended and not known to be on disk
  uint64_t above_watermark_bytes = 0;  // of records behind the newest commit <= watermark
  uint64_t segment_count = 0;
  uint64_t sync_count = 0;
  int64_t last_sync_micros = 0;  // 0 = none yet, or not timed
};

// The write-ahead log of one worker: appends records to preallocated segments, one write per loop
// turn, and syncs in the background, one sync at a time, the next one covering everything written
// meanwhile.
//
// Owner: the worker. Threads: loop only; jobs touch only files that they were given.
// Errors: any failed write, sync or removal ends the node (Executor::Fail); callbacks are not
// called then. After destruction callbacks are not called. A disk without room for the next segment
// is no error but a state (disk_full()): what is appended then goes to room that is on disk
// already, and the writer looks for room every second. Limits: a record is at most
// kMaxRecordBodyBytes; a segment grows beyond segment_bytes only when somebody appends more than
// HasRoom was asked for, or one record larger than a segment.
class WalWriter {
 public:
  // `state` is the result of ScanWal. Nothing may be appended until the first CutAbove is done.
  WalWriter(env::FileSystem* files, env::Executor* executor, const WalOptions& options,
            WalState state);
  ~WalWriter();
  WalWriter(const WalWriter&) = delete;
  WalWriter& operator=(const WalWriter&) = delete;

  // Removes everything above cut.csn and every torn byte, syncs all that stays, begins cut.epoch
  // and syncs that; then `done`. A crash at any point leaves a WAL that a later CutAbove of the
  // same or a later attempt brings to the same state. Open transactions' parts are forgotten.
  // Waiters of SyncThrough are forgotten. While another cut is under way, this one runs behind it
  // and the other's `done` is not called; state() is that before the cuts. REQUIRES: as CutWal.
  void CutAbove(const WalCut& cut, std::function<void()> done);
  bool ready() const { return ready_; }  // no cut under way and one was done

  // REQUIRES for all: ready().
  // Logs mutations of an open transaction ahead of its commit.
  void AppendPart(TxId tx, std::string_view mutations);
  // The transaction ended without a commit. Unknown ones are ignored.
  void ForgetParts(TxId tx);
  // REQUIRES: commit.csn > last_csn().
  void AppendCommit(const WalCommitEntry& commit);
  // Notes what the master log is known to hold; lower or equal ones are ignored.
  void NoteWatermark(Csn watermark);
  // Hands what was appended to the operating system. Runs at the end of the turn by itself; to be
  // called before anything is said about a commit.
  void WriteBuffered();

  // Whether records of `bytes` in all fit into what is allocated and not used, wherever the ends of
  // segments fall between them. When not, more is being allocated: ask again later, unless
  // disk_full() is an error.
  bool HasRoom(uint64_t bytes);
  // kResourceExhausted, with path, bytes needed and bytes free, while there is no room for the next
  // segment.
  const absl::Status& disk_full() const { return disk_full_; }
  // Called after disk_full() has changed.
  void set_on_disk_full(std::function<void(const absl::Status&)> fn) {
    on_disk_full_ = std::move(fn);
  }

  // `done` when every commit <= csn is on disk; never from inside the call.
  void SyncThrough(Csn csn, std::function<void()> done);
  // The same for everything appended.
  void SyncAll(std::function<void()> done);

  // Removes segments, oldest first, that only snapshots older than `snapshot_csn` need.
  // REQUIRES: ready(); a complete snapshot as of snapshot_csn is on disk here.
  void RemoveBelow(Csn snapshot_csn);

  Epoch epoch() const { return state_.base.epoch; }
  Csn last_csn() const { return state_.base.last_csn; }
  Csn watermark() const { return state_.base.watermark; }
  // For Register: base.watermark_last, base.complete_after, and the commits above the watermark.
  const WalState& state() const { return state_; }
  WalStats stats() const;
  // When a sync or a step of a cut was asked for that the disk has not answered yet; nullopt: none
  // is under way, or there is no clock.
  std::optional<int64_t> disk_asked_micros() const { return sync_->watch()->asked_micros(); }
  void CheckInvariants() const;

 private:
  // Appends a record whose body `append_body` makes; returns where it lies.
  template <typename AppendBody>
  std::pair<WalPosition, WalPosition> Append(WalRecordKind kind, uint64_t csn,
                                             AppendBody append_body);
  void AppendBase(WalRecordKind kind, uint64_t csn);
  // Goes on in the next segment when a record of so many bytes does not fit into this one, and has
  // one prepared in time. Records about the log itself may use the end of a segment.
  void UseSegments(uint64_t record_bytes, bool about_the_log);
  void UseNextSegment();
  void WantSegment();
  void PrepareSegment();
  void OnSegmentPrepared(absl::StatusOr<std::shared_ptr<env::File>> file);
  void RetryLater();
  void RetryPreparing();
  void ReleaseParts(TxId tx, Csn closing_csn);
  WalSegment& SegmentAt(uint64_t number) {
    return state_.segments[number - state_.segments.front().number];
  }
  std::optional<GroupSync::Written> WriteOut();
  void RunCut();
  void FinishCut(WalCutResult result);

  env::FileSystem* const files_;
  env::Executor* const executor_;
  WalOptions options_;
  WalState state_;
  bool ready_ = false;
  // A write failed and the executor knows: the node ends with this turn, until which calls may come
  // in. Nothing is written or synced any more.
  bool failed_ = false;
  bool cutting_ = false;            // a cut's job runs
  std::optional<WalCut> next_cut_;  // runs once what is under way is done
  std::function<void()> cut_done_;  // of the newest cut

  std::shared_ptr<env::File> active_;
  uint64_t seed_ = 0;           // of the active segment
  uint64_t buffer_offset_ = 0;  // in the active segment
  std::string buffer_;

  std::deque<std::shared_ptr<env::File>> prepared_;  // the segments behind the active one
  bool preparing_ = false;
  absl::Status disk_full_;  // of the newest attempt to prepare one
  bool retry_awaited_ = false;
  std::function<void(const absl::Status&)> on_disk_full_;

  absl::flat_hash_map<TxId, WalOpenParts> open_parts_;

  uint64_t appended_bytes_ = 0;                       // since the cut: the positions of sync_
  std::vector<std::shared_ptr<env::File>> unsynced_;  // written since sync_ asked last
  std::shared_ptr<GroupSync> sync_;
  // What comes back from the executor after this writer is gone does nothing.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::durability
