// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/client.h"
#include "env/clock.h"
#include "host/child_process.h"
#include "host/node_options.h"
#include "host/stop_signal.h"

namespace tidemark::host {

// Keeps the processes of a cluster alive: starts again what dies, kills and starts again what is
// silent for 5 s, passes the master's "ready" line on, stops everything cleanly. A process that
// starts is silent while it reads its files: it is left alone as long as it goes on reading.
// Owner: the command. Threads: main's.
// Errors: a child that ends before the cluster was open for the first time, or a master that ends
// because an operator must act (another cluster's directory, damage, wrong flags), ends the cluster
// with the same exit code. A worker that ends so later is started again every minute; the others
// live, and the cluster stays closed until it is back.
class Supervisor {
 public:
  // `node_flags` are the words of the command line that every child of the kind gets.
  Supervisor(const NodeOptions& options, StopSignal* signal);
  ~Supervisor();

  absl::Status Start();
  // Until a signal to stop, or an end of a child that ends the cluster. Gives the exit code.
  int Run();

 private:
  struct Child {
    std::unique_ptr<ChildProcess> process;
    int64_t started_micros = 0;
    int64_t restart_at_micros = 0;  // 0 = not waiting to be started
    int64_t restart_delay_micros = 0;
    int64_t silent_since_micros = 0;
    bool heard = false;  // since its start
    uint64_t read_bytes = 0;
  };

  std::vector<std::string> MasterArgs() const;
  std::vector<std::string> WorkerArgs(int64_t number) const;
  std::vector<std::string> SecurityArgs() const;
  void AddChild(const std::string& name, std::vector<std::string> args);
  absl::Status StartChild(Child* child);
  // An exit code when the cluster cannot go on.
  int CheckChildren();
  int OnChildEnd(Child* child, const ProcessEnd& end);
  void StartWaiting();
  void CheckHealth();
  void CheckSilent(Child* child, bool silent, const char* why);
  // Gives kExitInternal when something had to be killed, or ended with an error.
  int StopAll();
  // While the master writes a snapshot the stop has time, and says how far it is.
  void FollowStop(int64_t* deadline_micros);
  // Of a stop: true when a child ended with an error.
  bool CollectEnds();
  void KillAll();
  bool AnyRunning();

  const NodeOptions options_;
  StopSignal* const signal_;
  std::unique_ptr<env::Clock> clock_;
  std::vector<Child> children_;  // [0] = the master, [i] = worker i
  std::unique_ptr<client::Client> client_;
  bool ready_ = false;
  int64_t next_health_micros_ = 0;
  int64_t next_stop_notice_micros_ = 0;
};

}  // namespace tidemark::host
