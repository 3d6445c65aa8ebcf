// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "env/file_system.h"

namespace tidemark::durability {

// Writes the first `size` bytes of the file again, as they read; the caller syncs. For a log that
// an earlier process has left: if that one ended because a sync failed, the page cache may show
// bytes that are neither on disk nor due to be written, and no later sync would bring them there.
// Blocks; `progressed`, unless it is null, is called after each piece.
absl::Status RewriteInPlace(env::File* file, uint64_t size,
                            const std::function<void()>& progressed = nullptr);

}  // namespace tidemark::durability
