// SPDX-License-Identifier: Apache-2.0
#include "import/graph_builder.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/mutation.h"

namespace tidemark::csv_import {

using graph::Mutation;
using graph::MutationKind;

absl::StatusOr<std::unique_ptr<GraphBuilder>> GraphBuilder::Create(
    env::FileSystem* files, const GraphBuilderOptions& options) {
  CHECK(!options.cluster.IsZero());
  ASSIGN_OR_RETURN(std::unique_ptr<StagingFolder> staging,
                   StagingFolder::Make(files, options.data_dir));
  return std::unique_ptr<GraphBuilder>(new GraphBuilder(files, options, std::move(staging)));
}

GraphBuilder::GraphBuilder(env::FileSystem* files, const GraphBuilderOptions& options,
                           std::unique_ptr<StagingFolder> staging)
    : files_(files),
      options_(options),
      staging_(std::move(staging)),
      placement_(options.worker_count),
      vertices_(files, staging_->path() + "/vertices", options.spill_bytes),
      edges_(files, staging_->path() + "/edges", options.spill_bytes) {}

absl::StatusOr<uint32_t> GraphBuilder::NameId(graph::NameKind kind, std::string_view text) {
  if (const std::optional<uint32_t> id = names_.Find(kind, text)) return *id;
  return names_.Add(kind, text);
}

absl::StatusOr<VertexId> GraphBuilder::AddVertex(absl::Span<const LabelId> labels,
                                                 std::string_view properties) {
  const VertexId vertex = placement_.NextVertex();
  mutation_.clear();
  graph::AppendMutation({.kind = MutationKind::kCreateVertex,
                         .vertex = vertex,
                         .labels = labels,
                         .bytes = properties},
                        &mutation_);
  record_.clear();
  AppendBytes(&record_, mutation_);
  RETURN_IF_ERROR(vertices_.Append(vertex.slot(), record_));
  ++vertex_count_;
  return vertex;
}

absl::Status GraphBuilder::AddEdge(const NewEdge& edge) {
  const EdgeId id = placement_.NextEdge(edge.source.slot());
  // A slot's section rebuilds the slot alone: the source's has the edge with its properties, the
  // target's its entry, also when both are one slot.
  record_.clear();
  AppendEdgeEnd(edge, id, graph::kOut, &record_);
  RETURN_IF_ERROR(edges_.Append(edge.source.slot(), record_));
  record_.clear();
  AppendEdgeEnd(edge, id, graph::kIn, &record_);
  RETURN_IF_ERROR(edges_.Append(edge.target.slot(), record_));
  ++edge_count_;
  return absl::OkStatus();
}

absl::StatusOr<durability::SnapshotInfo> GraphBuilder::WriteWorker(
    NodeId worker, const std::function<void()>& on_slot) {
  ASSIGN_OR_RETURN(WorkerFiles made,
                   WorkerFiles::Create(files_, staging_->path(), options_.cluster, worker));
  SlotWriter writer(made.snapshot());
  for (uint32_t i = 0; i < kSlotCount; ++i) {
    const SlotId slot(static_cast<uint16_t>(i));
    if (OwnerOfSlot(slot, options_.worker_count) != worker) continue;
    if (!placement_.is_empty(slot)) {
      writer.Start(slot);
      RETURN_IF_ERROR(
          writer.WriteNextSequences(placement_.next_vertex(slot), placement_.next_edge(slot)));
      RETURN_IF_ERROR(writer.WriteVertices(&vertices_));
      vertices_.Drop(slot);
      RETURN_IF_ERROR(writer.WriteEdges(&edges_, options_.sort_bytes));
      edges_.Drop(slot);
      RETURN_IF_ERROR(writer.Finish());
    }
    on_slot();
  }
  return made.snapshot()->Finish();
}

std::vector<absl::StatusOr<durability::SnapshotInfo>> GraphBuilder::WriteWorkers(
    const std::function<void(uint32_t done)>& on_slot) {
  std::vector<absl::StatusOr<durability::SnapshotInfo>> parts(options_.worker_count,
                                                              absl::UnknownError("not written"));
  std::mutex mutex;
  uint32_t slots_done = 0;  // guarded by mutex
  const auto count_slot = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    on_slot(++slots_done);
  };
  std::atomic<uint32_t> next{0};
  const auto write_some = [&] {
    for (uint32_t i; (i = next++) < options_.worker_count;) {
      parts[i] = WriteWorker(NodeId(i + 1), count_slot);
    }
  };
  std::vector<std::thread> threads;
  const uint32_t count = std::min(options_.worker_count, std::thread::hardware_concurrency());
  for (uint32_t i = 1; i < count; ++i) threads.emplace_back(write_some);
  write_some();
  for (std::thread& thread : threads) thread.join();
  return parts;
}

absl::StatusOr<BuildResult> GraphBuilder::Finish(
    const std::function<void(uint32_t done)>& on_slot) {
  BuildResult result;
  std::vector<durability::SnapshotInfo> parts;
  for (const absl::StatusOr<durability::SnapshotInfo>& part : WriteWorkers(on_slot)) {
    RETURN_IF_ERROR(part.status());
    result.vertices += part->vertices;
    result.edges += part->edges;
    result.bytes += part->bytes;
    parts.push_back(*part);
  }
  CHECK_EQ(result.vertices, vertex_count_);
  CHECK_EQ(result.edges, edge_count_);
  RETURN_IF_ERROR(WriteMasterFiles(files_, staging_->path(), options_.cluster, names_, parts));
  RETURN_IF_ERROR(staging_->Publish(options_.worker_count));
  return result;
}

}  // namespace tidemark::csv_import
