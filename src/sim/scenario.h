// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sim_cluster.h"

namespace tidemark::sim {

// The kinds of faults of one run, and how often each is drawn.
enum class FaultKind : uint8_t {
  kKillOne,
  kKillMaster,
  kKillSome,
  kKillAll,
  kPowerLossOne,
  kPowerLossAll,
  kCrashAtDiskOperation,
  kCrashAtEnvelope,
  kCrashInRecovery,  // kills some, and again while they start
  kCut,
  kPartition,  // both ways
  kOneWayPartition,
  kStall,  // old streams deliver late
  kHang,
  kSyncError,
  kWriteError,
  kDiskFull,
  kSlowDisk,
  kWallJump,
  kRepeat,     // frames arrive twice
  kSlowStart,  // a worker goes down and reads its files for seconds when it starts
  kCleanStop,  // everything is asked to stop, and starts again
  kDiskHang,
};
inline constexpr int kFaultKindCount = 23;
std::string NameOf(FaultKind kind);

// Everything that the seed decides before a run begins. A value type.
struct Scenario {
  uint64_t seed = 0;
  ClusterOptions cluster;
  std::vector<std::string> workloads;
  uint32_t client_count = 4;
  uint32_t cypher_client_count = 0;  // of them, those that speak Cypher
  uint32_t commit_goal = 200;
  uint32_t fault_goal = 4;
  // Time between the end of one fault's planning and the next.
  int64_t min_fault_gap_micros = 10'000;
  int64_t max_fault_gap_micros = 500'000;
  // In so many of 1,000 cases the next fault does not wait for the cluster to be open again.
  uint64_t overlap_permille = 300;
  std::vector<FaultKind> faults;
  // How often an administrator asks for a snapshot; 0 = never.
  int64_t snapshot_request_micros = 0;
  // How often an index is made or dropped; 0 = never.
  int64_t schema_change_micros = 0;
  // New workers die at some operation of their disk while they join for the first time.
  bool crash_first_start = false;
  // The cluster is made and filled with a WAL and goes on without one. REQUIRES: no WAL.
  bool wal_during_setup = false;
  // Clients that move much (BulkClient).
  uint32_t bulk_client_count = 0;
  // At the end: recovery from the WAL alone or from a snapshot alone gives the same graph.
  bool check_other_recovery = false;
  // At the end: a node's directory is replaced by an older copy.
  bool check_old_copy = false;

  std::string ToString() const;
};

// What a caller fixes instead of the seed; empty or -1 = the seed decides.
struct ScenarioWishes {
  int synchronous = -1;
  int wal = -1;
  int workers = -1;
  int snapshots = -1;  // 1: many, 0: none
  int64_t flush_interval_micros = -1;
  int64_t snapshot_request_micros = -1;
  int64_t wal_segment_bytes = -1;
  int64_t schema_change_micros = -1;
  int bulk_clients = -1;
  int64_t master_job_slowdown = 1;
  std::string recovery_point;  // "watermark" or "longest"
  bool old_copy = false;
  bool crash_first_start = false;
  bool wal_during_setup = false;
  std::vector<std::string> workloads;
  std::vector<FaultKind> faults;
};

Scenario MakeScenario(uint64_t seed, const ScenarioWishes& wishes);

}  // namespace tidemark::sim
