// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark {

// Units of time, to write a limit in the unit that a person would use.
inline constexpr int64_t kMicrosPerMs = 1'000;
inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMsPerSecond = 1'000;

}  // namespace tidemark
