// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>

#include "base/check.h"
#include "base/ids.h"
#include "base/planted_bug.h"

namespace tidemark::session {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxPartOperationCount = 4;
inline constexpr size_t kMaxPartBytes = 512;
#else
// About 0.1 ms of work at the session, and of the answer.
inline constexpr size_t kMaxPartOperationCount = 128;
// A part is cut off behind the operation that brings it here.
inline constexpr size_t kMaxPartBytes = size_t{128} << 10;
#endif

// What a batch may have under way at one worker: sent, and the answer not read to its end.
#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kWindowPartCount = 2;
inline constexpr size_t kWindowBytes = 1024;
#else
inline constexpr size_t kWindowPartCount = 8;
inline constexpr size_t kWindowBytes = size_t{1} << 20;
#endif

// The parts of a batch that are under way at each worker. Owner: ChangeRunner, TypedReads. Threads:
// its loop.
class PartWindows {
 public:
  void Sent(NodeId worker, size_t bytes) {
    ++windows_[worker].parts;
    windows_[worker].bytes += bytes;
  }
  // REQUIRES: so many bytes were sent in one part and not answered before.
  void Answered(NodeId worker, size_t bytes) {
    Window& window = windows_[worker];
    CHECK(window.parts > 0 && window.bytes >= bytes) << "an answer that nobody asked for";
    --window.parts;
    window.bytes -= bytes;
  }
  // Whether the next part may go.
  bool is_open(NodeId worker) const {
    const auto found = windows_.find(worker);
    if (found == windows_.end() || PlantedBug("bulk-not-held-back")) return true;
    return found->second.parts < kWindowPartCount && found->second.bytes < kWindowBytes;
  }

 private:
  struct Window {
    size_t parts = 0;
    size_t bytes = 0;
  };
  std::map<NodeId, Window> windows_;
};

}  // namespace tidemark::session
