// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status.h"

namespace tidemark::sim {

// Proof that a lock is held: dead with its object or its process.
struct LockHolder {
  std::shared_ptr<Process> process;
};

namespace {

class SimDirectoryLock final : public env::DirectoryLock {
 public:
  explicit SimDirectoryLock(std::shared_ptr<LockHolder> holder) : holder_(std::move(holder)) {}

 private:
  std::shared_ptr<LockHolder> holder_;
};

absl::Status Failed(std::string_view operation, const std::string& path, std::string_view reason) {
  return absl::UnavailableError(
      absl::StrCat(ToAbsl(operation), " ", path, " failed: ", ToAbsl(reason)));
}

// Counts down to the operation that a fault was planned for.
bool CountDown(uint64_t* countdown) { return *countdown != 0 && --*countdown == 0; }

}  // namespace

class SimFile final : public env::File {
 public:
  SimFile(SimFileSystem* files, std::string path, std::shared_ptr<SimInode> inode, bool writable)
      : scheduler_(files->scheduler_),
        system_(*files),
        path_(std::move(path)),
        inode_(std::move(inode)),
        writable_(writable) {}

  absl::Status WriteAt(uint64_t offset, std::string_view bytes) override {
    bool crashing = false;
    RETURN_IF_ERROR(system_.Begin("write", path_, &crashing));
    if (!writable_) return Failed("write", path_, "opened for reading");
    scheduler_->trace().AddBytes(system_.process_->node.value(), "bytes", bytes);
    const uint64_t end = offset + bytes.size();
    SimRandom& random = system_.disk_->random();
    if (crashing || CountDown(&system_.disk_->faults().write_error_countdown)) {
      const uint64_t part = random.Below(bytes.size() + 1);
      if (part > 0) inode_->Write(offset, bytes.substr(0, part));
      return crashing ? system_.Crash("write", path_) : Failed("write", path_, "I/O error");
    }
    if (end > inode_->cached().size()) {
      const absl::Status space = system_.CheckSpace(path_, end - inode_->cached().size());
      if (!space.ok()) {  // a short write
        inode_->Write(offset, bytes.substr(0, random.Below(bytes.size() + 1)));
        return space;
      }
    }
    inode_->Write(offset, bytes);
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) override {
    RETURN_IF_ERROR(system_.BeginWhole("read", path_));
    const std::string& content = inode_->cached();
    if (offset >= content.size()) return size_t{0};
    const size_t count = std::min<uint64_t>(size, content.size() - offset);
    std::memcpy(buffer, content.data() + offset, count);
    return count;
  }

  absl::Status Sync() override {
    bool crashing = false;
    RETURN_IF_ERROR(system_.Begin("sync", path_, &crashing));
    SimDisk* disk = system_.disk_;
    if (crashing) {
      if (disk->random().Chance(500)) inode_->Sync();
      return system_.Crash("sync", path_);
    }
    if (CountDown(&disk->faults().sync_error_countdown)) {
      inode_->FailSync(&disk->random());
      return Failed("sync", path_, "I/O error");
    }
    inode_->Sync();
    return absl::OkStatus();
  }

  absl::Status Truncate(uint64_t size) override {
    RETURN_IF_ERROR(system_.BeginWhole("truncate", path_));
    if (size > inode_->cached().size()) {
      RETURN_IF_ERROR(system_.CheckSpace(path_, size - inode_->cached().size()));
    }
    inode_->Resize(size);
    return absl::OkStatus();
  }

