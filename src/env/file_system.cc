// SPDX-License-Identifier: Apache-2.0
#include "env/file_system.h"

#include "base/status.h"

namespace tidemark::env {
namespace {

// A file of any file system, read from its front. Owner: who opened it. Threads: one.
class FileInput : public Input {
 public:
  explicit FileInput(std::unique_ptr<File> file) : file_(std::move(file)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(position_bytes_, buffer, size));
    position_bytes_ += got;
    return got;
  }

 private:
  const std::unique_ptr<File> file_;
  uint64_t position_bytes_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Input>> FileSystem::OpenInput(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, Open(path, OpenMode::kRead));
  return std::make_unique<FileInput>(std::move(file));
}

absl::StatusOr<std::optional<uint64_t>> FileSystem::InputSize(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  return std::optional<uint64_t>(size);
}

absl::StatusOr<std::string> ReadWholeFile(FileSystem* files, const std::string& path,
                                          uint64_t max_bytes) {
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, files->Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, " has ", size, " bytes; at most ", max_bytes, " are expected"));
  }
  std::string bytes(size, '\0');
  ASSIGN_OR_RETURN(const size_t got, file->ReadAt(0, bytes.data(), bytes.size()));
  bytes.resize(got);
  return bytes;
}

absl::Status WriteFileDurably(FileSystem* files, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  if (files->Exists(temporary)) RETURN_IF_ERROR(files->Remove(temporary));
  {
    ASSIGN_OR_RETURN(std::unique_ptr<File> file, files->Open(temporary, OpenMode::kCreate));
    RETURN_IF_ERROR(file->WriteAt(0, bytes));
    RETURN_IF_ERROR(file->Sync());
  }
  RETURN_IF_ERROR(files->Rename(temporary, path));
  const size_t slash = path.rfind('/');
  return files->SyncDirectory(slash == std::string::npos ? "." : path.substr(0, slash));
}

}  // namespace tidemark::env
