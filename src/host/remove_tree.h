// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tidemark::host {

// Removes a folder that this process made, with everything in it; what cannot be removed stays.
void RemoveTree(const std::string& path);

}  // namespace tidemark::host