  absl::Status Preallocate(uint64_t size) override {
    RETURN_IF_ERROR(system_.BeginWhole("preallocate", path_));
    const uint64_t old_size = inode_->cached().size();
    if (size > old_size) {
      RETURN_IF_ERROR(system_.CheckSpace(path_, size - old_size));
      inode_->Resize(size);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() override {
    RETURN_IF_ERROR(system_.BeginWhole("size", path_));
    return inode_->cached().size();
  }

 private:
  Scheduler* scheduler_;
  SimFileSystem system_;  // a copy: a file may outlive the object that opened it
  std::string path_;
  std::shared_ptr<SimInode> inode_;
  bool writable_;
};

SimFileSystem::SimFileSystem(Scheduler* scheduler, SimDisk* disk, std::shared_ptr<Process> process)
    : scheduler_(scheduler), disk_(disk), process_(std::move(process)) {}

absl::Status SimFileSystem::Begin(std::string_view operation, const std::string& path,
                                  bool* crashing) {
  if (!process_->alive) return Failed(operation, path, "the process is dead");
  scheduler_->trace().AddText(process_->node.value(), operation, path);
  disk_->CountOperation();
  *crashing = CountDown(&disk_->faults().crash_countdown);
  return absl::OkStatus();
}

absl::Status SimFileSystem::Crash(std::string_view operation, const std::string& path) {
  scheduler_->trace().AddText(process_->node.value(), "crash", path);
  process_->Kill("crashed in " + std::string(operation) + " " + path);
  if (disk_->faults().crash) std::exchange(disk_->faults().crash, nullptr)();
  return Failed(operation, path, "the process is dead");
}

absl::Status SimFileSystem::BeginWhole(std::string_view operation, const std::string& path) {
  bool crashing = false;
  RETURN_IF_ERROR(Begin(operation, path, &crashing));
  return crashing ? Crash(operation, path) : absl::OkStatus();
}

absl::Status SimFileSystem::CheckSpace(const std::string& path, uint64_t more_bytes) {
  const uint64_t capacity = disk_->faults().capacity_bytes;
  if (capacity == UINT64_MAX || disk_->UsedBytes() + more_bytes <= capacity) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(absl::StrCat("write ", path, " failed: ", ToAbsl(kNoSpace)));
}

absl::StatusOr<std::unique_ptr<env::File>> SimFileSystem::Open(const std::string& path,
                                                               env::OpenMode mode) {
  RETURN_IF_ERROR(BeginWhole("open", path));
  std::shared_ptr<SimInode> inode = disk_->FindFile(path);
  if (mode == env::OpenMode::kCreate) {
    const auto [parent, name] = SplitPath(path);
    const std::shared_ptr<SimDirectory> directory = disk_->FindDirectory(parent);
    if (directory == nullptr) return absl::NotFoundError(absl::StrCat("no folder for ", path));
    if (inode != nullptr) return absl::AlreadyExistsError(absl::StrCat(path, " exists"));
    RETURN_IF_ERROR(CheckSpace(path, 1));
    inode = disk_->NewInode();
    directory->Make({"", std::string(name), {inode, nullptr}});
  }
  if (inode == nullptr) return absl::NotFoundError(absl::StrCat("no file ", path));
  return std::unique_ptr<env::File>(
      std::make_unique<SimFile>(this, path, std::move(inode), mode != env::OpenMode::kRead));
}

absl::Status SimFileSystem::Rename(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(BeginWhole("rename", from));
  const auto [from_parent, from_name] = SplitPath(from);
  const auto [to_parent, to_name] = SplitPath(to);
  if (from_parent != to_parent) return Failed("rename", from, "other folder");
  const std::shared_ptr<SimDirectory> directory = disk_->FindDirectory(from_parent);
  if (directory == nullptr || !directory->entries.contains(std::string(from_name))) {
    return absl::NotFoundError(absl::StrCat("no file ", from));
  }
  const SimDirectory::Entry entry = directory->entries.at(std::string(from_name));
  directory->Make({std::string(from_name), std::string(to_name), entry});
  return absl::OkStatus();
}

absl::Status SimFileSystem::Remove(const std::string& path) {
  RETURN_IF_ERROR(BeginWhole("remove", path));
  const auto [parent, name] = SplitPath(path);
  const std::shared_ptr<SimDirectory> directory = disk_->FindDirectory(parent);
  if (directory == nullptr || !directory->entries.contains(std::string(name))) {
    return absl::NotFoundError(absl::StrCat("no file ", path));
  }
  directory->Make({std::string(name), "", {}});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SimFileSystem::List(const std::string& directory) {
  RETURN_IF_ERROR(BeginWhole("list", directory));
  const std::shared_ptr<SimDirectory> found = disk_->FindDirectory(directory);
  if (found == nullptr) return absl::NotFoundError(absl::StrCat("no folder ", directory));
  std::vector<std::string> names;
  for (const auto& [name, entry] : found->entries) names.push_back(name);
  return names;
}

bool SimFileSystem::Exists(const std::string& path) {
  if (!BeginWhole("exists", path).ok()) return false;
  return disk_->FindFile(path) != nullptr || disk_->FindDirectory(path) != nullptr;
}

absl::Status SimFileSystem::MakeDirectory(const std::string& path) {
  RETURN_IF_ERROR(BeginWhole("mkdir", path));
  std::string prefix;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (name.empty()) continue;
    const std::shared_ptr<SimDirectory> parent = disk_->FindDirectory(prefix);
    prefix += "/" + name;
    const auto it = parent->entries.find(name);
    if (it != parent->entries.end()) {
      if (it->second.directory == nullptr) return Failed("mkdir", prefix, "a file is in the way");
      continue;
    }
    parent->Make({"", name, {nullptr, std::make_shared<SimDirectory>()}});
  }
  return absl::OkStatus();
}

absl::Status SimFileSystem::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(BeginWhole("syncdir", path));
  const std::shared_ptr<SimDirectory> directory = disk_->FindDirectory(path);
  if (directory == nullptr) return absl::NotFoundError(absl::StrCat("no folder ", path));
  if (CountDown(&disk_->faults().sync_error_countdown)) {
    return Failed("sync of folder", path, "I/O error");
  }
  directory->Sync();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<env::DirectoryLock>> SimFileSystem::LockDirectory(
    const std::string& directory) {
  RETURN_IF_ERROR(BeginWhole("lock", directory));
  if (disk_->FindDirectory(directory) == nullptr) {
    return absl::NotFoundError(absl::StrCat("no folder ", directory));
  }
  std::weak_ptr<LockHolder>& slot = disk_->locks()[directory];
  const std::shared_ptr<LockHolder> old = slot.lock();
  if (old != nullptr && old->process->alive) {
    return absl::FailedPreconditionError(
        absl::StrCat("the directory ", directory, " is in use by another process"));
  }
  auto holder = std::make_shared<LockHolder>(LockHolder{process_});
  slot = holder;
  return std::unique_ptr<env::DirectoryLock>(std::make_unique<SimDirectoryLock>(std::move(holder)));
}

absl::StatusOr<uint64_t> SimFileSystem::FreeBytes(const std::string& directory) {
  RETURN_IF_ERROR(BeginWhole("statfs", directory));
  const uint64_t capacity = disk_->faults().capacity_bytes;
  if (capacity == UINT64_MAX) return uint64_t{1} << 40;
  const uint64_t used = disk_->UsedBytes();
  return used < capacity ? capacity - used : 0;
}

}  // namespace tidemark::sim
