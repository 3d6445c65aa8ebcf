// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/client.h"
#include "tools/bench/suites.h"
#include "tools/node/child_process.h"

namespace tidemark::tools {

// A `tidemark cluster` or `tidemark server` of this binary on the bench's ports, with a client.
// Owner: a suite. Threads: main's; client() may be used by any.
class BenchCluster {
 public:
  // `kind` is the subcommand, `flags` come behind those that every cluster gets. The data lies in
  // `directory`, which a later cluster may open again.
  static absl::StatusOr<std::unique_ptr<BenchCluster>> Start(const BenchContext& context,
                                                             const std::string& kind,
                                                             const std::string& directory,
                                                             std::vector<std::string> flags);
  // Stops it cleanly.
  ~BenchCluster();

  client::Client* client() const { return client_.get(); }
  // SIGKILL to all its processes at once.
  absl::Status KillEverything();

 private:
  BenchCluster() = default;

  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<client::Client> client_;
};

// Runs `work` in `threads` threads, each with a session of its own, again and again for
// `duration_ms`. Gives the time of each run in microseconds, of all threads. An error ends it.
absl::StatusOr<Samples> RunClients(
    const BenchContext& context, client::Client* client, int64_t threads, int64_t duration_ms,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work);

// The time of `work`, run `count` times one after the other by one client.
absl::StatusOr<Samples> TimeOneClient(
    const BenchContext& context, client::Client* client, int count,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work);

}  // namespace tidemark::tools
