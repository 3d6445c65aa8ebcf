// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace tidemark::exec {

// Says whether writes may go on: what is written must fit into the log, and that is known before it
// is written.
// Owner: the worker. Threads: its loop.
class WriteGate {
 public:
  virtual ~WriteGate() = default;
  // Asked before each slice of a request for changes, which has so many bytes and changes. False:
  // not yet, ask again. kResourceExhausted: the log has no room.
  virtual absl::StatusOr<bool> MayWrite(uint64_t request_bytes, uint64_t change_count) = 0;
};

}  // namespace tidemark::exec
