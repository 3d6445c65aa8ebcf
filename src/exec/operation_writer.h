// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exec/operation.h"
#include "exec/operation_coding.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Runs the writing operations of one batch, one after the other, in slices. What a write asks of
// another owner becomes a follow-up; what it asks of this shard is done at once.
// Owner: BatchExecutor. Threads: the shard's loop.
class OperationWriter {
 public:
  // Follow-ups go to `out`. Owns neither it nor the shard.
  OperationWriter(storage::Shard* shard, storage::View view, BatchResultWriter* out);

  // Goes on with the operation, taking from `*units`. True when it is done. After an error the
  // transaction must be aborted. REQUIRES: it is a write, and the one of the call before unless
  // that was done.
  absl::StatusOr<bool> Run(const Operation& operation, int64_t* units, OperationResult* result);
  // After an error because of a constraint: a change of a key with the constraint's index, the
  // vertex, and the key that is taken (empty when a property is missing).
  const std::optional<Operation>& refused() const { return refused_; }

 private:
  absl::Status Write(const Operation& operation, OperationResult* result);
  absl::Status CreateVertex(const Operation& operation, OperationResult* result);
  absl::Status CreateEdge(const Operation& operation, OperationResult* result);
  absl::Status DeleteEdge(EdgeId edge, bool target_done);
  absl::Status UnlinkTarget(const storage::EdgeEnds& ends);
  // Deletes the vertex's edges, then the vertex.
  absl::StatusOr<bool> DetachDelete(const Operation& operation, int64_t* units);
  absl::Status DeleteNeighbour(VertexId vertex, const storage::Neighbour& neighbour);
  absl::Status DeleteVertex(VertexId vertex);
  // Makes the key changes that the last write asked for: here when this shard owns the key's slot
  // and they need not wait for their turn among those of other workers, else by follow-ups.
  absl::Status ChangeKeys();
  absl::Status ChangeKey(storage::KeyChange change);
  absl::StatusOr<bool> Validate(int64_t* units);
  void AddFollowUp(OperationKind kind, const storage::EdgeEnds& ends);

  storage::Shard* const shard_;
  const storage::View view_;
  BatchResultWriter* const out_;
  std::vector<storage::KeyChange> changed_keys_;
  storage::Validation validation_;
  std::optional<Operation> refused_;
  bool keys_later_ = false;  // since a kKeysLater of this batch
  // Of the detach delete that is under way.
  bool under_way_ = false;
  storage::Shard::Cursor cursor_;
  std::vector<storage::Neighbour> neighbours_;
};

}  // namespace tidemark::exec
