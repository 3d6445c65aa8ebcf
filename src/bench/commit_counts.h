// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/suites.h"
#include "client/client.h"

namespace tidemark::bench {

// What the nodes of a cluster have counted.
struct CommitCounts {
  uint64_t commits = 0;
  uint64_t syncs = 0;     // of all logs
  uint64_t messages = 0;  // of commits and rollbacks themselves: commit, applied, abort
};

// Waits until every worker has told its figures; nothing may be written meanwhile.
absl::StatusOr<CommitCounts> ReadCommitCounts(client::Client* client);

// Rows with the messages of a commit on one worker, on all workers, and of a read-only one.
// `cluster` begins their names. REQUIRES: nobody else uses the cluster.
absl::Status AddMessageRows(const BenchContext& context, const std::string& cluster,
                            client::Client* client);

}  // namespace tidemark::bench
