// SPDX-License-Identifier: Apache-2.0
#include "sim/planted_bugs.h"

namespace tidemark::sim {
namespace {

ScenarioWishes Synchronous(std::vector<FaultKind> faults) {
  ScenarioWishes wishes;
  wishes.synchronous = 1;
  wishes.wal = 1;
  wishes.faults = std::move(faults);
  wishes.workloads = {"ledger", "list-append"};
  return wishes;
}

ScenarioWishes Asynchronous(std::vector<FaultKind> faults) {
  ScenarioWishes wishes = Synchronous(std::move(faults));
  wishes.synchronous = 0;
  return wishes;
}

ScenarioWishes Longest(ScenarioWishes wishes) {
  wishes.recovery_point = "longest";
  return wishes;
}

ScenarioWishes WithSnapshots(ScenarioWishes wishes) {
  wishes.snapshots = 1;
  return wishes;
}

std::vector<FaultKind> Power() {
  return {FaultKind::kPowerLossAll, FaultKind::kPowerLossOne, FaultKind::kCrashAtDiskOperation,
          FaultKind::kCrashInRecovery, FaultKind::kKillSome};
}

std::vector<FaultKind> Mixed() {
  return {FaultKind::kPowerLossAll,
          FaultKind::kPowerLossOne,
          FaultKind::kCrashAtDiskOperation,
          FaultKind::kCrashInRecovery,
          FaultKind::kKillSome,
          FaultKind::kCrashAtEnvelope,
          FaultKind::kCut,
          FaultKind::kStall,
          FaultKind::kKillMaster,
          FaultKind::kHang};
}

std::vector<PlantedBugCase> MakeCases() {
  return {
      {"acknowledge-before-sync", "Flushed only after the WAL is synced", Synchronous(Power())},
      {"converge-without-sync", "every worker syncs before it says Converged",
       Synchronous(Power())},
      {"wal-no-sync-on-converge", "the cut of a WAL is synced", Synchronous(Power())},
      {"open-without-synced-watermark", "a synced Watermark opens the cluster",
       Synchronous(Power())},
      {"watermark-before-log-sync", "W is what the synced log says", Synchronous(Power())},
      {"watermark-by-tx-id", "the watermark is a csn, not a transaction id", Synchronous(Power())},
      {"skip-directory-sync", "names are durable after a sync of their folder",
       WithSnapshots(Synchronous(Power()))},
      {"wal-no-cut-above-watermark", "every worker cuts its WAL above R", Asynchronous(Mixed())},
      {"snapshot-without-wal-sync", "a snapshot syncs the WAL through its csn",
       WithSnapshots(Synchronous(Power()))},
      {"names-not-synced", "names are durable before they are used",
       Longest(Asynchronous(Power()))},
      {"verdict-before-reconcile", "no verdict on a sent commit before reconcile ends",
       Asynchronous(Mixed())},
      {"waiter-keyed-by-csn", "waiters are keyed by epoch and csn", Synchronous(Mixed())},
      {"read-at-visible-in-sync-mode", "a synchronous read sees only what is durable",
       Synchronous(Power())},
      {"gap-not-ending-prefix", "a csn that nobody reports ends the prefix",
       Longest(Asynchronous(Mixed()))},
      {"undo-dropped-at-R", "undo is kept until a synced watermark passes it",
       Asynchronous(Mixed())},
  };
}

}  // namespace

const std::vector<PlantedBugCase>& PlantedBugCases() {
  static const auto* cases = new std::vector<PlantedBugCase>(MakeCases());
  return *cases;
}

const PlantedBugCase* FindPlantedBug(const std::string& name) {
  for (const PlantedBugCase& bug : PlantedBugCases()) {
    if (bug.name == name) return &bug;
  }
  return nullptr;
}

}  // namespace tidemark::sim
