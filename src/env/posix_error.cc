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
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status PosixError(std::string_view path, std::string_view operation, int error_number) {
  const absl::StatusCode code = CodeOf(error_number);
  const bool is_full = code == absl::StatusCode::kResourceExhausted;
  return absl::Status(code, absl::StrCat(ToAbsl(path), ": ", ToAbsl(operation), ": ",
                                         std::generic_category().message(error_number),
                                         is_full ? "; free some space there" : ""));
}

}  // namespace tidemark::env
