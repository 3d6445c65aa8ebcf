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

// Much is visible and not durable, but for what snapshots make durable.
ScenarioWishes ManySnapshotsRareFlushes(ScenarioWishes wishes) {
  wishes.flush_interval_micros = 100'000;
  wishes.snapshots = 1;
  wishes.snapshot_request_micros = 15'000;
  return wishes;
}

// A constraint comes and goes while its keys move between vertices.
ScenarioWishes MovingKeys() {
  ScenarioWishes wishes;
  wishes.workers = 3;
  wishes.faults = {FaultKind::kKillOne};
  wishes.workloads = {"moving-key"};
  wishes.schema_change_micros = 20'000;
  return wishes;
}

// The last block of a hub is emptied and merged with one that its table covers, and grows.
ScenarioWishes LargeHub() {
  ScenarioWishes wishes;
  wishes.faults = {FaultKind::kKillOne};
  wishes.workloads = {"large-hub"};
  return wishes;
}

ScenarioWishes WithSchemaChanges(ScenarioWishes wishes) {
  wishes.schema_change_micros = 10'000;
  return wishes;
}

// The master's disk is behind what its workers do, and its machine dies.
ScenarioWishes SlowMaster(ScenarioWishes wishes) {
  wishes.workers = 1;
  wishes.master_job_slowdown = 50;
  wishes.faults = {FaultKind::kPowerLossOne};
  return wishes;
}

// The cluster was made with a WAL and goes on without one; snapshots are rare.
ScenarioWishes WithoutWalAfterwards(ScenarioWishes wishes) {
  wishes.wal = 0;
  wishes.wal_during_setup = true;
  wishes.snapshots = 0;
  return wishes;
}

ScenarioWishes WithCrashesInTheFirstStart(ScenarioWishes wishes) {
  wishes.crash_first_start = true;
  return wishes;
}

ScenarioWishes WithOldCopy(ScenarioWishes wishes) {
  wishes.old_copy = true;
  return wishes;
}

// The log needs a new segment every few commits.
ScenarioWishes SmallSegments(ScenarioWishes wishes) {
  wishes.wal_segment_bytes = 4096;
  return wishes;
}

