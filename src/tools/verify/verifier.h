// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "env/file_system.h"

namespace tidemark::tools {

// What `verify` found. The graph's figures count only when `has_graph`.
struct VerifyReport {
  std::vector<std::string> errors;
  std::vector<std::string> remarks;
  bool has_graph = false;
  std::string cluster_id;
  uint64_t epoch = 0;
  uint64_t watermark = 0;
  uint32_t worker_count = 0;
  uint64_t vertices = 0;
  uint64_t edges = 0;
  std::string graph_digest;
};

// Checks a data directory: that of a whole cluster (master/ and worker-1/ ...: every file, one
// cluster id, one watermark, and the graph as of the watermark, edge by edge), of a master or of a
// worker (its files alone). Changes nothing and takes no lock.
// kNotFound when `path` is none of these.
absl::StatusOr<VerifyReport> VerifyPath(env::FileSystem* files, const std::string& path);

}  // namespace tidemark::tools
