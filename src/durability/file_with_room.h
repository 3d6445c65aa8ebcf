// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "env/file_system.h"

namespace tidemark::durability {

// Makes the file `path` of `size` bytes: `head`, then zeroes, all blocks allocated, synced. A file
// that is there is replaced. kResourceExhausted when the disk has no room for it: says how many
// bytes are needed and how many are free, and leaves nothing behind. The caller syncs the folder.
// Blocks. REQUIRES: head.size() <= size.
absl::StatusOr<std::shared_ptr<env::File>> MakeFileWithRoom(env::FileSystem* files,
                                                            const std::string& path,
                                                            std::string_view head, uint64_t size);

}  // namespace tidemark::durability
