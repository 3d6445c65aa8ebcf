// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "env/file_system.h"
#include "sim/process.h"
#include "sim/scheduler.h"
#include "sim/sim_disk.h"

namespace tidemark::sim {

// One process's view of its machine's disk. Every operation is a point at which the process may
// crash (DiskFaults); an operation of a dead process fails and changes nothing.
// Owner: the simulated process. Threads: one. Errors: as env::FileSystem says.
class SimFileSystem final : public env::FileSystem {
 public:
  SimFileSystem(Scheduler* scheduler, SimDisk* disk, std::shared_ptr<Process> process);

  absl::StatusOr<std::unique_ptr<env::File>> Open(const std::string& path,
                                                  env::OpenMode mode) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  bool Exists(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<env::DirectoryLock>> LockDirectory(
      const std::string& directory) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override;

 private:
  friend class SimFile;

  // Traces one operation and fails it when the process is dead. `*crashing` is set when the process
  // dies in this operation: the caller does what part of it happens, then calls Crash.
  absl::Status Begin(std::string_view operation, const std::string& path, bool* crashing);
  // As Begin, for operations that change nothing or that happen fully or not at all.
  absl::Status BeginWhole(std::string_view operation, const std::string& path);
  absl::Status Crash(std::string_view operation, const std::string& path);
  // kResourceExhausted when `more_bytes` do not fit.
  absl::Status CheckSpace(const std::string& path, uint64_t more_bytes);

  Scheduler* scheduler_;
  SimDisk* disk_;
  std::shared_ptr<Process> process_;
};

}  // namespace tidemark::sim
