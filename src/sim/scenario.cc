// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "check/workload.h"
#include "sim/sim_random.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kScenarioStream = 0x7363656e;
// Thousands of edges cost time.
constexpr uint64_t kLargeHubPermille = 30;
constexpr std::array<const char*, kFaultKindCount> kFaultNames = {"kill-one",
                                                                  "kill-master",
                                                                  "kill-some",
                                                                  "kill-all",
                                                                  "power-loss-one",
                                                                  "power-loss-all",
                                                                  "crash-at-disk",
                                                                  "crash-at-frame",
                                                                  "crash-in-recovery",
                                                                  "cut",
                                                                  "partition",
                                                                  "one-way-partition",
                                                                  "stall",
                                                                  "hang",
                                                                  "sync-error",
                                                                  "write-error",
                                                                  "disk-full",
                                                                  "slow-disk",
                                                                  "wall-clock-jump",
                                                                  "repeat",
                                                                  "slow-start",
                                                                  "clean-stop",
                                                                  "disk-hang"};

txn::CoordinatorOptions MakeCoordinatorOptions(const ScenarioWishes& wishes, SimRandom* random) {
  txn::CoordinatorOptions options;
  options.wal = wishes.wal >= 0 ? wishes.wal == 1 : !random->Chance(60);
  options.synchronous_commit =
      wishes.synchronous >= 0 ? wishes.synchronous == 1 : random->Chance(600);
  if (!options.wal) options.synchronous_commit = false;
  const bool longest =
      wishes.recovery_point.empty() ? random->Chance(300) : wishes.recovery_point == "longest";
  options.recovery_point = longest ? txn::RecoveryPoint::kLongest : txn::RecoveryPoint::kWatermark;
  options.wal_flush_interval_micros = random->Between(5'000, 100'000);
  if (wishes.flush_interval_micros > 0) {
    options.wal_flush_interval_micros = wishes.flush_interval_micros;
  }
  const bool snapshots = wishes.snapshots >= 0 ? wishes.snapshots == 1 : random->Chance(600);
  options.snapshot_interval_micros =
      snapshots || !options.wal ? random->Between(100'000, 1'000'000) : 0;
  options.snapshot_retention_count = static_cast<uint32_t>(random->Between(1, 3));
  options.heartbeat_interval_micros = random->Between(50'000, 300'000);
  options.silence_limit_micros = options.heartbeat_interval_micros * 5;
  options.wal_segment_bytes = uint64_t{1} << random->Between(12, 18);
  if (wishes.wal_segment_bytes > 0) {
    options.wal_segment_bytes = static_cast<uint64_t>(wishes.wal_segment_bytes);
  }
  return options;
}

std::vector<FaultKind> ChooseFaults(SimRandom* random) {
  // Some runs are of one kind of trouble, most mix.
  std::vector<FaultKind> all;
  for (int i = 0; i < kFaultKindCount; ++i) all.push_back(static_cast<FaultKind>(i));
  if (random->Chance(150)) return {all[random->Below(all.size())], FaultKind::kKillOne};
  if (random->Chance(100)) return {FaultKind::kKillOne};
  std::vector<FaultKind> chosen;
  for (const FaultKind kind : all) {
    if (random->Chance(500)) chosen.push_back(kind);
  }
  chosen.push_back(FaultKind::kKillSome);
  return chosen;
}

std::vector<std::string> ChooseWorkloads(SimRandom* random) {
  std::vector<std::string> names = check::WorkloadNames();
  for (size_t i = names.size(); i > 1; --i) std::swap(names[i - 1], names[random->Below(i)]);
  names.resize(static_cast<size_t>(random->Between(1, 4)));
  return names;
}

uint32_t ChooseWorkerCount(SimRandom* random) {
  const uint64_t dice = random->Below(10);
  if (dice < 2) return 1;
  if (dice < 5) return 2;
  return dice < 9 ? 3 : 5;
}

// A segment must hold a part of a large transaction: a record larger than a segment finds no room
// on a full disk. A part has its least size and what a message to a worker adds, about 200 kB.
void GiveRoomForBulk(ClusterOptions* cluster) {
  cluster->tx_part_bytes = 64 << 10;
  cluster->coordinator.wal_segment_bytes =
      std::max<uint64_t>(cluster->coordinator.wal_segment_bytes, 512 << 10);
}

}  // namespace

