// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "env/file_system.h"

namespace tidemark::csv_import {

// The files that `path` means: itself, or, when its last part has *, ? or [...] and there is no
// file of just that name, all files that match, numbers in their names in numeric order: part-2
// before part-10. kNotFound when none matches, kInvalidArgument for a pattern elsewhere in the
// path.
absl::StatusOr<std::vector<std::string>> ExpandPattern(env::FileSystem* files,
                                                       const std::string& path);

// Names in the order of people: digits that stand together are one number.
bool IsBeforeInNumericOrder(std::string_view a, std::string_view b);

}  // namespace tidemark::csv_import
