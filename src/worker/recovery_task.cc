// SPDX-License-Identifier: Apache-2.0
#include "worker/recovery_task.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "durability/file_format.h"
#include "durability/snapshot/snapshot_reader.h"

namespace tidemark::worker {
namespace {

void Note(const storage::Shard& shard, uint64_t mutation_count, RecoveryProgress* progress) {
  const storage::ShardStats stats = shard.stats();
  progress->vertices = stats.vertices;
  progress->edges = stats.edges;
  progress->mutations += mutation_count;
}

absl::Status LoadSnapshot(const RecoverySource& source, const txn::CommitId& id,
                          RecoveredShard* result, RecoveryProgress* progress) {
  const std::string path = source.snapshots_path + "/" + durability::SnapshotName(id.epoch, id.csn);
  ASSIGN_OR_RETURN(const std::unique_ptr<durability::SnapshotReader> reader,
                   durability::SnapshotReader::Open(source.files, path, source.identity));
  progress->snapshot_entities = reader->info().vertices + reader->info().edges;
  durability::SnapshotReader::Chunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader->Next(&chunk));
    if (!more) break;
    const absl::StatusOr<uint64_t> count = result->shard->Replay(id.csn, chunk.mutations);
    if (!count.ok()) return Annotate(count.status(), path);
    Note(*result->shard, *count, progress);
  }
  result->snapshot_last_csn = reader->info().last_csn;
  return absl::OkStatus();
}

absl::Status ReplayWal(const RecoverySource& source, const txn::RecoveryOrder& order,
                       storage::Shard* shard, RecoveryProgress* progress) {
  std::vector<durability::EpochCsn> dead;
  dead.reserve(order.dead.size());
  for (const txn::CommitId& id : order.dead) dead.push_back({id.epoch, id.csn});
  durability::WalReplay replay(source.files, source.wal_path, source.identity, source.wal,
                               {order.snapshot.csn, order.csn, dead});
  durability::WalReplay::Chunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, replay.Next(&chunk));
    if (!more) return absl::OkStatus();
    const absl::StatusOr<uint64_t> count = shard->Replay(chunk.csn, chunk.mutations);
    if (!count.ok()) {
      return Annotate(count.status(), absl::StrCat(source.wal_path, " csn ", chunk.csn.value()));
    }
    progress->replayed_csn = chunk.csn.value();
    Note(*shard, *count, progress);
  }
}

}  // namespace

std::string ProgressText(const RecoveryProgress& progress, Csn through, int64_t elapsed_micros) {
  const auto rate =
      static_cast<uint64_t>(static_cast<double>(progress.mutations.load()) * 1e6 /
                            static_cast<double>(std::max<int64_t>(elapsed_micros, 1)));
  if (const uint64_t csn = progress.replayed_csn; csn > 0) {
    return absl::StrCat("replaying the log: csn ", csn, " of ", through.value(), ", ", rate,
                        " mutations/s");
  }
  const uint64_t all = std::max<uint64_t>(progress.snapshot_entities, 1);
  const uint64_t done = progress.vertices + progress.edges;
  return absl::StrCat("loading the snapshot: ", done * 100 / all, " %, ", rate, " mutations/s");
}

absl::StatusOr<RecoveredShard> RecoverShard(const RecoverySource& source,
                                            const txn::RecoveryOrder& order,
                                            const ShardSettings& settings,
                                            RecoveryProgress* progress) {
  env::MeteredFiles files(source.files, &progress->reads);
  RecoverySource metered = source;
  metered.files = &files;
  RecoveredShard result;
  result.shard =
      std::make_unique<storage::Shard>(settings.limits, settings.worker_count, settings.self);
  if (order.snapshot.csn.value() != 0) {
    RETURN_IF_ERROR(LoadSnapshot(metered, order.snapshot, &result, progress));
  }
  RETURN_IF_ERROR(ReplayWal(metered, order, result.shard.get(), progress));
  result.shard->FinishRecovery(order.csn);
  return result;
}

}  // namespace tidemark::worker
