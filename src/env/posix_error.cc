// SPDX-License-Identifier: Apache-2.0
#include "env/posix_error.h"

#include <errno.h>

#include <system_error>

#include "base/status.h"

namespace tidemark::env {
namespace {

absl::StatusCode CodeOf(int error_number) {
  switch (error_number) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ESPIPE:
      return absl::StatusCode::kInvalidArgument;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

const char* AdviceFor(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "; free some space there";
    case EMFILE:
      return "; raise the process's limit of open files (ulimit -n)";
    case ENFILE:
      return "; raise the machine's limit of open files (fs.file-max)";
    default:
      return "";
  }
}

}  // namespace

absl::Status PosixError(std::string_view path, std::string_view operation, int error_number) {
  const absl::StatusCode code = CodeOf(error_number);
  return absl::Status(
      code, absl::StrCat(ToAbsl(path), ": ", ToAbsl(operation), ": ",
                         std::generic_category().message(error_number), AdviceFor(error_number)));
}

}  // namespace tidemark::env
