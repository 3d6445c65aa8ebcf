// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::env {

// What a loop waits in besides its own signals: sockets of clients, say. Their handlers run on the
// loop's thread, between turns, so they are part of the node's logic and never block.
// Owner: main; outlives the loop. Threads: the loop's, but Wake from any.
class LoopWaiter {
 public:
  virtual ~LoopWaiter() = default;
  // Runs the handlers of what is ready. False when nothing was.
  virtual bool Poll() = 0;
  // Sleeps until something is ready, Wake is called or `micros` have passed; runs at least one
  // handler of what is ready. Up to a millisecond late.
  virtual void Wait(int64_t micros) = 0;
  // Ends the Wait under way, or else the next one.
  virtual void Wake() = 0;
};

}  // namespace tidemark::env
