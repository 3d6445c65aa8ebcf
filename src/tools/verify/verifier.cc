// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/verifier.h"

#include <memory>
#include <utility>

#include "base/status.h"
#include "durability/verify.h"
#include "tools/verify/graph_content.h"
#include "worker/recovery_task.h"

namespace tidemark::tools {
namespace {

using durability::MasterDirectoryReport;
using durability::WorkerDirectoryReport;

void Take(std::vector<std::string> lines, std::vector<std::string>* out) {
  for (std::string& line : lines) out->push_back(std::move(line));
}

// The recovery that a start of the whole cluster would do on this worker.
txn::RecoveryOrder OrderFor(const durability::MasterLogState& master,
                            const WorkerDirectoryReport& worker) {
  txn::RecoveryOrder order;
  order.csn = master.watermark().csn;
  for (const durability::SnapshotCompleteRecord& snapshot : master.snapshots()) {
    for (const durability::SnapshotInfo& info : worker.snapshots) {
      if (info.epoch == snapshot.epoch && info.csn == snapshot.csn && info.csn <= order.csn) {
        order.snapshot = {info.epoch, info.csn};
      }
    }
  }
  for (const durability::WalTailEntry& entry : worker.wal.tail) {
    if (master.IsDead(entry.epoch, entry.csn)) order.dead.push_back({entry.epoch, entry.csn});
  }
  return order;
}

absl::StatusOr<std::unique_ptr<storage::Shard>> RecoverWorker(
    env::FileSystem* files, const std::string& path, const durability::MasterLogState& master,
    const WorkerDirectoryReport& report) {
  const txn::RecoveryOrder order = OrderFor(master, report);
  const Csn complete_after = report.wal.base.complete_after;
  if (complete_after > order.snapshot.csn) {
    return absl::DataLossError(absl::StrCat(
        path, "/wal: is complete only after csn ", complete_after.value(), ", but ",
        order.snapshot.csn.value() == 0
            ? "there is no complete snapshot"
            : absl::StrCat("the newest complete snapshot is of csn ", order.snapshot.csn.value()),
        "; segments are missing between them"));
  }
  worker::RecoverySource source;
  source.files = files;
  source.wal_path = path + "/wal";
  source.snapshots_path = path + "/snapshots";
  source.identity = report.identity;
  source.wal = &report.wal;
  worker::ShardSettings settings;
  settings.worker_count = master.cluster().worker_count;
  settings.self = report.identity.node;
  worker::RecoveryProgress progress;
  ASSIGN_OR_RETURN(worker::RecoveredShard recovered,
                   worker::RecoverShard(source, order, settings, &progress));
  return std::move(recovered.shard);
}

void CheckGraph(std::vector<std::unique_ptr<storage::Shard>> shards,
                const durability::MasterLogState& master, VerifyReport* report) {
  GraphContent content(&master.names(), master.watermark().csn);
  std::vector<storage::Shard*> pointers;
  for (const auto& shard : shards) pointers.push_back(shard.get());
  for (storage::Shard* shard : pointers) content.AddVertices(shard);
  for (storage::Shard* shard : pointers) content.AddEdges(shard);
  if (!content.IsSymmetric()) Take(content.FindAsymmetry(pointers), &report->errors);
  report->has_graph = true;
  report->vertices = content.vertex_count();
  report->edges = content.edge_count();
  report->graph_digest = content.digest();
}

absl::StatusOr<VerifyReport> VerifyCluster(env::FileSystem* files, const std::string& path) {
  VerifyReport report;
  absl::StatusOr<MasterDirectoryReport> master =
      durability::VerifyMasterDirectory(files, path + "/master");
  if (absl::IsDataLoss(master.status())) {
    report.errors.push_back(MessageOf(master.status()));
    return report;
  }
  RETURN_IF_ERROR(master.status());
  Take(std::move(master->errors), &report.errors);
  Take(std::move(master->remarks), &report.remarks);
  const durability::MasterLogState& state = master->state;
  report.cluster_id = state.cluster().id.ToString();
  report.epoch = state.epoch().value();
  report.watermark = state.watermark().csn.value();
  report.worker_count = state.cluster().worker_count;
  if (master->log_end.empty()) return report;  // the log could not be read
  std::vector<std::unique_ptr<storage::Shard>> shards;
  for (uint32_t i = 1; i <= report.worker_count; ++i) {
    const std::string worker_path = absl::StrCat(path, "/worker-", i);
    if (!files->Exists(worker_path) && !state.members().contains(NodeId(i))) {
      report.remarks.push_back(absl::StrCat("worker ", i, " has never joined"));
      continue;
    }
    absl::StatusOr<WorkerDirectoryReport> worker =
        durability::VerifyWorkerDirectory(files, worker_path, &*master);
    if (!worker.ok()) {
      report.errors.push_back(MessageOf(worker.status()));
      continue;
    }
    const bool sound = worker->errors.empty();
    Take(std::move(worker->errors), &report.errors);
    Take(std::move(worker->remarks), &report.remarks);
    if (!sound) continue;
    auto shard = RecoverWorker(files, worker_path, state, *worker);
    if (shard.ok()) {
      shards.push_back(std::move(*shard));
    } else {
      report.errors.push_back(MessageOf(shard.status()));
    }
  }
  if (report.errors.empty()) CheckGraph(std::move(shards), state, &report);
  return report;
}

}  // namespace

absl::StatusOr<VerifyReport> VerifyPath(env::FileSystem* files, const std::string& path) {
  if (files->Exists(path + "/master/IDENTITY")) return VerifyCluster(files, path);
  if (!files->Exists(path + "/IDENTITY")) {
    return absl::NotFoundError(absl::StrCat(
        path, " is not a data directory: neither master/IDENTITY nor IDENTITY is there"));
  }
  VerifyReport report;
  if (files->Exists(path + "/wal")) {
    ASSIGN_OR_RETURN(WorkerDirectoryReport worker,
                     durability::VerifyWorkerDirectory(files, path, nullptr));
    Take(std::move(worker.errors), &report.errors);
    Take(std::move(worker.remarks), &report.remarks);
    report.cluster_id = worker.identity.cluster.ToString();
    report.epoch = worker.wal.base.epoch.value();
    report.watermark = worker.wal.base.watermark.value();
    return report;
  }
  ASSIGN_OR_RETURN(MasterDirectoryReport master, durability::VerifyMasterDirectory(files, path));
  Take(std::move(master.errors), &report.errors);
  Take(std::move(master.remarks), &report.remarks);
  report.cluster_id = master.state.cluster().id.ToString();
  report.epoch = master.state.epoch().value();
  report.watermark = master.state.watermark().csn.value();
  report.worker_count = master.state.cluster().worker_count;
  return report;
}

}  // namespace tidemark::tools
