// SPDX-License-Identifier: Apache-2.0
// The checks at the end of a run: what is durable comes back, in every way there is, and an older
// copy of a directory is not taken for it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/time_units.h"
#include "check/text_difference.h"
#include "sim/simulation.h"

namespace tidemark::sim {
namespace {

// As long as nodes may need to refuse one another.
constexpr int64_t kRefusalLimit = 30 * kMicrosPerSecond;
// Indexes under construction are finished in that time.
constexpr int64_t kSchemaLimit = 60 * kMicrosPerSecond;
// Files of snapshot rounds that failed are removed in that time.
constexpr int64_t kRemovalLimit = 10 * kMicrosPerSecond;

}  // namespace

bool Simulation::Dump(std::string* out) {
  std::vector<VertexId> vertices;
  auto make = [&] {
    out->clear();
    vertices.clear();
    auto scan = [](const check::Results&) { return check::Step::Run({check::ScanLabel("")}); };
    auto expand = [&](const check::Results& results) {
      std::vector<check::Operation> operations;
      for (const check::VertexRow& row : results[0].vertices) {
        absl::StrAppend(out, "v", row.id.value());
        for (const auto& [key, value] : row.properties) {
          absl::StrAppend(out, " ", key, "=");
          if (std::holds_alternative<int64_t>(value)) {
            absl::StrAppend(out, std::get<int64_t>(value));
          } else {
            for (const int64_t v : std::get<std::vector<int64_t>>(value)) {
              absl::StrAppend(out, v, ",");
            }
          }
        }
        absl::StrAppend(out, "\n");
        operations.push_back(check::Expand(row.id));
      }
      return operations.empty() ? check::Step::Commit() : check::Step::Run(std::move(operations));
    };
    auto note = [&](const check::Results& results) {
      for (const check::OperationResult& result : results) {
        for (const check::NeighbourRow& row : result.neighbours) {
          absl::StrAppend(out, row.outgoing ? ">" : "<", row.vertex.value(), ":", row.edge.value(),
                          " ");
        }
        absl::StrAppend(out, "\n");
      }
      return check::Step::Commit();
    };
    return check::MakeScript(true, {scan, expand, note}, [](const check::Ending&) {});
  };
  return RunToCommit(make, "a read of the whole graph");
}

// A build that ends later would commit behind the snapshot from which alone a cluster is recovered.
bool Simulation::WaitForSchemaChanges() {
  return RunUntil(
      [this] {
        const MasterAccess access = cluster_.AccessMaster();
        if (access.node == nullptr) return false;
        const catalog::SchemaTable& schema = access.node->schema()->table();
        return std::none_of(schema.all().begin(), schema.all().end(), [&](const auto& definition) {
          return definition.state != graph::IndexState::kOnline || schema.IsRetired(definition.id);
        });
      },
      kSchemaLimit, "schema changes end");
}

bool Simulation::CheckRecoveries() {
  if (!WaitForSchemaChanges()) return false;
  std::string graph;
  const bool by_snapshot = !wal() || random_.Chance(300);
  if (!MakeDurable(by_snapshot) || !Dump(&graph)) return false;
  if (by_snapshot && !RunUntil([this] { return cluster_.SnapshotFilesAgree(); }, kRemovalLimit,
                               "files of snapshot rounds that failed are removed")) {
    return false;
  }
  const std::string when = "after the last loss of power";
  if (!RestartAndCompare(Death::kPowerLoss, "", graph, when) || !ReadAndCheck(when)) return false;
  if (scenario_.check_other_recovery && wal() && !CheckOtherRecovery(graph)) return false;
  return old_copy_ == nullptr || CheckOldCopy(graph);
}

// Without its snapshots a worker comes back from its WAL, without its WAL from a snapshot.
bool Simulation::CheckOtherRecovery(const std::string& graph) {
  if (cluster_.WalsReachBack() && random_.Chance(500)) {
    return RestartAndCompare(Death::kKill, "snapshots", graph, "from the WAL alone");
  }
  return MakeDurable(/*by_snapshot=*/true) &&
         RestartAndCompare(Death::kKill, "wal", graph, "from the snapshot alone");
}

// Stops all nodes, takes a folder of every worker away unless `lost_folder` is empty, and compares
// the graph that comes back.
bool Simulation::RestartAndCompare(Death death, const std::string& lost_folder,
                                   const std::string& graph, const std::string& when) {
  faults_.StopAll(death);
  for (const NodeId node : cluster_.nodes()) {
    if (lost_folder.empty() || node == kMasterNode) continue;
    cluster_.disk(node).RemoveFiles(absl::StrCat(cluster_.DirectoryOf(node), "/", lost_folder));
  }
  // The nodes go down at the next event.
  RunUntil([this] { return !cluster_.IsOpen(); }, kMicrosPerSecond, "all nodes go down");
  std::string found;
  if (!WaitForOpen("the cluster opens " + when) || !Dump(&found)) return false;
  if (!RunUntil([this] { return cluster_.SchemasAgree(); }, kSchemaLimit,
                "every worker has the master's schema, " + when)) {
    return false;
  }
  if (graph == found) return true;
  Report(
      absl::StrCat("another graph came back ", when, ": ", check::FirstDifference(graph, found)));
  return false;
}

// One node comes back with its directory as it was at the beginning: it is refused, unless nothing
// is missing in it.
bool Simulation::CheckOldCopy(const std::string& graph) {
  cluster_.ExpectRefusals();
  if (random_.Chance(500)) {
    faults_.StopAll(Death::kKill);
  } else {
    cluster_.Stop(old_copy_node_, Death::kKill);
  }
  cluster_.disk(old_copy_node_).Restore(*old_copy_);
  const int64_t end = scheduler_.now_micros() + kRefusalLimit;
  const uint64_t recoveries = cluster_.recovery_count();
  RunUntil(
      [this, end, recoveries] {
        return cluster_.refusal_count() > 0 || cluster_.recovery_count() > recoveries ||
               scheduler_.now_micros() >= end;
      },
      kRefusalLimit + kMicrosPerSecond, "a node with an older copy of its directory is refused");
  if (cluster_.refusal_count() > 0) return true;
  std::string found;
  if (!WaitForOpen("the cluster opens with an older directory") || !Dump(&found)) return false;
  if (graph == found) return true;
  Report(absl::StrCat("an older copy of the directory of node ", old_copy_node_.value(),
                      " was accepted: ", check::FirstDifference(graph, found)));
  return false;
}

}  // namespace tidemark::sim