std::string NameOf(FaultKind kind) { return kFaultNames[static_cast<size_t>(kind)]; }

Scenario MakeScenario(uint64_t seed, const ScenarioWishes& wishes) {
  SimRandom random(seed, kScenarioStream);
  Scenario scenario;
  scenario.seed = seed;
  scenario.cluster.worker_count = ChooseWorkerCount(&random);
  if (wishes.workers > 0) scenario.cluster.worker_count = static_cast<uint32_t>(wishes.workers);
  scenario.cluster.coordinator = MakeCoordinatorOptions(wishes, &random);
  scenario.cluster.snapshot_on_exit = random.Chance(500);
  scenario.cluster.log_growth_bytes = uint64_t{1} << random.Between(13, 17);
  scenario.cluster.master_job_slowdown = wishes.master_job_slowdown;
  scenario.cluster.shard_check_interval = random.Chance(100) ? 50 : 0;
  scenario.workloads = ChooseWorkloads(&random);
  if (!wishes.workloads.empty()) scenario.workloads = wishes.workloads;
  scenario.client_count = static_cast<uint32_t>(random.Between(2, 8));
  scenario.commit_goal = static_cast<uint32_t>(random.Between(200, 300));
  scenario.fault_goal = static_cast<uint32_t>(random.Between(3, 8));
  scenario.overlap_permille = random.Chance(300) ? 800 : 250;
  scenario.faults = ChooseFaults(&random);
  if (!wishes.faults.empty()) scenario.faults = wishes.faults;
  scenario.check_other_recovery = random.Chance(400);
  scenario.check_old_copy = random.Chance(200) || wishes.old_copy;
  if (random.Chance(400)) scenario.snapshot_request_micros = random.Between(50'000, 500'000);
  if (wishes.snapshots == 0) scenario.snapshot_request_micros = 0;
  if (wishes.snapshot_request_micros >= 0) {
    scenario.snapshot_request_micros = wishes.snapshot_request_micros;
  }
  if (random.Chance(300)) scenario.schema_change_micros = random.Between(20'000, 200'000);
  if (wishes.schema_change_micros >= 0) {
    scenario.schema_change_micros = wishes.schema_change_micros;
  }
  scenario.crash_first_start = random.Chance(200) || wishes.crash_first_start;
  scenario.wal_during_setup =
      !scenario.cluster.coordinator.wal && (random.Chance(500) || wishes.wal_during_setup);
  // Their megabytes take time: few runs have them.
  if (random.Chance(10)) scenario.bulk_client_count = static_cast<uint32_t>(random.Between(3, 6));
  if (wishes.bulk_clients >= 0) {
    scenario.bulk_client_count = static_cast<uint32_t>(wishes.bulk_clients);
  }
  if (scenario.bulk_client_count > 0) GiveRoomForBulk(&scenario.cluster);
  if (random.Chance(kLargeHubPermille) && wishes.workloads.empty()) {
    scenario.workloads.push_back("large-hub");
  }
  scenario.cypher_client_count = static_cast<uint32_t>(random.Between(0, scenario.client_count));
  return scenario;
}

std::string Scenario::ToString() const {
  const txn::CoordinatorOptions& options = cluster.coordinator;
  std::vector<std::string> fault_names;
  for (const FaultKind kind : faults) fault_names.push_back(NameOf(kind));
  return absl::StrCat(
      "seed ", seed, ": ", cluster.worker_count, " workers, ", client_count, " clients, ",
      cypher_client_count, " of them in Cypher, ",
      bulk_client_count == 0 ? "" : absl::StrCat(bulk_client_count, " bulk clients, "),
      options.synchronous_commit ? "synchronous" : "asynchronous",
      options.wal        ? ""
      : wal_during_setup ? ", no WAL after the set-up"
                         : ", no WAL",
      ", recovery point ",
      options.recovery_point == txn::RecoveryPoint::kLongest ? "longest" : "watermark",
      ", flush every ", options.wal_flush_interval_micros, " us, snapshots every ",
      options.snapshot_interval_micros, " us, segments of ", options.wal_segment_bytes,
      " bytes, workloads ", absl::StrJoin(workloads, " "), ", faults ",
      absl::StrJoin(fault_names, " "));
}

}  // namespace tidemark::sim
