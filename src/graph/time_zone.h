// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "graph/temporal.h"

namespace tidemark::graph {

// The offsets that a named zone has at a local time, by the machine's time zone database. They
// differ only when a clock change makes the local time occur twice.
struct ZoneOffsets {
  int32_t earlier = 0;  // of the first occurrence; in a gap, the offset before the change
  int32_t later = 0;    // of the second occurrence; else the same
};
// kInvalidArgument when the zone is not known.
absl::StatusOr<ZoneOffsets> FindZoneOffsets(std::string_view zone, const LocalDateTime& local);

// The offset that a named zone has at an instant. kInvalidArgument when the zone is not known.
absl::StatusOr<int32_t> FindZoneOffsetAt(std::string_view zone, int64_t epoch_second);

}  // namespace tidemark::graph
