// SPDX-License-Identifier: Apache-2.0
#include "worker/recovery_task.h"

#include <vector>

#include "base/status.h"
#include "durability/file_format.h"
#include "durability/snapshot_reader.h"
#include "graph/mutation.h"

namespace tidemark::worker {
namespace {

absl::Status LoadSnapshot(const RecoverySource& source, const txn::CommitId& id,
                          RecoveredShard* result) {
  const std::string path = source.snapshots_path + "/" + durability::SnapshotName(id.epoch, id.csn);
  ASSIGN_OR_RETURN(const std::unique_ptr<durability::SnapshotReader> reader,
                   durability::SnapshotReader::Open(source.files, path, source.identity));
  durability::SnapshotReader::Chunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader->Next(&chunk));
    if (!more) break;
    graph::MutationReader mutations(chunk.mutations);
    graph::Mutation mutation;
    while (true) {
      ASSIGN_OR_RETURN(const bool found, mutations.Next(&mutation));
      if (!found) break;
      RETURN_IF_ERROR(Annotate(result->shard->Load(id.csn, mutation), path));
    }
  }
  result->snapshot_last_csn = reader->info().last_csn;
  return absl::OkStatus();
}

absl::Status ReplayWal(const RecoverySource& source, const txn::RecoveryOrder& order,
                       storage::Shard* shard) {
  std::vector<durability::EpochCsn> dead;
  dead.reserve(order.dead.size());
  for (const txn::CommitId& id : order.dead) dead.push_back({id.epoch, id.csn});
  durability::WalReplay replay(source.files, source.wal_path, source.identity, source.wal,
                               {order.snapshot.csn, order.csn, dead});
  durability::WalReplay::Chunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, replay.Next(&chunk));
    if (!more) return absl::OkStatus();
    graph::MutationReader mutations(chunk.mutations);
    graph::Mutation mutation;
    while (true) {
      ASSIGN_OR_RETURN(const bool found, mutations.Next(&mutation));
      if (!found) break;
      RETURN_IF_ERROR(Annotate(shard->Replay(chunk.csn, mutation),
                               absl::StrCat(source.wal_path, " csn ", chunk.csn.value())));
    }
  }
}

}  // namespace

absl::StatusOr<RecoveredShard> RecoverShard(const RecoverySource& source,
                                            const txn::RecoveryOrder& order,
                                            const ShardSettings& settings) {
  RecoveredShard result;
  result.shard =
      std::make_unique<storage::Shard>(settings.limits, settings.worker_count, settings.self);
  if (order.snapshot.csn.value() != 0) {
    RETURN_IF_ERROR(LoadSnapshot(source, order.snapshot, &result));
  }
  RETURN_IF_ERROR(ReplayWal(source, order, result.shard.get()));
  result.shard->FinishRecovery(order.csn);
  return result;
}

}  // namespace tidemark::worker
