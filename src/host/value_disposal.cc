// SPDX-License-Identifier: Apache-2.0
#include "host/value_disposal.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

#include "env/job_thread.h"
#include "graph/value.h"

namespace tidemark::host {
namespace {

// What waits to be destroyed counts for no query any more: beyond this whoever drops a value
// destroys it, so that nobody makes garbage faster than it goes.
constexpr size_t kMaxWaitingBytes = 256 << 20;

std::atomic<size_t> waiting_bytes = 0;
env::JobThread* disposal_thread = nullptr;

void Dispose(size_t bytes, std::function<void()> destroy) {
  if (waiting_bytes.load(std::memory_order_relaxed) > kMaxWaitingBytes) return destroy();
  waiting_bytes += bytes;
  disposal_thread->Add([bytes, destroy = std::move(destroy)] {
    destroy();
    waiting_bytes -= bytes;
  });
}

}  // namespace

// A thread has the niceness and the signals of the one that makes it.
void DisposeOfLargeValuesInBackground() {
  disposal_thread = new env::JobThread("values", /*niceness=*/0);  // ends with the process
  graph::Value::SetDisposer(Dispose);
}

}  // namespace tidemark::host
