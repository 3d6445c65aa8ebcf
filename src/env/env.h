// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "env/clock.h"
#include "env/executor.h"
#include "env/file_system.h"
#include "env/random.h"

namespace tidemark::env {

// Everything a node may know of the world outside. Does not own; all pointers outlive the node.
struct Env {
  Clock* clock = nullptr;
  Random* random = nullptr;
  FileSystem* files = nullptr;
  Executor* executor = nullptr;
};

}  // namespace tidemark::env
