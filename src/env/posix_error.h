// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace tidemark::env {

// "PATH: OPERATION: reason of the system". kNotFound, kAlreadyExists, kResourceExhausted for a full
// disk or quota, kUnavailable for everything else.
absl::Status PosixError(std::string_view path, std::string_view operation, int error_number);

}  // namespace tidemark::env
