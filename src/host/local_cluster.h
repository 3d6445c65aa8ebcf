// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/client.h"
#include "host/child_process.h"

namespace tidemark::host {

struct LocalClusterOptions {
  std::string kind = "cluster";  // or "server": the subcommand
  std::string data_dir;          // may be an earlier cluster's
  std::string log_path;
  int64_t workers = 1;
  int64_t client_port = 0;
  std::vector<std::string> flags;  // more of them
  int64_t open_timeout_ms = 0;
  int64_t bolt_port = 0;  // 0: no Bolt
};

// A `tidemark cluster` or `tidemark server` of this binary, with a client.
// Owner: a command. Threads: main's; client() may be used by any.
class LocalCluster {
 public:
  // Returns when it is open. An error tells the end of its log.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(const LocalClusterOptions& options);
  // Stops it cleanly.
  ~LocalCluster();
  LocalCluster(const LocalCluster&) = delete;
  LocalCluster& operator=(const LocalCluster&) = delete;

  client::Client* client() const { return client_.get(); }
  // SIGKILL to all its processes at once; returns when they are gone. REQUIRES: it is open.
  absl::Status KillEverything();

 private:
  explicit LocalCluster(const LocalClusterOptions& options);

  ChildProcess process_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace tidemark::host
