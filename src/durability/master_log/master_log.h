// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "durability/file_format.h"
#include "durability/master_log/master_log_record.h"
#include "durability/master_log/master_log_state.h"
#include "env/clock.h"
#include "env/executor.h"
#include "env/file_system.h"

namespace tidemark::durability {

struct MasterLogOptions {
  std::string directory;  // REQUIRES: exists
  FileIdentity identity;
  size_t snapshot_retention_count = 3;
  uint64_t growth_bytes = kMasterLogGrowthBytes;
  env::Clock* clock = nullptr;  // to time syncs; not owned
};

struct MasterLogContents {
  uint64_t generation = 0;
  MasterLogState state;
  uint64_t next_sequence = 1;
  uint64_t end = 0;         // offset of the next record
  uint64_t torn_bytes = 0;  // behind it, not zero: copies, and what was not finished
  // The records of which no later one says that they were synced: what copies are made of.
  std::deque<std::pair<uint64_t, std::string>> newest;  // sequence and bytes
  // Records whose own place is damaged, with their place, taken from the copies behind the end.
  std::vector<std::pair<uint64_t, std::string>> repaired;
  uint64_t file_bytes = 0;
  std::vector<std::string> remarks;
};
// Reads and verifies the newest generation. kNotFound: there is none. kDataLoss, naming path and
// offset: a record that was synced is damaged and there is no copy of it. A torn tail is left out.
// Blocks; changes nothing.
absl::StatusOr<MasterLogContents> ReadMasterLog(env::FileSystem* files,
                                                const MasterLogOptions& options);
// The same for one generation.
absl::StatusOr<MasterLogContents> ReadMasterLogGeneration(env::FileSystem* files,
                                                          const MasterLogOptions& options,
                                                          uint64_t generation);

// The log of the master: records appended, synced in the background, one sync at a time, the next
// one covering everything appended meanwhile; rewritten when it has grown. Behind its end lie
// copies of the newest records: those of which no later record says that they were synced, so that
// damage to one could not be told from a torn write.
//
// Owner: the master. Threads: loop only (Create and Open block: before the loop runs, or in a job).
// Errors: Create and Open return them; afterwards any failed write or sync ends the node
// (Executor::Fail) and callbacks are not called. After destruction callbacks are not called. A disk
// without room for the next generation is no error but a state (disk_full()): the file of that one
// is made long before it is needed, and the rest of the present one is for what must be logged.
class MasterLog {
 public:
  // Begins generation 1 with `cluster` as its first record, synced. kAlreadyExists: there is a log.
  static absl::StatusOr<std::unique_ptr<MasterLog>> Create(env::FileSystem* files,
                                                           env::Executor* executor,
                                                           const MasterLogOptions& options,
                                                           const ClusterRecord& cluster);
  // Reads the newest generation, cuts a torn tail and syncs what is there, so that everything in
  // state() is on disk.
  static absl::StatusOr<std::unique_ptr<MasterLog>> Open(env::FileSystem* files,
                                                         env::Executor* executor,
                                                         const MasterLogOptions& options);
  ~MasterLog();
  MasterLog(const MasterLog&) = delete;
  MasterLog& operator=(const MasterLog&) = delete;

  // Appends and returns the record's position (positions ascend). The bytes go to the operating
  // system at the end of the turn. REQUIRES: the record can follow the log (CHECKed).
  uint64_t Append(const MasterLogRecord& record);
  // `done` when everything up to `position` is on disk; never from inside the call.
  void SyncThrough(uint64_t position, std::function<void()> done);
  // kResourceExhausted, with path, bytes needed and bytes free, while there is no room for the next
  // generation: only what must be logged should be.
  const absl::Status& disk_full() const;
  // Highest position known to be on disk.
  uint64_t synced() const;
  uint64_t last_position() const;
  // Calls of fdatasync by SyncThrough.
  uint64_t sync_count() const;
  // How long the newest of them took; 0 = none yet, or not timed.
  int64_t last_sync_micros() const;

  // All appended records, synced or not.
  const MasterLogState& state() const;
  uint64_t generation() const;
  // "<path>, offset <n>", where the next record goes; for messages.
  std::string DescribeEnd() const;
  // What Open found worth telling a person.
  const std::vector<std::string>& remarks() const;
  void CheckInvariants() const;

 private:
  class Impl;
  explicit MasterLog(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tidemark::durability
