// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace tidemark::graph {

// What the properties of one vertex or edge may take when they are written, encoded: what is
// stored can be read back in one answer. What is decoded may be larger (kMaxPropertySetBytes).
inline constexpr size_t kMaxWrittenPropertySetBytes = size_t{30} << 20;

// kResourceExhausted with both figures beyond the limit.
absl::Status CheckPropertySetBytes(size_t bytes);
// The same for a single property.
absl::Status CheckPropertyBytes(size_t bytes);

}  // namespace tidemark::graph
