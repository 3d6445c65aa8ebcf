// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "base/ids.h"

namespace tidemark::session {

// The client's cursor of a scan over all workers: the worker, then the worker's own cursor.
std::string EncodeScanCursor(NodeId worker, const std::string& inner);

// The first worker and nothing for an empty cursor; kInvalidArgument for one that nobody gave.
absl::Status DecodeScanCursor(const std::string& cursor, uint32_t worker_count, NodeId* worker,
                              std::string* inner);

}  // namespace tidemark::session
