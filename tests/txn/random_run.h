// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/txn/model_cluster.h"

namespace tidemark::txn {

struct RandomRunOptions {
  uint64_t seed = 1;
  uint32_t worker_count = 2;
  int steps = 400;
  CoordinatorOptions coordinator;
  // Power may fail; otherwise processes only die and streams break.
  bool power_loss = true;
  // The next fault waits until the cluster is open again: then no acknowledged commit is lost,
  // asynchronous ones included.
  bool single_faults = false;
  // Workers come back with older copies of their directories.
  bool older_directories = false;
};

// The kinds of histories, each with the promise that makes it one.
enum class RunKind : uint8_t {
  kSynchronous,
  kSynchronousLongest,
  kAsynchronous,
  kAsynchronousLongest,
  kSingleFaults,
  kWithoutWal,
  kOlderDirectories,
};
inline constexpr RunKind kRunKinds[] = {
    RunKind::kSynchronous,         RunKind::kSynchronousLongest, RunKind::kAsynchronous,
    RunKind::kAsynchronousLongest, RunKind::kSingleFaults,       RunKind::kWithoutWal,
    RunKind::kOlderDirectories,
};
RandomRunOptions OptionsOf(RunKind kind, uint64_t seed);

// One random history of a model cluster under faults, with the promises of
// docs/protocols/README.md checked all along.
class RandomRun {
 public:
  explicit RandomRun(const RandomRunOptions& options);

  // Empty: every promise was kept. Else what was broken; the trace says how.
  std::string Execute();
  const std::vector<std::string>& trace() const { return trace_; }
  uint64_t commit_count() const { return commit_count_; }
  uint64_t fault_count() const { return fault_count_; }
  uint64_t recovery_count() const { return cluster_.open_count(); }

 private:
  uint64_t Pick(uint64_t bound) { return random_() % bound; }
  bool Chance(uint64_t percent) { return Pick(100) < percent; }
  void Step();
  void Happen();
  void ClientStep();
  void BeginWrite();
  void BeginRead();
  void ChangeSchema();
  void FaultStep();
  void RestartStep();
  void OlderDirectoryStep();
  bool IsOpen();
  bool IsWhole();
  bool IsLive(CommitId id);
  void Check();
  void CheckOpened();
  void CheckWorkers(Csn visible);
  void CheckVerdicts();
  void CheckDurable();
  void CheckRecoverable(Csn watermark);
  void CheckReadCsn(const ModelTx& tx);
  void Violation(const std::string& what);
  void Finish();

  const RandomRunOptions options_;
  std::mt19937_64 random_;
  ModelCluster cluster_;
  std::vector<std::string> trace_;
  std::string violation_;
  uint64_t next_name_ = 1;
  uint32_t next_index_ = 1;
  uint64_t commit_count_ = 0;
  uint64_t fault_count_ = 0;
  uint64_t opened_ = 0;
  std::map<NodeId, WorkerDisk> backups_;
  std::map<TxId, std::string> labels_;  // the new label that a transaction uses
};

}  // namespace tidemark::txn
