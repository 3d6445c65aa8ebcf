// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Never empty: in operations and results the empty string means "from the start" and "the end".
std::string EncodeCursor(const storage::Shard::Cursor& cursor);
// The empty string is the start. kInvalidArgument when malformed: clients hand cursors in.
absl::StatusOr<storage::Shard::Cursor> DecodeCursor(std::string_view bytes);

}  // namespace tidemark::exec
