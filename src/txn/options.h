// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/time_units.h"

namespace tidemark::txn {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr uint64_t kMaxTailRecordCount = 4;
inline constexpr uint64_t kMaxOpenTransactionCount = 256;
inline constexpr uint64_t kMaxQueuedCommitCount = 64;
inline constexpr uint64_t kMaxUnappliedCommitCount = 16;
inline constexpr uint64_t kMaxUnflushedCommitCount = 64;
#else
// Tail records in one Register frame; a longer tail travels in several frames.
inline constexpr uint64_t kMaxTailRecordCount = 65536;
inline constexpr uint64_t kMaxOpenTransactionCount = 65536;
// Commits that wait for back-pressure or for a schema commit before them.
inline constexpr uint64_t kMaxQueuedCommitCount = 65536;
// Commits with a csn that is not visible yet.
inline constexpr uint64_t kMaxUnappliedCommitCount = 65536;
// Commits with a csn above the watermark (WAL on).
inline constexpr uint64_t kMaxUnflushedCommitCount = 262144;
#endif
inline constexpr uint32_t kMaxListedUndoneCount = 100;
// Different times at which unflushed commits were given their csn.
inline constexpr size_t kMaxCommitTimeCount = 1024;
// While the undo of a worker takes more than this part of its memory limit, one commit leaves the
// queue per flush interval.
inline constexpr uint64_t kUndoShareOfMemory = 4;
// Who asks for figures gets those of the workers that answer within this time.
inline constexpr int64_t kFiguresLimitMicros = 250'000;
inline constexpr size_t kMaxFigureRequestCount = 1024;
// How often a worker is asked how many vertices and edges it has of what.
inline constexpr int64_t kCountsPeriodMicros = 5 * kMicrosPerSecond;
// Commits wait when the oldest unflushed one is older than this many flush intervals.
inline constexpr int64_t kMaxUnflushedIntervals = 3;
// How often a closed cluster says which workers it waits for.
inline constexpr int64_t kMissingNoticeMicros = 10 * kMicrosPerSecond;
// A clean stop waits so long for commits, the last flush and the workers.
inline constexpr int64_t kStopLimitMicros = 2 * kMicrosPerSecond;
// A snapshot has no such limit while it grows; one that has not grown for so long is given up.
inline constexpr int64_t kSnapshotStallMicros = 60 * kMicrosPerSecond;
// How often a stop that waits for a snapshot says how far it is.
inline constexpr int64_t kStopNoticeMicros = 2 * kMicrosPerSecond;

// A new worker that has got its id makes it durable and comes back within this time.
inline constexpr int64_t kIdentityLimitMicros = 30 * kMicrosPerSecond;

enum class RecoveryPoint : uint8_t { kWatermark, kLongest };

// The operator's settings for the coordinator. Times are in microseconds of the monotonic clock.
struct CoordinatorOptions {
  bool synchronous_commit = false;  // REQUIRES: wal
  bool wal = true;
  RecoveryPoint recovery_point = RecoveryPoint::kWatermark;
  int64_t wal_flush_interval_micros = 100'000;
  int64_t snapshot_interval_micros = 300 * kMicrosPerSecond;  // 0 = only on request
  uint32_t snapshot_retention_count = 3;                      // at least 1
  int64_t heartbeat_interval_micros = kMicrosPerSecond;
  int64_t silence_limit_micros = 5 * kMicrosPerSecond;         // of a worker, or of a disk
  int64_t idle_limit_micros = 300 * kMicrosPerSecond;          // between two operations
  int64_t transaction_limit_micros = 3600 * kMicrosPerSecond;  // from begin to commit
  int64_t horizon_limit_micros = 1200 * kMicrosPerSecond;      // a reader or a snapshot round
  uint64_t unflushed_limit_bytes = 256 << 20;                  // WAL above W on one worker
  // Checked against every worker's Hello; empty = none.
  std::string credential;
  // For the worker's Settings.
  uint64_t wal_segment_bytes = 64 << 20;
  uint64_t memory_limit_bytes = 0;
  std::string build;
};

// The settings of a worker's participant.
struct ParticipantOptions {
  bool wal = true;
  // Silence of the master, or of the disk, after which the worker gives the stream up and dials
  // again.
  int64_t silence_limit_micros = 5 * kMicrosPerSecond;
};

}  // namespace tidemark::txn
