// SPDX-License-Identifier: Apache-2.0
#include "txn/recovery_plan.h"

#include <algorithm>
#include <utility>

#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

namespace {

using Reports = std::map<NodeId, WorkerReport>;

bool IsLive(const durability::MasterLogState& log, CommitId id) {
  return PlantedBug("tail-dead-not-filtered") || !log.IsDead(id.epoch, id.csn);
}

// The record of a complete snapshot that `file` is; nullptr when the log does not know it so.
const durability::SnapshotCompleteRecord* FindComplete(const durability::MasterLogState& log,
                                                       NodeId node,
                                                       const wire::SnapshotFile& file) {
  for (const durability::SnapshotCompleteRecord& record : log.snapshots()) {
    if (record.epoch.value() != file.epoch() || record.csn.value() != file.csn()) continue;
    for (const auto& part : record.parts) {
      if (part.node == node && part.digest == file.digest()) return &record;
    }
  }
  return nullptr;
}

// The worker's newest commit <= csn that its files or its memory hold.
Csn LastAtMost(const durability::MasterLogState& log, NodeId node, const WorkerReport& report,
               Csn csn) {
  Csn last;
  if (report.last_csn <= csn) last = report.last_csn;
  if (report.durable_csn <= csn) last = std::max(last, report.durable_last_csn);
  for (const WorkerReport::Record& record : report.tail) {
    if (record.id.csn <= csn && IsLive(log, record.id)) last = std::max(last, record.id.csn);
  }
  for (const wire::SnapshotFile& file : report.snapshots) {
    if (file.csn() > csn.value() || FindComplete(log, node, file) == nullptr) continue;
    last = std::max(last, Csn(file.last_csn()));
  }
  return last;
}

std::string CheckLogAge(const durability::MasterLogState& log, Csn watermark,
                        const Reports& reports) {
  for (const auto& [node, report] : reports) {
    if (report.epoch <= log.epoch() && report.watermark <= watermark) continue;
    return absl::StrCat("worker ", node.value(), " knows epoch ", report.epoch.value(),
                        " and watermark ", report.watermark.value(),
                        ", the master log ends at epoch ", log.epoch().value(), " and watermark ",
                        watermark.value(),
                        ": the master's directory is an older copy; use the newest one");
  }
  return "";
}

// Whether each worker holds everything below the watermark: csns are sparse per worker, so only
// the csn that the Watermark record names can tell.
void CheckLastCsns(const durability::MasterLogState& log, Csn watermark, const Reports& reports,
                   RecoveryPlan* plan) {
  if (PlantedBug("last-csn-not-checked")) return;
  for (const auto& [node, report] : reports) {
    const Csn expected = LastAtWatermark(log, node);
    const Csn held = LastAtMost(log, node, report, watermark);
    if (held == expected) continue;
    plan->refused[node] =
        absl::StrCat("the newest commit of worker ", node.value(), " up to watermark ",
                     watermark.value(), " is ", held.value(), " but must be ", expected.value(),
                     ": its directory is older than the cluster or damaged; restore the right one");
  }
}

struct Held {
  CommitId id;
  NodeSet participants;
  NodeSet holders;
};

// What the workers hold above `floor`, by csn.
std::map<Csn, Held> CollectTails(const durability::MasterLogState& log, Csn floor,
                                 const Reports& reports, RecoveryPlan* plan) {
  std::map<Csn, Held> all;
  for (const auto& [node, report] : reports) {
    for (const WorkerReport::Record& record : report.tail) {
      if (record.id.csn <= floor || !IsLive(log, record.id)) continue;
      Held& held = all[record.id.csn];
      if (held.holders.empty()) {
        held.id = record.id;
        held.participants = record.participants;
      }
      held.holders.Add(node);
      const bool same = held.id == record.id && held.participants == record.participants;
      if (same || PlantedBug("tail-dead-not-filtered")) continue;
      plan->refused[node] =
          absl::StrCat("worker ", node.value(), " holds csn ", record.id.csn.value(), " of epoch ",
                       record.id.epoch.value(), " for workers ", record.participants.ToString(),
                       ", others hold it of epoch ", held.id.epoch.value(), " for workers ",
                       held.participants.ToString(), ": its directory is damaged");
    }
  }
  return all;
}

// The largest csn such that every csn in (floor, it] is held by all workers it names.
Csn LongestPrefix(Csn floor, const std::map<Csn, Held>& tails) {
  Csn end = floor;
  for (const auto& [csn, held] : tails) {
    const bool gap = csn != end.Next();  // a csn that nobody reports ends it
    if (gap && !PlantedBug("gap-not-ending-prefix")) break;
    if (!held.holders.ContainsAll(held.participants)) break;
    end = csn;
  }
  return end;
}

// From which snapshot a worker can come to R; csn 0 and true: from its WAL alone.
bool ChooseSnapshot(const durability::MasterLogState& log, NodeId node, const WorkerReport& report,
                    Csn csn, CommitId* snapshot) {
  *snapshot = CommitId();
  for (const wire::SnapshotFile& file : report.snapshots) {
    if (file.csn() > csn.value() || FindComplete(log, node, file) == nullptr) continue;
    const bool wal_goes_on =
        report.wal_from_start || report.wal_complete_after.value() <= file.csn();
    if (!wal_goes_on && file.csn() != csn.value()) continue;
    *snapshot = std::max(*snapshot, CommitId{Epoch(file.epoch()), Csn(file.csn())},
                         [](CommitId a, CommitId b) { return a.csn < b.csn; });
  }
  return snapshot->csn != Csn() || report.wal_from_start || csn == Csn();
}

void PlanWorkers(const durability::MasterLogState& log, const Reports& reports, bool reload,
                 RecoveryPlan* plan) {
  for (const auto& [node, report] : reports) {
    RecoveryPlan::Worker& worker = plan->workers[node];
    const bool found = ChooseSnapshot(log, node, report, plan->csn, &worker.snapshot);
    if (!found && (reload || !report.in_memory)) {
      plan->refused[node] = absl::StrCat(
          "worker ", node.value(), " has no complete snapshot from which its WAL leads to csn ",
          plan->csn.value(), " (the WAL is complete after csn ", report.wal_complete_after.value(),
          "); restore its directory");
    }
    worker.reload = reload;
    worker.last_csn = LastAtMost(log, node, report, plan->csn);
    for (const WorkerReport::Record& record : report.tail) {
      if (record.id.csn <= plan->csn && !IsLive(log, record.id)) worker.dead.push_back(record.id);
    }
  }
}

}  // namespace

