// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "master/schema_manager.h"
#include "session/session.h"
#include "sim/sim_cluster.h"
#include "tests/damage/image.h"

namespace tidemark::damage {

// A master and workers, as real starts compose them, on simulated disks that can be filled and
// read. Operations of the script are CHECKed: an undamaged cluster must do them.
// Owner: a test. Threads: one.
class TestCluster {
 public:
  explicit TestCluster(const sim::ClusterOptions& options);
  ~TestCluster();

  void Fill(const Image& image);
  Image Read();

  void StartAll();
  void KillAll();
  // A clean stop by the master.
  void StopAll();
  // False: it was not reached within `limit_ms` of simulated time or a node has gone down.
  bool RunUntil(const std::function<bool()>& reached, int64_t limit_ms);
  bool WaitForOpen();
  // Lets simulated time pass.
  void Pass(int64_t ms);
  // Why nodes went down, one line each.
  const std::vector<std::string>& deaths() const { return deaths_; }

  // --- The script of a client. Session 0 and 1 have a transaction of their own each.
  using Operations = std::vector<session::Operation>;
  std::vector<session::OperationResult> Run(const Operations& operations, int session = 0);
  // The same when it may be refused.
  absl::StatusOr<session::RunOutcome> TryRun(const Operations& operations, int session = 0);
  void Begin(int session);
  void Commit(int session);
  void CreateIndex(const master::IndexRequest& request);
  void TakeSnapshot();

  sim::SimCluster& cluster() { return *cluster_; }
  txn::Coordinator* coordinator() { return cluster_->AccessMaster().node->coordinator(); }
  // Everything that must be equal: csn, names, indexes, and every slot of every worker as the
  // mutations that rebuild it (ids, records, entries, next ids). REQUIRES: open.
  std::string State();

 private:
  session::Session* SessionAt(int index);
  // Runs `fn` on the loop of the master.
  void OnMaster(std::function<void()> fn);

  sim::Scheduler scheduler_;
  sim::ClusterOptions options_;
  std::unique_ptr<sim::SimCluster> cluster_;
  std::vector<std::unique_ptr<session::Session>> sessions_;
  std::vector<std::string> deaths_;
  bool stopping_ = false;
};

}  // namespace tidemark::damage
