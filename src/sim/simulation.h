// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "check/runner.h"
#include "check/workload.h"
#include "sim/bulk_client.h"
#include "sim/fault_injector.h"
#include "sim/scenario.h"
#include "sim/scheduler.h"
#include "sim/sim_client.h"
#include "sim/sim_cluster.h"

namespace tidemark::sim {

// What one run gave. A value type.
struct RunResult {
  std::vector<std::string> violations;  // empty: all is well
  uint64_t trace_hash = 0;
  uint64_t event_count = 0;
  int64_t simulated_micros = 0;
  uint64_t commits = 0;
  uint64_t aborts = 0;
  uint64_t unknown_outcomes = 0;
  uint64_t recoveries = 0;
  uint64_t undone_commits = 0;
  uint64_t snapshots = 0;
  uint64_t fault_count = 0;
  std::map<std::string, uint64_t> faults;
  std::map<std::string, uint64_t> worker_recoveries;  // by what the worker had

  // Too little happened for the run to mean anything otherwise.
  bool Counts() const { return commits >= kMinCommits && fault_count >= kMinFaults; }
  static constexpr uint64_t kMinCommits = 200;
  static constexpr uint64_t kMinFaults = 3;
};

// One run of a scenario: a cluster comes up, clients run workloads while faults happen, the faults
// end, every client must get on, and what is there must be what was promised; then everything is
// stopped and the same must come back.
// Owner: whoever runs seeds. Threads: one.
class Simulation {
 public:
  // `trace`: where every event is printed; null = nowhere.
  Simulation(const Scenario& scenario, std::ostream* trace);
  ~Simulation();

  RunResult Run();

 private:
  struct ClientLoop {
    std::unique_ptr<SimClient> client;
    std::unique_ptr<check::Runner> runner;
    uint64_t commits_since_heal = 0;
  };

  void MakeDirectories();
  bool SetUp();
  bool RunLoad();
  bool CheckLiveness();
  bool FinishClients();
  bool ReadAndCheck(const std::string& when);
  bool WaitForSchemaChanges();
  bool CheckRecoveries();
  bool RestartAndCompare(Death death, const std::string& lost_folder, const std::string& graph,
                         const std::string& when);
  bool CheckOtherRecovery(const std::string& graph);
  bool CheckOldCopy(const std::string& graph);
  // Runs the script on the first client until it commits.
  bool RunToCommit(const std::function<std::unique_ptr<check::Script>()>& make,
                   const std::string& what);
  bool wal() const { return scenario_.cluster.coordinator.wal; }
  // What is visible gets durable, by a flush or by a snapshot.
  bool MakeDurable(bool by_snapshot);
  bool Dump(std::string* out);
  bool WaitForOpen(const std::string& what);
  // Runs events until `done`; false, with a violation, when the time is up first.
  bool RunUntil(const std::function<bool()>& done, int64_t limit_micros, const std::string& what);
  void StartTransaction(size_t client);
  void AddBulkClients();
  void RequestSnapshots();
  void RequestSchemaChanges(bool create);
  // A request to the run of a master that must be answered before it has stopped cleanly.
  std::function<void()> NoteRequest(uint64_t run);
  void Report(std::string violation);
  void FillResult();

  const Scenario scenario_;
  Scheduler scheduler_;
  SimRandom random_;
  std::vector<std::unique_ptr<check::Workload>> workloads_;
  std::vector<ClientLoop> clients_;
  std::vector<std::unique_ptr<BulkClient>> bulk_clients_;
  SimCluster cluster_;  // destroyed before the clients, which it tells
  FaultInjector faults_;
  // A node's disk at the beginning of the load; null: not needed.
  NodeId old_copy_node_;
  std::shared_ptr<const SimDirectory> old_copy_;
  std::map<uint64_t, uint64_t> unanswered_;  // requests, by run of the master
  bool load_runs_ = false;
  bool healed_ = false;
  RunResult result_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::sim
