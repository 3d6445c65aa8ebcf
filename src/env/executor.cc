// SPDX-License-Identifier: Apache-2.0
#include "env/executor.h"

namespace tidemark::env {

void Executor::PostAfterPauses(int pause_count, std::function<void()> fn) {
  if (pause_count == kMaxLowMemoryPauses || !memory_is_low()) return PostLater(std::move(fn));
  RunAfter(kLowMemoryPauseMicros, [this, pause_count, fn = std::move(fn)]() mutable {
    PostAfterPauses(pause_count + 1, std::move(fn));
  });
}

}  // namespace tidemark::env
