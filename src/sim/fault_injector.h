// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario.h"
#include "sim/sim_cluster.h"
#include "sim/sim_random.h"

namespace tidemark::sim {

// Does the faults of a scenario to a cluster, one after the other, restarts what goes down, and
// knows what may have been lost by them.
// Owner: the simulation. Threads: one.
class FaultInjector {
 public:
  FaultInjector(Scheduler* scheduler, SimCluster* cluster, const Scenario& scenario);
  ~FaultInjector();

  // A new node is to die while it joins for the first time; it starts again.
  void CrashFirstStart(NodeId node);
  // Faults begin; they go on until Heal. What was lost before does not count.
  void Begin();
  // No more faults: everything is connected, up, awake and has space again.
  void Heal();
  // After a node went down.
  void OnDeath(NodeId node, const std::string& reason);
  // The cluster has opened: what went down before is recovered.
  void OnOpen();
  // All nodes go down at once; they start again.
  void StopAll(Death death);

  // Asynchronous commits may be missing: more than one process was down at once, or a machine or
  // a disk has failed.
  bool newest_end_may_be_lost() const { return newest_end_may_be_lost_; }
  uint64_t fault_count() const { return fault_count_; }
  const std::map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  void PlanNext();
  void DoNext();
  void Do(FaultKind kind);
  void DoCrash(FaultKind kind);
  void DoNetwork(FaultKind kind);
  void DoDisk(FaultKind kind);
  void Stop(NodeId node, Death death);
  void StopSome(Death death, size_t count);
  void CrashAtDiskOperation(NodeId node, uint64_t countdown, Death death);
  void RestartLater(NodeId node);
  // What a supervisor does: kills workers that the master does not hear.
  void WatchSilence();
  void Undo(int64_t delay_micros, std::function<void()> undo);
  NodeId RandomNode();
  NodeId RandomWorker();
  Death RandomDeath() { return random_.Chance(500) ? Death::kKill : Death::kPowerLoss; }

  Scheduler* scheduler_;
  SimCluster* cluster_;
  const Scenario& scenario_;
  SimRandom random_;
  bool active_ = false;
  bool newest_end_may_be_lost_ = false;
  // Down since the cluster was open the last time.
  std::set<NodeId> lost_memory_;
  std::set<NodeId> crash_again_;
  // How long a worker reads its files at each start until the cluster is open; such a log does not
  // get shorter when the faults end.
  std::map<NodeId, int64_t> start_micros_;
  std::map<NodeId, int64_t> silent_since_micros_;
  uint64_t fault_count_ = 0;
  std::map<std::string, uint64_t> counts_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::sim
