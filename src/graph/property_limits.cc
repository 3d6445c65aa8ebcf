// SPDX-License-Identifier: Apache-2.0
#include "graph/property_limits.h"

#include "base/status.h"

namespace tidemark::graph {

absl::Status CheckPropertySetBytes(size_t bytes) {
  if (bytes <= kMaxWrittenPropertySetBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the properties have ", bytes, " bytes together; at most ", kMaxWrittenPropertySetBytes,
      " are allowed, because an answer could not carry more; spread them over several vertices"));
}

absl::Status CheckPropertyBytes(size_t bytes) {
  if (bytes <= kMaxWrittenPropertySetBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("one property has ", bytes, " bytes; at most ",
                                                   kMaxWrittenPropertySetBytes, " are allowed"));
}

}  // namespace tidemark::graph
