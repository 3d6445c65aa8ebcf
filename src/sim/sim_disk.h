// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sim_random.h"

namespace tidemark::sim {

inline constexpr uint64_t kSectorBytes = 512;
// What every error of a full disk says.
inline constexpr std::string_view kNoSpace = "no space left";

// What a file holds: what programs see (page cache), what is on the platter, and the changes that
// only the cache has. Threads: one.
class SimInode {
 public:
  explicit SimInode(uint64_t id) : id_(id) {}
  // With content that is on the platter.
  SimInode(uint64_t id, std::string content) : id_(id), cached_(content), durable_(content) {}

  uint64_t id() const { return id_; }
  const std::string& cached() const { return cached_; }
  const std::string& durable() const { return durable_; }
  bool dirty() const { return !unsynced_.empty(); }

  void Write(uint64_t offset, std::string_view bytes);
  void Resize(uint64_t size);
  void Sync();
  // A failed sync: some changes reach the platter, the others never will, and the cache forgets
  // that they are missing.
  void FailSync(SimRandom* random);
  // The power goes: of the unsynced changes, any sectors in any order may be on the platter.
  void LosePower(SimRandom* random);
  // Flips one bit, in cache and on the platter.
  void FlipBit(uint64_t offset, int bit);

 private:
  struct Change {
    bool resize = false;
    uint64_t offset = 0;  // the new size when `resize`
    std::string bytes;
  };

  static void Apply(const Change& change, std::string* content);
  // Applies the part of `change` that lies in one sector, or a torn part of that.
  static void ApplySector(const Change& change, uint64_t sector, bool torn, SimRandom* random,
                          std::string* content);
  void ApplyRandomSectors(SimRandom* random);
  void ApplyRandomPrefix(SimRandom* random);

  uint64_t id_;
  std::string cached_;
  std::string durable_;
  std::vector<Change> unsynced_;
};

// A folder: names as programs see them, and as they are on the platter. Threads: one.
struct SimDirectory {
  struct Entry {
    std::shared_ptr<SimInode> file;
    std::shared_ptr<SimDirectory> directory;
  };
  // Removes one name and adds another, both or neither (a rename); either may be empty.
  struct Change {
    std::string removed;
    std::string added;
    Entry entry;
  };

  std::map<std::string, Entry> entries;
  std::map<std::string, Entry> durable;
  std::vector<Change> unsynced;

  void Make(Change change);
  void Sync();
  static void Apply(const Change& change, std::map<std::string, Entry>* names);
};

// When and how the next operations of a disk go wrong. Each `_countdown` counts operations; 0 =
// off.
struct DiskFaults {
  uint64_t capacity_bytes = UINT64_MAX;
  uint64_t crash_countdown = 0;
  // Called when crash_countdown reaches 0, after a part of the operation: kills the process and
  // perhaps cuts the power.
  std::function<void()> crash;
  uint64_t sync_error_countdown = 0;
  uint64_t write_error_countdown = 0;
  // Until then nothing that a log asks for is answered, and there is no error.
  int64_t hang_until_micros = 0;
};

// A machine's disk: outlives the processes that use it. Threads: one.
class SimDisk {
 public:
  explicit SimDisk(uint64_t seed, uint64_t machine) : random_(seed, machine) {}

  // Only what was synced is sure to survive. Every process of the machine must be dead.
  void LosePower();
  // Flips a random bit of the file at `path`; false when there is no such file or it is empty.
  bool FlipRandomBit(const std::string& path);
  // Sum of the sizes of all files.
  uint64_t UsedBytes() const;
  // A copy of everything as programs see it, and the way back to one; all of it is on the platter
  // then. No process of the machine may be alive.
  std::shared_ptr<const SimDirectory> Copy() const;
  void Restore(const SimDirectory& copy);
  // Removes the files of a folder, durably; nothing happens when there is no such folder.
  void RemoveFiles(std::string_view directory);
  // Every file with its content as programs see it, for checks. Paths in ascending order.
  std::vector<std::pair<std::string, const SimInode*>> Files() const;

  DiskFaults& faults() { return faults_; }
  SimRandom& random() { return random_; }
  uint64_t operation_count() const { return operation_count_; }

  // --- For SimFileSystem.
  // nullptr when there is none. "" and "/" name the root.
  std::shared_ptr<SimDirectory> FindDirectory(std::string_view path) const;
  std::shared_ptr<SimInode> FindFile(std::string_view path) const;
  std::shared_ptr<SimInode> NewInode() { return std::make_shared<SimInode>(next_inode_++); }
  void CountOperation() { ++operation_count_; }
  // Who holds the lock of a folder; weak, because a lock ends with its process.
  std::map<std::string, std::weak_ptr<struct LockHolder>>& locks() { return locks_; }

 private:
  SimRandom random_;
  DiskFaults faults_;
  std::shared_ptr<SimDirectory> root_ = std::make_shared<SimDirectory>();
  std::map<std::string, std::weak_ptr<struct LockHolder>> locks_;
  uint64_t next_inode_ = 1;
  uint64_t operation_count_ = 0;
};

// "a/b/c" -> {"a/b", "c"}.
std::pair<std::string_view, std::string_view> SplitPath(std::string_view path);

}  // namespace tidemark::sim
