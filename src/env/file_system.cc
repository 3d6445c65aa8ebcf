// SPDX-License-Identifier: Apache-2.0
#include "env/file_system.h"

#include "base/status.h"

namespace tidemark::env {

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
