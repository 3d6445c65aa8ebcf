// SPDX-License-Identifier: Apache-2.0
#include "durability/file_with_room.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

absl::Status Fill(env::File* file, std::string_view head, uint64_t size) {
  RETURN_IF_ERROR(file->WriteAt(0, head));
  RETURN_IF_ERROR(file->Preallocate(size));
  return file->Sync();
}

}  // namespace

absl::StatusOr<std::shared_ptr<env::File>> MakeFileWithRoom(env::FileSystem* files,
                                                            const std::string& path,
                                                            std::string_view head, uint64_t size) {
  CHECK_LE(head.size(), size);
  if (files->Exists(path)) RETURN_IF_ERROR(files->Remove(path));
  const std::string directory = path.substr(0, path.rfind('/'));
  ASSIGN_OR_RETURN(const uint64_t free_bytes, files->FreeBytes(directory));
  const auto no_room = [&](uint64_t free) {
    return absl::ResourceExhaustedError(absl::StrCat("the disk of ", directory, " is full: ", size,
                                                     " bytes are needed for ", path, ", ", free,
                                                     " bytes are free"));
  };
  // Looked at first: writing until nothing goes any more would take the room of everybody else.
  if (free_bytes < size) return no_room(free_bytes);
  absl::StatusOr<std::unique_ptr<env::File>> file = files->Open(path, env::OpenMode::kCreate);
  absl::Status status = file.status();
  if (file.ok()) status = Fill(file->get(), head, size);
  if (status.ok()) return std::shared_ptr<env::File>(*std::move(file));
  if (!absl::IsResourceExhausted(status)) return status;
  file = absl::UnknownError("closed");
  if (files->Exists(path)) RETURN_IF_ERROR(files->Remove(path));
  return no_room(files->FreeBytes(directory).value_or(0));
}

}  // namespace tidemark::durability
