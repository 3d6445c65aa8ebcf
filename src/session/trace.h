// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace tidemark::session {

enum class TraceKind : uint8_t {
  kWork,  // an event loop works, or writes to the operating system
  kHop,   // messages to another node and back: network, and threads that are woken
  kSync,  // fdatasync
  kWait,  // for a thread, for earlier commits, for a flush under way
};

// One step on the way of a request.
struct TraceStep {
  NodeId node;  // that works or is waited for
  TraceKind kind = TraceKind::kWork;
  std::string_view what;  // a literal
  int64_t micros = 0;
};

// Where the time of a request went, in order, without gaps.
using Trace = std::vector<TraceStep>;

}  // namespace tidemark::session
