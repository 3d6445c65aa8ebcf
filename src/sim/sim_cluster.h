// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "master/master_node.h"
#include "sim/scheduler.h"
#include "sim/sim_client.h"
#include "sim/sim_clock.h"
#include "sim/sim_disk.h"
#include "sim/sim_executor.h"
#include "sim/sim_file_system.h"
#include "sim/sim_network.h"
#include "sim/sim_random.h"
#include "worker/worker_node.h"

namespace tidemark::sim {

struct ClusterOptions {
  uint32_t worker_count = 3;
  txn::CoordinatorOptions coordinator;
  bool snapshot_on_exit = true;
  uint64_t log_growth_bytes = 64 << 10;
  uint64_t tx_part_bytes = durability::kTxPartBytes;
  // Check the invariants of storage, which is slow, after one turn in so many; 0 = never.
  uint64_t shard_check_interval = 0;
  // Multiplies the time of the master's jobs.
  int64_t master_job_slowdown = 1;
};

// How a node goes down.
enum class Death : uint8_t {
  kKill,       // the process; the machine and its page cache stay
  kPowerLoss,  // the machine
};

// A master and its workers, each on a machine of its own, in one thread. Nodes that are down stay
// down until Start. What must hold at every moment (epoch, visible csn and watermark never go back;
// the invariants of all parts) is checked after every turn of a loop.
// Owner: the simulation. Threads: one.
class SimCluster {
 public:
  SimCluster(Scheduler* scheduler, const ClusterOptions& options, uint64_t seed);
  ~SimCluster();

  // For the processes that start from now on.
  void SetCoordinatorOptions(const txn::CoordinatorOptions& options) {
    options_.coordinator = options;
  }
  // Nothing happens when it is up.
  void Start(NodeId node);
  // Nothing happens when it is down, but power loss always hits the disk.
  void Stop(NodeId node, Death death);
  // Asks everything that is up to stop cleanly, as a supervisor does: first the master, then the
  // workers that have not heard of it from that one. Whoever has not ended after kStopLimitMicros
  // is a violation, unless a snapshot is being written or the node hangs; it is killed then.
  void StopCleanly();
  void JumpWall(NodeId node, int64_t micros);
  bool IsUp(NodeId node) const { return machines_.at(node).run != nullptr; }
  bool IsOpen() const;
  // Null members while no master accepts clients.
  MasterAccess AccessMaster() const;
  SimDisk& disk(NodeId node) { return *machines_.at(node).disk; }
  // Null when the node is down.
  SimExecutor* executor(NodeId node);
  const worker::WorkerNode* worker(NodeId node) const;
  SimNetwork& network() { return network_; }
  std::vector<NodeId> nodes() const;
  // Where a node's data lies on its disk.
  std::string DirectoryOf(NodeId node) const;
  // Whether the cluster is open and every worker has the indexes that the master knows.
  bool SchemasAgree() const;
  // Whether no worker holds a snapshot file that is not complete in the master log.
  bool SnapshotFilesAgree() const;
  // Whether every worker could come back from its WAL alone.
  bool WalsReachBack() const;

  // Clients are told before a master's objects go.
  void AddClient(SimClient* client) { clients_.push_back(client); }
  // Called when a master has stopped cleanly, before its objects go.
  void SetOnCleanStop(std::function<void(uint64_t run)> fn) { on_clean_stop_ = std::move(fn); }
  // Called after a node went down, with the reason.
  void SetOnDeath(std::function<void(NodeId, const std::string&)> fn) { on_death_ = std::move(fn); }
  // Called when the master says that the cluster is open.
  void SetOnOpen(std::function<void()> fn) { on_open_ = std::move(fn); }
  // A node that ended by itself with an error that is no failed disk, or broken promises of the
  // coordinator: one line each.
  const std::vector<std::string>& violations() const { return violations_; }
  // From now on nodes may end because they are refused, or refuse others; they are counted.
  void ExpectRefusals() { refusals_expected_ = true; }
  uint64_t refusal_count() const { return refusal_count_; }
  uint64_t recovery_count() const { return recovery_count_; }
  // How often workers converged, by what they came back with: memory, snapshot, wal,
  // snapshot-and-wal, nothing.
  const std::map<std::string, uint64_t>& worker_recoveries() const { return worker_recoveries_; }
  uint64_t undone_count() const { return undone_count_; }
  uint64_t snapshot_count() const { return snapshots_seen_.size(); }

 private:
  // One run of a node's process. Members are destroyed from the last to the first.
  struct Run : master::MasterNode::Events {
    Run(SimCluster* cluster, NodeId node, uint64_t boot);
    void OnStarted() override { accepts_clients = true; }
    void OnStateChange(txn::ClusterState state) override;
    void OnStopGoesOn() override {}
    void OnExit(const absl::Status& status) override;

    SimCluster* cluster;
    std::shared_ptr<Process> process;
    SimClock clock;
    SimRandom random;
    SimFileSystem files;
    SimExecutor executor;
    std::unique_ptr<rpc::Transport> transport;
    std::unique_ptr<master::MasterNode> master;
    std::unique_ptr<worker::WorkerNode> worker;
    bool accepts_clients = false;
    Death death = Death::kKill;
  };
  struct Machine {
    std::unique_ptr<SimDisk> disk;
    std::unique_ptr<Run> run;
    uint64_t boot_count = 0;
    uint64_t silent_turn_count = 0;  // of the open master, while the disk does not answer
  };

  // A clean stop under way: the runs that are to end.
  struct CleanStop {
    std::map<NodeId, uint64_t> boots;
    bool workers_told = false;
    int64_t deadline_micros = 0;
  };
  void FollowStop(const std::shared_ptr<CleanStop>& stop);
  void EndStop(CleanStop* stop);

  SimClock::Options RandomClock(NodeId node, uint64_t boot);
  void Destroy(NodeId node, uint64_t boot);
  void AfterTurn(Run* run);
  void CheckDisks();
  void CheckProgress(const txn::Coordinator& coordinator);
  // Every worker has the indexes that the master's log has. REQUIRES: the cluster opens just now.
  void CheckSchemas(const durability::MasterLogState& log);
  void NoteFrame(NodeId from, NodeId to, const wire::Frame& frame);
  // Rounds that fail one after the other leave nothing behind. `node` has written its part of one.
  void CheckSnapshotFiles(NodeId node);
  void Report(std::string violation);

  Scheduler* scheduler_;
  ClusterOptions options_;
  const uint64_t seed_;
  SimNetwork network_;
  std::map<NodeId, Machine> machines_;
  std::vector<SimClient*> clients_;
  std::function<void(NodeId, const std::string&)> on_death_;
  std::function<void()> on_open_;
  std::function<void(uint64_t)> on_clean_stop_;
  std::vector<std::string> violations_;
  bool refusals_expected_ = false;
  uint64_t refusal_count_ = 0;
  // What each worker said when it registered the last time, and what it was told to do.
  struct LastRecovery {
    bool in_memory = false;
    bool wal_from_start = false;
    std::string kind;
  };
  std::map<NodeId, LastRecovery> last_recovery_;
  std::map<std::string, uint64_t> worker_recoveries_;
  // The newest promise that was seen: no later state may be behind it.
  Epoch seen_epoch_;
  Csn seen_visible_;
  Csn seen_watermark_;
  uint64_t recovery_count_ = 0;
  uint64_t undone_count_ = 0;
  std::set<uint64_t> snapshots_seen_;
};

}  // namespace tidemark::sim
