// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::bench {

// The processor time of these processes so far, of the user and of the system, in seconds.
// kNotFound names the process that is not there.
absl::StatusOr<double> CpuSecondsOf(const std::vector<int64_t>& pids);

// What /proc/PID/stat says of it, in ticks of the clock; nothing when the text is none of that.
std::optional<int64_t> CpuTicksOf(std::string_view stat);

}  // namespace tidemark::bench
