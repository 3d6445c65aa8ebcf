// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/suites.h"
#include "client/client.h"
#include "host/local_cluster.h"

namespace tidemark::bench {

// Starts a `tidemark cluster` or `tidemark server` (`kind`) on the bench's port. The data lies in
// `directory`, which a later cluster may open again.
absl::StatusOr<std::unique_ptr<host::LocalCluster>> StartCluster(const BenchContext& context,
                                                                 const std::string& kind,
                                                                 const std::string& directory,
                                                                 std::vector<std::string> flags);

// An operation more that creates a vertex with a number.
void AddCreate(uint64_t number, api::Run* run);
// A transaction of its own with one.
absl::Status CreateOne(client::ClientSession* session, uint64_t number);

// Runs `work` in `threads` threads, each with a session of its own, again and again for
// `duration_ms`. Gives the time of each run in microseconds, of all threads. An error ends it.
absl::StatusOr<Samples> RunClients(
    const BenchContext& context, client::Client* client, int64_t threads, int64_t duration_ms,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work);

// The time of `work`, run `count` times one after the other by one client.
absl::StatusOr<Samples> TimeOneClient(
    const BenchContext& context, client::Client* client, int count,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work);

}  // namespace tidemark::bench
