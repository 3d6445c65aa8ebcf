// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/ids.h"

namespace tidemark::sim {

// One run of one simulated process. It may die in the middle of anything: from then on its disk
// operations fail without effect, its loop runs nothing more and its streams carry nothing. Its
// objects are destroyed at the next event, by whoever set `on_death`.
// Shared by everything that acts for the process. Threads: one.
struct Process {
  NodeId node;
  uint64_t boot = 0;  // counts the runs of this node
  bool alive = true;
  std::string death_reason;
  std::function<void()> on_death;

  void Kill(std::string reason) {
    if (!alive) return;
    alive = false;
    death_reason = std::move(reason);
    if (on_death) on_death();
  }
};

}  // namespace tidemark::sim
