// SPDX-License-Identifier: Apache-2.0
#include "tests/damage/image.h"

#include <algorithm>
#include <set>

#include "base/status.h"

namespace tidemark::damage {
namespace {

absl::Status ReadOnly(const std::string& path) {
  return absl::InternalError(path + ": somebody tried to change a file that is only to be read");
}

// Paths as the image has them: no slash in front.
std::string Clean(const std::string& path) {
  return path.substr(std::min(path.find_first_not_of('/'), path.size()));
}

class ImageFile final : public env::File {
 public:
  ImageFile(std::string path, const std::string* content)
      : path_(std::move(path)), content_(content) {}

  absl::Status WriteAt(uint64_t, std::string_view) override { return ReadOnly(path_); }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) override {
    if (offset >= content_->size()) return size_t{0};
    return content_->copy(buffer, size, offset);
  }
  absl::Status Sync() override { return ReadOnly(path_); }
  absl::Status Truncate(uint64_t) override { return ReadOnly(path_); }
  absl::Status Preallocate(uint64_t) override { return ReadOnly(path_); }
  absl::StatusOr<uint64_t> Size() override { return content_->size(); }

 private:
  const std::string path_;
  const std::string* const content_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<env::File>> ImageFiles::Open(const std::string& path,
                                                            env::OpenMode mode) {
  if (mode != env::OpenMode::kRead) return ReadOnly(path);
  const auto it = image_->find(Clean(path));
  if (it == image_->end()) return absl::NotFoundError(path + ": no such file");
  return std::make_unique<ImageFile>(path, &it->second);
}

absl::StatusOr<std::vector<std::string>> ImageFiles::List(const std::string& directory) {
  const std::string prefix = Clean(directory) + "/";
  std::set<std::string> names;
  for (const auto& [path, content] : *image_) {
    if (!path.starts_with(prefix)) continue;
    const std::string rest = path.substr(prefix.size());
    names.insert(rest.substr(0, rest.find('/')));
  }
  if (names.empty()) return absl::NotFoundError(directory + ": no such folder");
  return std::vector<std::string>(names.begin(), names.end());
}

bool ImageFiles::Exists(const std::string& path) {
  return image_->contains(Clean(path)) || List(path).ok();
}

absl::Status ImageFiles::Rename(const std::string& from, const std::string&) {
  return ReadOnly(from);
}
absl::Status ImageFiles::Remove(const std::string& path) { return ReadOnly(path); }
absl::Status ImageFiles::MakeDirectory(const std::string& path) { return ReadOnly(path); }
absl::Status ImageFiles::SyncDirectory(const std::string& path) { return ReadOnly(path); }
absl::StatusOr<std::unique_ptr<env::DirectoryLock>> ImageFiles::LockDirectory(
    const std::string& directory) {
  return ReadOnly(directory);
}
absl::StatusOr<uint64_t> ImageFiles::FreeBytes(const std::string&) { return uint64_t{1} << 40; }

}  // namespace tidemark::damage
