// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/client.h"
#include "tests/integration/process.h"

namespace tidemark::integration {

// A running `tidemark cluster` or `server` with a client port of its own. Threads: one.
class ClusterProcess {
 public:
  ClusterProcess(std::string command, std::string data_dir, int workers,
                 std::vector<std::string> flags = {});
  // Kills everything that still runs.
  ~ClusterProcess();

  // Starts and waits until the cluster is open.
  absl::Status Start();
  // The same, but an end by itself is an answer: its exit code. Nothing: the cluster is open.
  std::optional<int> StartOrExit();
  // Starts, no more.
  void Launch();
  // A signal to the process that was started itself.
  void SignalParent(int signal_number);
  // SIGTERM; the exit code.
  int Stop();
  // The exit code of a start that is refused, or of a supervisor that has given up.
  int WaitForExit();
  // SIGKILL to the supervisor and every node at once.
  void KillEverything();
  // SIGKILL (or another signal) to one node: 0 = the master.
  void Signal(int node, int signal_number);
  bool WaitUntilOpen(int timeout_ms = 30'000);

  client::Client* client() { return client_.get(); }
  std::string address() const;
  // The sums of all workers' heartbeats; they lag by a second at most.
  absl::StatusOr<api::StatusResponse> Status() { return client_->Status(); }
  // How long the steps of the nodes' loops have taken since each began.
  struct Steps {
    uint64_t count = 0;
    uint64_t long_count = 0;  // of these, more than 1 ms of processor time
    std::string text;         // the histograms, a line per node
  };
  Steps ReadSteps();
  const std::string& data_dir() const { return data_dir_; }
  bool WaitForOutput(const std::string& text) { return process_->WaitForOutput(text); }
  // What the last start has printed.
  std::string output() const;

 private:
  absl::Status LaunchWithClient();

  const std::string command_;
  const std::string data_dir_;
  const int workers_;
  const std::vector<std::string> flags_;
  int node_port_ = 0;
  int client_port_ = 0;
  std::unique_ptr<Process> process_;
  std::string last_output_;
  int start_count_ = 0;
  std::unique_ptr<client::Client> client_;
};

}  // namespace tidemark::integration
