// SPDX-License-Identifier: Apache-2.0
#include "durability/master_log/rewrite.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

constexpr uint64_t kRewriteChunkBytes = 1 << 20;

}  // namespace

absl::Status RewriteInPlace(env::File* file, uint64_t size,
                            const std::function<void()>& progressed) {
  if (PlantedBug("trust-cache-after-failed-sync")) return absl::OkStatus();
  std::string chunk(std::min(size, kRewriteChunkBytes), '\0');
  uint64_t offset = 0;
  while (offset < size) {
    const size_t want = std::min<uint64_t>(chunk.size(), size - offset);
    ASSIGN_OR_RETURN(const size_t got, file->ReadAt(offset, chunk.data(), want));
    if (got == 0) break;
    RETURN_IF_ERROR(file->WriteAt(offset, std::string_view(chunk).substr(0, got)));
    offset += got;
    if (progressed != nullptr) progressed();
  }
  return absl::OkStatus();
}

}  // namespace tidemark::durability
