// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/client.h"

namespace tidemark::integration {

// The `tidemark` binary under test: $TIDEMARK_BINARY.
std::string BinaryPath();

// A folder on a disk (not tmpfs) that goes with the object: below $TIDEMARK_TEST_DIR or the current
// folder.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a finished command said.
struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};
// Runs the binary with these words and waits for its end.
CommandResult RunTidemark(const std::vector<std::string>& args);

// A TCP port that was free a moment ago.
int FreePort();

// A running `tidemark cluster` or `server` with a client port of its own. Threads: one.
class ClusterProcess {
 public:
  ClusterProcess(std::string command, std::string data_dir, int workers,
                 std::vector<std::string> flags = {});
  // Kills everything that still runs.
  ~ClusterProcess();

  // Starts and waits until the cluster is open.
  absl::Status Start();
  // SIGTERM; the exit code.
  int Stop();
  // SIGKILL to the supervisor and every node at once.
  void KillEverything();
  // SIGKILL (or another signal) to one node: 0 = the master.
  void Signal(int node, int signal_number);
  bool WaitUntilOpen(int timeout_ms = 30'000);

  client::Client* client() { return client_.get(); }
  std::string address() const;
  // The sums of all workers' heartbeats; they lag by a second at most.
  absl::StatusOr<api::StatusResponse> Status() { return client_->Status(); }
  const std::string& data_dir() const { return data_dir_; }
  std::string output() const;

 private:
  const std::string command_;
  const std::string data_dir_;
  const int workers_;
  const std::vector<std::string> flags_;
  int node_port_ = 0;
  int client_port_ = 0;
  pid_t pid_ = 0;
  std::unique_ptr<client::Client> client_;
};

}  // namespace tidemark::integration