Csn WatermarkOf(const durability::MasterLogState& log) {
  Csn watermark = log.watermark().csn;
  if (PlantedBug("base-counts-as-watermark")) {
    for (const auto& epoch : log.epochs()) watermark = std::max(watermark, epoch.base);
  }
  return watermark;
}

Csn LastAtWatermark(const durability::MasterLogState& log, NodeId node) {
  for (const durability::WatermarkRecord::Last& last : log.watermark().last) {
    if (last.node == node) return last.csn;
  }
  return Csn();
}

RecoveryPlan PlanRecovery(const durability::MasterLogState& log, const Reports& reports,
                          const PlanRules& rules) {
  RecoveryPlan plan;
  const Csn watermark = WatermarkOf(log);
  plan.log_is_old = CheckLogAge(log, watermark, reports);
  if (!plan.log_is_old.empty()) return plan;

  bool restarted = false;
  bool reload = false;
  for (const auto& [node, report] : reports) {
    restarted |= !report.in_memory;
    // Without a WAL what V has passed is in every participant's memory and nowhere else: all of
    // them still have it, or all go back to the snapshot. An earlier attempt may have decided so
    // already and have reached some of them only.
    const bool lost = !report.in_memory || log.IsDead(report.epoch, report.tail_after);
    reload |= lost && !rules.wal;
  }
  Csn floor = watermark;
  if (rules.wal || reload) {
    CheckLastCsns(log, watermark, reports, &plan);
  } else {
    for (const auto& [node, report] : reports) floor = std::max(floor, report.tail_after);
  }
  const std::map<Csn, Held> tails = CollectTails(log, floor, reports, &plan);
  if (!plan.refused.empty()) return plan;

  const bool at_watermark = reload || (rules.first_recovery && restarted &&
                                       rules.recovery_point == RecoveryPoint::kWatermark);
  plan.csn = at_watermark ? floor : LongestPrefix(floor, tails);
  plan.newest = tails.empty() ? plan.csn : std::max(plan.csn, tails.rbegin()->first);
  PlanWorkers(log, reports, reload, &plan);
  return plan;
}

}  // namespace tidemark::txn
