// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/bench_report.h"
#include "env/clock.h"
#include "env/file_system.h"

namespace tidemark::bench {

// Microseconds of one 512-byte write and fdatasync into a file in `directory`: one that is
// preallocated and zeroed, as the WAL's segments are, or one that grows.
absl::StatusOr<Samples> MeasureSync(env::FileSystem* files, env::Clock* clock,
                                    const std::string& directory, bool preallocated);

// Microseconds of one small message between two threads over the stream that nodes use, one
// message under way: half of a round trip. One sample per round trip.
absl::StatusOr<Samples> MeasureHop(env::Clock* clock, const std::string& listen_address);

}  // namespace tidemark::bench
