// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "env/file_system.h"

namespace tidemark::durability {

// A file system in memory that can lose power: synced bytes and names stay; of unsynced writes each
// sector, and of unsynced names each change, stays or goes at random.
// Threads: one.
class CrashFileSystem : public env::FileSystem {
 public:
  explicit CrashFileSystem(uint64_t seed = 1) : random_(seed) {}

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
  absl::StatusOr<uint64_t> FreeBytes(const std::string&) override { return free_bytes_; }
  // From now on no file can grow by more than this.
  void SetFreeBytes(uint64_t bytes) { free_bytes_ = bytes; }

  // The n-th changing call from now on, and all after it, fail; the n-th may do a part of its work.
  void CrashAfter(uint64_t n) { calls_left_ = n; }
  bool crashed() const { return crashed_; }
  // The next Sync of a file fails, once.
  void FailNextSync() { fail_next_sync_ = true; }
  // The next write fails as on a full disk, once.
  void FailNextWrite() { fail_next_write_ = true; }

  // The machine loses power and comes back. Open files are of no use any more.
  void LosePower();
  // The processes die, the machine goes on: nothing is lost.
  void KillProcesses();

  uint64_t changing_calls() const { return changing_calls_; }
  // Direct access for tests: bytes of a file, as written.
  std::string* Bytes(const std::string& path);
  std::vector<std::string> AllPaths() const;

 private:
  friend class CrashFile;
  uint64_t free_bytes_ = 1 << 30;
  struct Write {
    uint64_t offset = 0;
    std::string bytes;             // of a write
    std::optional<uint64_t> size;  // a truncation or extension
  };
  struct Inode {
    std::string now;
    std::string on_disk;
    std::vector<Write> unsynced;
  };
  using InodePtr = std::shared_ptr<Inode>;
  struct NameChange {
    std::string name;
    InodePtr inode;  // null: removed
  };
  struct Directory {
    std::map<std::string, InodePtr> now;
    std::map<std::string, InodePtr> on_disk;
    std::vector<NameChange> unsynced;
  };

  // An error when the crash has come; `*last` on the call that it interrupts.
  absl::Status Call(bool* last = nullptr);
  absl::Status CrashError() const;
  Directory* DirectoryOf(const std::string& path);
  static std::string NameOf(const std::string& path);
  void Change(const std::string& path, InodePtr inode);
  static void Apply(const Write& write, std::string* bytes);
  bool Coin() { return (random_() & 1) != 0; }

  std::mt19937_64 random_;
  std::map<std::string, Directory> directories_;
  std::map<std::string, bool> locks_;
  uint64_t boot_ = 0;  // files of an earlier boot fail
  uint64_t changing_calls_ = 0;
  std::optional<uint64_t> calls_left_;
  bool crashed_ = false;
  bool fail_next_sync_ = false;
  bool fail_next_write_ = false;
};

}  // namespace tidemark::durability
