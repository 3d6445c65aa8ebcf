// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"

namespace tidemark {

absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(ToAbsl(prefix), ": ", status.message()));
}

}  // namespace tidemark
