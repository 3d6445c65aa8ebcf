// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "env/file_system.h"

namespace tidemark::durability {

// Gets one line of text, without its end.
using LineSink = std::function<void(std::string_view line)>;

struct InspectOptions {
  bool mutations = false;  // also a line for each mutation
};

// Dump a file of any cluster and node, a line per record. Damage is a line and then kDataLoss; what
// lies behind it is searched and dumped too. Block; change nothing.
absl::Status InspectWalSegment(env::FileSystem* files, const std::string& path,
                               const InspectOptions& options, const LineSink& sink);
absl::Status InspectSnapshot(env::FileSystem* files, const std::string& path,
                             const InspectOptions& options, const LineSink& sink);
absl::Status InspectMasterLog(env::FileSystem* files, const std::string& path,
                              const LineSink& sink);
absl::Status InspectIdentity(env::FileSystem* files, const std::string& path, const LineSink& sink);

}  // namespace tidemark::durability
