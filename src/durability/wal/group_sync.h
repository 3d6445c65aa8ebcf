// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "durability/wal/disk_watch.h"
#include "env/clock.h"
#include "env/executor.h"
#include "env/file_system.h"

namespace tidemark::durability {

// Group commit of one log: one sync is under way at a time, and the next one covers everything that
// was written meanwhile. Positions are the log's own, ascending from 0.
// Owner: WalWriter, MasterLog. Threads: loop; the jobs sync the files that they were given.
// Errors: a failed sync ends the node; callbacks are not called then.
class GroupSync : public std::enable_shared_from_this<GroupSync> {
 public:
  struct Written {
    uint64_t position = 0;                          // everything up to here was written
    std::vector<std::shared_ptr<env::File>> files;  // what has changed since the last call
  };
  // `write_out` hands the log's buffer to the operating system. nullopt: not now, the log will call
  // Resume, or has failed.
  using WriteOut = std::function<std::optional<Written>()>;

  // Does not own executor and clock; without a clock syncs are not timed.
  GroupSync(env::Executor* executor, env::Clock* clock, WriteOut write_out)
      : executor_(executor),
        clock_(clock),
        write_out_(std::move(write_out)),
        watch_(std::make_shared<DiskWatch>(clock)) {}

  // Something was appended: it is written at the end of the turn.
  void WriteAtTurnEnd();
  // `done` when everything up to `position` is on disk; never from inside the call.
  void SyncThrough(uint64_t position, std::function<void()> done);
  // What stood in the way of writing is gone, and everything up to `synced` is on disk.
  void Resume(uint64_t synced);
  // Forgets all waiters and what is under way; positions begin at 0 again.
  void Restart();
  // The owner goes away: no callback any more.
  void Stop() { stopped_ = true; }

  uint64_t synced() const { return synced_; }
  // Files synced, one call each.
  uint64_t sync_count() const { return sync_count_; }
  // How long the newest sync that is done took; 0 = none, or not timed.
  int64_t last_sync_micros() const { return last_sync_micros_; }
  // Watches the syncs; the log may have it watch other jobs of its own while none is under way.
  const std::shared_ptr<DiskWatch>& watch() const { return watch_; }
  // CHECKs what must hold. REQUIRES: everything up to `appended` was appended.
  void CheckInvariants(uint64_t appended) const;

 private:
  struct Waiter {
    uint64_t position = 0;
    std::function<void()> done;
  };

  void AtTurnEnd();
  void WriteAndSync();
  void SyncDone(uint64_t round, uint64_t position);
  void WakeWaiters();

  env::Executor* const executor_;
  env::Clock* const clock_;
  const WriteOut write_out_;
  const std::shared_ptr<DiskWatch> watch_;
  bool stopped_ = false;
  bool turn_end_asked_ = false;
  bool syncing_ = false;
  uint64_t round_ = 0;  // counts restarts
  uint64_t synced_ = 0;
  uint64_t sync_count_ = 0;
  int64_t last_sync_micros_ = 0;
  std::deque<Waiter> waiters_;
  std::vector<std::shared_ptr<env::File>> unsynced_;
};

}  // namespace tidemark::durability
