// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "api/api_server.h"
#include "env/env.h"
#include "host/bolt_door.h"
#include "host/node_options.h"
#include "host/stop_guard.h"
#include "host/stop_signal.h"
#include "master/client_gate.h"
#include "master/master_node.h"
#include "net/asio_loop.h"
#include "rpc/transport.h"

namespace tidemark::host {

// A master and its client port in a process: used by `master` and `server`.
// Owner: the command. Threads: main's; the node runs on the loop of `env.executor`, which runs
// before Start and until after Stop.
class MasterHost : private master::MasterNode::Events {
 public:
  // Does not own the transport, which outlives it, as do signal and guard.
  MasterHost(const env::Env& env, const NodeOptions& options, const std::string& secret,
             rpc::Transport* transport, const StopWatch& watch);
  ~MasterHost() override;

  // Listens for Bolt, unless the flags say otherwise. `asio` is what the loop waits in. Before the
  // loop runs.
  absl::Status Listen(net::AsioLoop* asio);
  // Reads the log and opens the client ports; prints "ready bolt://HOST:PORT" and "ready
  // grpc://HOST:PORT" to stdout when the cluster opens for the first time in this process.
  // kCancelled when the signal came first.
  absl::Status Start();
  // Asks the node to stop; the signal wakes when has_exited().
  void Shutdown();
  bool has_exited();
  absl::Status exit_status();

 private:
  void OnStarted() override;
  void OnStateChange(txn::ClusterState state) override;
  void OnStopGoesOn() override;
  void OnExit(const absl::Status& status) override;
  void PrintReady();

  const env::Env env_;
  const NodeOptions options_;
  const StopWatch watch_;
  master::MasterNode node_;
  master::ClientGate gate_;
  std::unique_ptr<BoltDoor> bolt_;
  std::promise<absl::Status> started_;
  bool start_answered_ = false;  // the loop's
  std::mutex mutex_;
  std::optional<absl::Status> exit_status_;  // guarded by mutex_
  bool open_ = false;                        // guarded by mutex_
  bool ready_printed_ = false;               // guarded by mutex_
  std::unique_ptr<api::ApiServer> api_;      // guarded by mutex_
};

}  // namespace tidemark::host
