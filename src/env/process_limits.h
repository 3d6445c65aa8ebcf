// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "env/file_system.h"

namespace tidemark::env {

// The memory that this process may use: the machine's, or less when the container (control group,
// version 1 or 2) or one around it allows less. Threads: any.
uint64_t UsableMemoryBytes(FileSystem* files);

// What control groups allow, read below `root` ("" for this system's own files); UINT64_MAX when
// they say nothing. Threads: any.
uint64_t ControlGroupMemoryBytes(FileSystem* files, const std::string& root);

// Raises the number of descriptors that this process may have open to the most it is allowed, and
// returns it. To be called once, before threads start.
uint64_t RaiseDescriptorLimit();

// The number of descriptors that this process may have open. Threads: any.
uint64_t DescriptorLimit();

}  // namespace tidemark::env