ScenarioWishes RareFlushes(ScenarioWishes wishes) {
  wishes.flush_interval_micros = 100'000;
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

ScenarioWishes WithBulkClients(ScenarioWishes wishes) {
  wishes.bulk_clients = 8;
  return wishes;
}

// Rules of the protocol.
std::vector<PlantedBugCase> ProtocolCases() {
  return {
      {"acknowledge-before-sync", "Flushed only after the WAL is synced", Synchronous(Power())},
      {"base-counts-as-watermark", "the base of an Epoch record is no evidence for W",
       Asynchronous(Mixed())},
      {"converge-without-sync", "every worker syncs before it says Converged",
       Synchronous(Power())},
      {"gap-not-ending-prefix", "a csn that nobody reports ends the prefix",
       Longest(Asynchronous(Mixed()))},
      {"last-csn-not-checked", "an older directory is refused",
       WithOldCopy(Asynchronous({FaultKind::kKillOne}))},
      {"live-worker-does-not-cut", "a worker with its memory cuts its WAL above R",
       Asynchronous(Mixed())},
      {"names-not-synced", "names are durable before they are used",
       SlowMaster(Longest(Asynchronous({})))},
      {"open-without-synced-watermark", "a synced Watermark opens the cluster",
       Synchronous(Power())},
      {"read-at-visible-in-sync-mode", "a synchronous read sees only what is durable",
       Synchronous({FaultKind::kSlowDisk, FaultKind::kPowerLossAll})},
      {"schema-not-synced", "a schema record is durable before its commit is sent",
       WithSchemaChanges(SlowMaster(Longest(Asynchronous({}))))},
      {"schema-commit-not-logged", "every worker logs a schema commit",
       WithSchemaChanges(Asynchronous(Mixed()))},
      {"skip-directory-sync", "names are durable after a sync of their folder",
       WithSnapshots(Synchronous(Power()))},
      {"snapshot-survives-epoch", "an epoch change drops a snapshot round",
       ManySnapshotsRareFlushes(Asynchronous(Mixed()))},
      {"snapshot-without-wal-sync", "a snapshot syncs the WAL through its csn",
       ManySnapshotsRareFlushes(Asynchronous({FaultKind::kPowerLossAll}))},
      {"trust-cache-after-failed-sync", "what a failed sync may have lost is written again",
       Synchronous({FaultKind::kSyncError, FaultKind::kPowerLossAll})},
      {"undo-dropped-at-R", "undo is kept until a synced watermark passes it",
       RareFlushes(Asynchronous({FaultKind::kCut, FaultKind::kPowerLossOne,
                                 FaultKind::kCrashAtDiskOperation, FaultKind::kCrashInRecovery}))},
      {"verdict-before-reconcile", "no verdict on a sent commit before reconcile ends",
       Asynchronous(Mixed())},
      {"waiter-keyed-by-csn", "waiters are keyed by epoch and csn", Synchronous(Mixed())},
      {"wal-no-cut-above-watermark+wal-dead-records-not-filtered",
       "every worker cuts its WAL above R, or its Epoch record would", Asynchronous(Mixed())},
      {"wal-no-sync-on-converge", "the cut of a WAL is synced", Asynchronous(Mixed())},
      {"watermark-before-log-sync", "W is what the synced log says", Synchronous(Power())},
      {"watermark-by-tx-id", "the watermark is a csn, not a transaction id", Synchronous(Power())},
  };
}

// Rules around it: the schema, disks, starts and stops.
std::vector<PlantedBugCase> OtherCases() {
  return {
      {"build-before-visible", "an index build sees what older transactions have committed",
       MovingKeys()},
      {"bulk-not-held-back", "bulk waits before the streams, not on them",
       WithBulkClients(Asynchronous({FaultKind::kStall, FaultKind::kSlowDisk}))},
      {"covered-block-grows", "what is appended to a covered block is in the table or searched for",
       LargeHub()},
      {"disk-silence-not-noticed", "a disk that does not answer closes the cluster",
       Asynchronous({FaultKind::kDiskHang})},
      {"files-read-before-greeting", "a worker greets before it reads its files",
       Asynchronous({FaultKind::kSlowStart})},
      {"failed-snapshots-stay", "files of snapshot rounds that failed are removed",
       ManySnapshotsRareFlushes(Asynchronous({FaultKind::kDiskFull, FaultKind::kKillOne}))},
      {"identity-reserved-for-ever", "a worker that dies before it is a member frees its id",
       WithCrashesInTheFirstStart(Asynchronous({FaultKind::kKillOne}))},
      {"index-used-by-older-readers", "a lookup uses what was online at its read csn",
       MovingKeys()},
      {"keys-out-of-order", "unique keys change in the order of the batch", MovingKeys()},
      {"memory-taken-for-files", "what a worker can come back from is what its files hold",
       WithoutWalAfterwards(Asynchronous({FaultKind::kKillOne}))},
      {"stop-leaves-builds-waiting", "a clean stop answers whoever waits for an index",
       WithSchemaChanges(Asynchronous({FaultKind::kCleanStop}))},
      {"write-without-room", "writes are refused before the log's disk has no room for them",
       SmallSegments(Synchronous({FaultKind::kDiskFull}))},
  };
}

}  // namespace

const std::vector<PlantedBugCase>& PlantedBugCases() {
  static const auto* cases = [] {
    auto* all = new std::vector<PlantedBugCase>(ProtocolCases());
    for (PlantedBugCase& bug : OtherCases()) all->push_back(std::move(bug));
    return all;
  }();
  return *cases;
}

const PlantedBugCase* FindPlantedBug(const std::string& name) {
  for (const PlantedBugCase& bug : PlantedBugCases()) {
    if (bug.name == name) return &bug;
  }
  return nullptr;
}

}  // namespace tidemark::sim
