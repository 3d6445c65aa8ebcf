// SPDX-License-Identifier: Apache-2.0
#include "tests/durability/crash_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

constexpr uint64_t kSectorBytes = 512;

class Lock : public env::DirectoryLock {
 public:
  explicit Lock(bool* held) : held_(held) { *held_ = true; }
  ~Lock() override { *held_ = false; }

 private:
  bool* held_;
};

}  // namespace

class CrashFile : public env::File {
 public:
  CrashFile(CrashFileSystem* files, CrashFileSystem::InodePtr inode)
      : files_(files), inode_(std::move(inode)), boot_(files->boot_) {}

  absl::Status WriteAt(uint64_t offset, std::string_view bytes) override {
    CHECK_EQ(boot_, files_->boot_);
    bool last = false;
    const absl::Status status = files_->Call(&last);
    if (!status.ok() && !last) return status;
    if (std::exchange(files_->fail_next_write_, false)) {
      return absl::ResourceExhaustedError("disk full (injected)");
    }
    RETURN_IF_ERROR(CheckRoom(offset + bytes.size()));
    // A call that the crash interrupts has written a part.
    if (last) bytes = bytes.substr(0, files_->random_() % (bytes.size() + 1));
    Do({.offset = offset, .bytes = std::string(bytes)});
    return status;
  }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) override {
    if (files_->crashed_) return files_->CrashError();
    if (offset >= inode_->now.size()) return 0;
    size = std::min<size_t>(size, inode_->now.size() - offset);
    std::memcpy(buffer, inode_->now.data() + offset, size);
    return size;
  }
  absl::Status Sync() override {
    CHECK_EQ(boot_, files_->boot_);
    RETURN_IF_ERROR(files_->Call());
    if (std::exchange(files_->fail_next_sync_, false)) {
      inode_->unsynced.clear();  // the kernel has dropped them and will not say so again
      return absl::UnavailableError("sync failed (injected)");
    }
    // Only what is still due to be written gets to the disk: what a failed sync has dropped does
    // not.
    for (const CrashFileSystem::Write& write : std::exchange(inode_->unsynced, {})) {
      CrashFileSystem::Apply(write, &inode_->on_disk);
    }
    return absl::OkStatus();
  }
  absl::Status Truncate(uint64_t size) override {
    RETURN_IF_ERROR(files_->Call());
    Do({.size = size});
    return absl::OkStatus();
  }
  absl::Status Preallocate(uint64_t size) override {
    RETURN_IF_ERROR(files_->Call());
    CHECK_LE(inode_->now.size(), size);
    RETURN_IF_ERROR(CheckRoom(size));
    Do({.size = size});
    return absl::OkStatus();
  }
  absl::StatusOr<uint64_t> Size() override { return inode_->now.size(); }

 private:
  absl::Status CheckRoom(uint64_t size) const {
    if (size <= inode_->now.size() + files_->free_bytes_) return absl::OkStatus();
    return absl::ResourceExhaustedError("disk full");
  }
  void Do(CrashFileSystem::Write write) {
    CrashFileSystem::Apply(write, &inode_->now);
    inode_->unsynced.push_back(std::move(write));
  }

  CrashFileSystem* files_;
  CrashFileSystem::InodePtr inode_;
  const uint64_t boot_;
};

void CrashFileSystem::Apply(const Write& write, std::string* bytes) {
  if (write.size) {
    bytes->resize(*write.size, '\0');
    return;
  }
  if (write.bytes.empty()) return;
  if (bytes->size() < write.offset + write.bytes.size()) {
    bytes->resize(write.offset + write.bytes.size(), '\0');
  }
  bytes->replace(write.offset, write.bytes.size(), write.bytes);
}

absl::Status CrashFileSystem::CrashError() const { return absl::UnavailableError("crashed"); }

absl::Status CrashFileSystem::Call(bool* last) {
  if (crashed_) return CrashError();
  ++changing_calls_;
  if (!calls_left_) return absl::OkStatus();
  if (*calls_left_ > 0) {
    --*calls_left_;
    return absl::OkStatus();
  }
  crashed_ = true;
  if (last != nullptr) *last = true;
  return CrashError();
}

std::string CrashFileSystem::NameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

CrashFileSystem::Directory* CrashFileSystem::DirectoryOf(const std::string& path) {
  const auto found = directories_.find(path.substr(0, path.rfind('/')));
  return found == directories_.end() ? nullptr : &found->second;
}

void CrashFileSystem::Change(const std::string& path, InodePtr inode) {
  Directory* directory = DirectoryOf(path);
  const std::string name = NameOf(path);
  if (inode == nullptr) {
    directory->now.erase(name);
  } else {
    directory->now[name] = inode;
  }
  directory->unsynced.push_back({name, std::move(inode)});
}

