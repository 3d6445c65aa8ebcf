// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "client/client.h"
#include "drill/drill_options.h"
#include "env/posix_clock.h"
#include "host/child_process.h"
#include "host/power_disk.h"

namespace tidemark::drill {

// The drill's own cluster: one process per node, each of which can be killed, stopped and cut off
// its power alone. Nodes are numbered: 0 = the master, 1 ... N = the workers.
// Owner: the drill. Threads: main's, unless said otherwise.
class DrillCluster {
 public:
  explicit DrillCluster(const DrillOptions& options);
  // Kills what runs and takes the disks away.
  ~DrillCluster();
  DrillCluster(const DrillCluster&) = delete;
  DrillCluster& operator=(const DrillCluster&) = delete;

  // Gives every node a file system of its own, whose power can be cut. An error says why this
  // machine cannot; the cluster works without, then. REQUIRES: nothing was started.
  absl::Status MakeDisks();
  // Starts all nodes and waits until the cluster is open.
  absl::Status Start();

  int node_count() const { return static_cast<int>(nodes_.size()); }
  std::vector<int> AllNodes() const;
  static std::string NameOf(int node);

  // SIGKILL to all of them at once; returns when they are gone.
  void Kill(const std::vector<int>& nodes);
  void KillAll();
  // Kills the master, so that whoever waits for an answer gets an error. From any thread.
  void GiveUp();
  // SIGSTOP and SIGCONT.
  void Hang(const std::vector<int>& nodes);
  void Wake(const std::vector<int>& nodes);
  // The power of these nodes' machines goes at once, and comes back; their processes are gone.
  // `disk_first`: the disks fail a moment before the processes die. REQUIRES: has_disks().
  absl::Status CutPower(const std::vector<int>& nodes, bool disk_first);
  bool has_disks() const { return nodes_[0].disk != nullptr; }
  // Starts those that do not run.
  absl::Status Restart(const std::vector<int>& nodes);

  // Waits until the master and all workers, those that run now, are open together; gives the
  // seconds that it took.
  absl::StatusOr<double> WaitUntilOpen();
  // Looks at processes and status once.
  void Observe();

  // From any thread.
  client::Client* client() { return client_.get(); }
  std::string bolt_address() const { return absl::StrCat("127.0.0.1:", bolt_port_); }
  // Watermarks that were seen, by epoch.
  const std::map<Epoch, Csn>& watermarks() const { return watermarks_; }
  // How many commits the recoveries have undone, as the cluster tells when it is open.
  uint64_t undone_count() const;
  // What went wrong with processes since the last call: ends that the drill has not caused.
  std::vector<std::string> TakeSurprises();

 private:
  struct Node {
    std::unique_ptr<host::ChildProcess> process;
    std::unique_ptr<host::PowerDisk> disk;
    pid_t pid = 0;           // of the last start
    bool must_live = false;  // an end is a surprise
  };

  absl::Status ChoosePorts();
  std::vector<std::string> ArgsOf(int node) const;
  // Of a disk the mount point; the data lies in a folder in it.
  std::string DirectoryOf(int node) const;
  void AwaitEnds(const std::vector<int>& nodes);
  bool IsOpen(const api::StatusResponse& status) const;

  std::atomic<pid_t> master_pid_{0};
  std::atomic<bool> given_up_{false};
  const DrillOptions options_;
  env::PosixClock clock_;
  std::vector<Node> nodes_;
  int node_port_ = 0;
  int client_port_ = 0;
  int bolt_port_ = 0;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<client::Client> observer_;  // does not wait long for an answer
  std::map<Epoch, Csn> watermarks_;
  std::map<Epoch, uint64_t> undone_;
  std::vector<std::string> surprises_;
};

}  // namespace tidemark::drill
