// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_disk.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"

namespace tidemark::sim {
namespace {

void WriteInto(uint64_t offset, std::string_view bytes, std::string* content) {
  if (content->size() < offset + bytes.size()) content->resize(offset + bytes.size());
  content->replace(offset, bytes.size(), bytes);
}

}  // namespace

void SimInode::Apply(const Change& change, std::string* content) {
  if (change.resize) {
    content->resize(change.offset);
  } else {
    WriteInto(change.offset, change.bytes, content);
  }
}

void SimInode::Write(uint64_t offset, std::string_view bytes) {
  unsynced_.push_back({false, offset, std::string(bytes)});
  Apply(unsynced_.back(), &cached_);
}

void SimInode::Resize(uint64_t size) {
  unsynced_.push_back({true, size, ""});
  Apply(unsynced_.back(), &cached_);
}

void SimInode::Sync() {
  for (const Change& change : unsynced_) Apply(change, &durable_);
  unsynced_.clear();
}

void SimInode::FailSync(SimRandom* random) {
  ApplyRandomSectors(random);
  unsynced_.clear();
}

void SimInode::ApplySector(const Change& change, uint64_t sector, bool torn, SimRandom* random,
                           std::string* content) {
  const uint64_t begin = std::max(change.offset, sector * kSectorBytes);
  uint64_t end = std::min(change.offset + change.bytes.size(), (sector + 1) * kSectorBytes);
  if (torn && end > begin) end = begin + random->Below(end - begin);
  if (end == begin) return;
  WriteInto(begin, std::string_view(change.bytes).substr(begin - change.offset, end - begin),
            content);
}

void SimInode::ApplyRandomSectors(SimRandom* random) {
  // (change, sector) pairs; a resize is one pair.
  std::vector<std::pair<size_t, uint64_t>> parts;
  for (size_t i = 0; i < unsynced_.size(); ++i) {
    const Change& change = unsynced_[i];
    const uint64_t first = change.offset / kSectorBytes;
    const uint64_t last =
        change.resize
            ? first
            : (change.offset + std::max<size_t>(change.bytes.size(), 1) - 1) / kSectorBytes;
    for (uint64_t sector = first; sector <= last; ++sector) parts.emplace_back(i, sector);
  }
  if (random->Chance(500)) {
    for (size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[random->Below(i)]);
  }
  const uint64_t keep_permille = random->Below(1001);
  for (const auto& [i, sector] : parts) {
    if (!random->Chance(keep_permille)) continue;
    if (unsynced_[i].resize) {
      // Never shrinks what a later change of this list has put behind the new end.
      if (durable_.size() < unsynced_[i].offset) durable_.resize(unsynced_[i].offset);
    } else {
      ApplySector(unsynced_[i], sector, random->Chance(30), random, &durable_);
    }
  }
}

void SimInode::ApplyRandomPrefix(SimRandom* random) {
  const size_t whole = random->Below(unsynced_.size() + 1);
  for (size_t i = 0; i < whole; ++i) Apply(unsynced_[i], &durable_);
  if (whole < unsynced_.size() && !unsynced_[whole].resize) {
    const Change& change = unsynced_[whole];
    const uint64_t size = random->Below(change.bytes.size() + 1);
    if (size > 0)
      WriteInto(change.offset, std::string_view(change.bytes).substr(0, size), &durable_);
  }
}

void SimInode::LosePower(SimRandom* random) {
  if (!unsynced_.empty()) {
    switch (random->Below(4)) {
      case 0:
        break;  // all lost
      case 1:
        Sync();  // all kept
        break;
      case 2:
        ApplyRandomPrefix(random);
        break;
      default:
        ApplyRandomSectors(random);
    }
  }
  unsynced_.clear();
  cached_ = durable_;
}

void SimInode::FlipBit(uint64_t offset, int bit) {
  cached_[offset] = static_cast<char>(cached_[offset] ^ (1 << bit));
  if (offset < durable_.size()) {
    durable_[offset] = static_cast<char>(durable_[offset] ^ (1 << bit));
  }
}

void SimDirectory::Apply(const Change& change, std::map<std::string, Entry>* names) {
  if (!change.removed.empty()) names->erase(change.removed);
  if (!change.added.empty()) (*names)[change.added] = change.entry;
}

void SimDirectory::Make(Change change) {
  Apply(change, &entries);
  unsynced.push_back(std::move(change));
}

void SimDirectory::Sync() {
  durable = entries;
  unsynced.clear();
}

namespace {

void SettleNames(SimDirectory* directory, SimRandom* random) {
  const uint64_t mode = random->Below(4);
  const size_t prefix = random->Below(directory->unsynced.size() + 1);
  for (size_t i = 0; i < directory->unsynced.size(); ++i) {
    const bool keep = mode == 1 || (mode == 2 && i < prefix) || (mode == 3 && random->Chance(500));
    if (keep) SimDirectory::Apply(directory->unsynced[i], &directory->durable);
  }
  directory->unsynced.clear();
  directory->entries = directory->durable;
}

void SettleDirectory(SimDirectory* directory, SimRandom* random, std::set<uint64_t>* settled) {
  SettleNames(directory, random);
  for (auto& [name, entry] : directory->entries) {
    if (entry.directory != nullptr) {
      SettleDirectory(entry.directory.get(), random, settled);
    } else if (settled->insert(entry.file->id()).second) {
      entry.file->LosePower(random);
    }
  }
}

void Collect(const SimDirectory& directory, const std::string& prefix,
             std::vector<std::pair<std::string, const SimInode*>>* out) {
  for (const auto& [name, entry] : directory.entries) {
    if (entry.directory != nullptr) {
      Collect(*entry.directory, prefix + name + "/", out);
    } else {
      out->emplace_back(prefix + name, entry.file.get());
    }
  }
}

std::shared_ptr<SimDirectory> CopyOf(const SimDirectory& directory) {
  auto copy = std::make_shared<SimDirectory>();
  for (const auto& [name, entry] : directory.entries) {
    SimDirectory::Entry& to = copy->entries[name];
    if (entry.directory != nullptr) {
      to.directory = CopyOf(*entry.directory);
    } else {
      to.file = std::make_shared<SimInode>(entry.file->id(), entry.file->cached());
    }
  }
  copy->durable = copy->entries;
  return copy;
}

}  // namespace

std::shared_ptr<const SimDirectory> SimDisk::Copy() const { return CopyOf(*root_); }

void SimDisk::Restore(const SimDirectory& copy) { root_ = CopyOf(copy); }

void SimDisk::RemoveFiles(std::string_view directory) {
  const std::shared_ptr<SimDirectory> found = FindDirectory(directory);
  if (found == nullptr) return;
  std::erase_if(found->entries, [](const auto& entry) { return entry.second.file != nullptr; });
  found->Sync();
}

void SimDisk::LosePower() {
  std::set<uint64_t> settled;
  SettleDirectory(root_.get(), &random_, &settled);
}

bool SimDisk::FlipRandomBit(const std::string& path) {
  const std::shared_ptr<SimInode> inode = FindFile(path);
  if (inode == nullptr || inode->cached().empty()) return false;
  inode->FlipBit(random_.Below(inode->cached().size()), static_cast<int>(random_.Below(8)));
  return true;
}

std::vector<std::pair<std::string, const SimInode*>> SimDisk::Files() const {
  std::vector<std::pair<std::string, const SimInode*>> out;
  Collect(*root_, "", &out);
  return out;
}

uint64_t SimDisk::UsedBytes() const {
  uint64_t bytes = 0;
  for (const auto& [path, inode] : Files()) bytes += inode->cached().size();
  return bytes;
}

std::shared_ptr<SimDirectory> SimDisk::FindDirectory(std::string_view path) const {
  std::shared_ptr<SimDirectory> directory = root_;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string name(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (name.empty() || name == ".") continue;
    const auto it = directory->entries.find(name);
    if (it == directory->entries.end() || it->second.directory == nullptr) return nullptr;
    directory = it->second.directory;
  }
  return directory;
}

std::shared_ptr<SimInode> SimDisk::FindFile(std::string_view path) const {
  const auto [parent, name] = SplitPath(path);
  const std::shared_ptr<SimDirectory> directory = FindDirectory(parent);
  if (directory == nullptr) return nullptr;
  const auto it = directory->entries.find(std::string(name));
  return it == directory->entries.end() ? nullptr : it->second.file;
}

std::pair<std::string_view, std::string_view> SplitPath(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {std::string_view(), path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace tidemark::sim