absl::StatusOr<std::unique_ptr<env::File>> CrashFileSystem::Open(const std::string& path,
                                                                 env::OpenMode mode) {
  Directory* directory = DirectoryOf(path);
  if (directory == nullptr) return absl::NotFoundError(path);
  const auto found = directory->now.find(NameOf(path));
  const bool exists = found != directory->now.end();
  if (mode == env::OpenMode::kCreate) {
    if (exists) return absl::AlreadyExistsError(path);
    RETURN_IF_ERROR(Call());
    auto inode = std::make_shared<Inode>();
    Change(path, inode);
    return std::make_unique<CrashFile>(this, inode);
  }
  if (crashed_) return CrashError();
  if (!exists) return absl::NotFoundError(path);
  return std::make_unique<CrashFile>(this, found->second);
}

absl::Status CrashFileSystem::Rename(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Call());
  Directory* directory = DirectoryOf(from);
  CHECK(directory != nullptr && directory == DirectoryOf(to));
  const auto found = directory->now.find(NameOf(from));
  if (found == directory->now.end()) return absl::NotFoundError(from);
  const InodePtr inode = found->second;
  Change(from, nullptr);
  Change(to, inode);
  return absl::OkStatus();
}

absl::Status CrashFileSystem::Remove(const std::string& path) {
  RETURN_IF_ERROR(Call());
  if (!Exists(path)) return absl::NotFoundError(path);
  Change(path, nullptr);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CrashFileSystem::List(const std::string& directory) {
  if (crashed_) return CrashError();
  const auto found = directories_.find(directory);
  if (found == directories_.end()) return absl::NotFoundError(directory);
  std::vector<std::string> names;
  for (const auto& [name, inode] : found->second.now) names.push_back(name);
  return names;
}

bool CrashFileSystem::Exists(const std::string& path) {
  if (directories_.contains(path)) return true;
  Directory* directory = DirectoryOf(path);
  return directory != nullptr && directory->now.contains(NameOf(path));
}

absl::Status CrashFileSystem::MakeDirectory(const std::string& path) {
  if (directories_.contains(path)) return absl::OkStatus();
  RETURN_IF_ERROR(Call());
  directories_[path];
  return absl::OkStatus();
}

absl::Status CrashFileSystem::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(Call());
  const auto found = directories_.find(path);
  if (found == directories_.end()) return absl::OkStatus();  // outside of the model
  found->second.on_disk = found->second.now;
  found->second.unsynced.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<env::DirectoryLock>> CrashFileSystem::LockDirectory(
    const std::string& directory) {
  bool& held = locks_[directory];
  if (held) return absl::FailedPreconditionError(directory + " is in use");
  return std::make_unique<Lock>(&held);
}

void CrashFileSystem::LosePower() {
  for (auto& [path, directory] : directories_) {
    for (const auto& [name, inode] : directory.now) {
      for (const Write& write : std::exchange(inode->unsynced, {})) {
        if (write.size) {
          if (Coin()) Apply(write, &inode->on_disk);
          continue;
        }
        for (uint64_t at = 0; at < write.bytes.size();) {
          const uint64_t offset = write.offset + at;
          const uint64_t size =
              std::min(write.bytes.size() - at, kSectorBytes - offset % kSectorBytes);
          if (Coin())
            Apply({.offset = offset, .bytes = write.bytes.substr(at, size)}, &inode->on_disk);
          at += size;
        }
      }
      inode->now = inode->on_disk;
    }
    // A name that came back may belong to an inode that is in no folder now.
    for (const auto& [name, inode] : directory.on_disk) {
      inode->unsynced.clear();
      inode->now = inode->on_disk;
    }
    for (const NameChange& change : std::exchange(directory.unsynced, {})) {
      if (!Coin()) continue;
      if (change.inode == nullptr) {
        directory.on_disk.erase(change.name);
      } else {
        directory.on_disk[change.name] = change.inode;
      }
    }
    directory.now = directory.on_disk;
  }
  KillProcesses();
}

void CrashFileSystem::KillProcesses() {
  ++boot_;
  crashed_ = false;
  calls_left_.reset();
  fail_next_sync_ = false;
  fail_next_write_ = false;
}

std::string* CrashFileSystem::Bytes(const std::string& path) {
  Directory* directory = DirectoryOf(path);
  CHECK(directory != nullptr && directory->now.contains(NameOf(path))) << path;
  return &directory->now[NameOf(path)]->now;
}

std::vector<std::string> CrashFileSystem::AllPaths() const {
  std::vector<std::string> paths;
  for (const auto& [path, directory] : directories_) {
    for (const auto& [name, inode] : directory.now) paths.push_back(path + "/" + name);
  }
  return paths;
}

}  // namespace tidemark::durability
