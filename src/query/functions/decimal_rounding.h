// SPDX-License-Identifier: Apache-2.0
// Rounding of floats to decimal digits: of the shortest text that stands for the float, so that
// 1.005 is the tie that one reads.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::query {

// More decimals than any float has.
inline constexpr int kMaxPrecision = 1100;

enum class RoundingMode : uint8_t {
  kUp,    // away from 0
  kDown,  // towards 0
  kCeiling,
  kFloor,
  kHalfUp,  // to the nearest; a tie away from 0
  kHalfDown,
  kHalfEven,
};
absl::StatusOr<RoundingMode> RoundingModeOf(std::string_view name);

// The nearest whole number; a tie goes up: -1.5 gives -1.
double RoundTiesUp(double number);
// REQUIRES: 0 <= precision <= kMaxPrecision.
double RoundDecimal(double number, int precision, RoundingMode mode);

}  // namespace tidemark::query
