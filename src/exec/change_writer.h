// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exec/change.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Makes the changes of one request, one after the other, in slices. What a change asks of another
// owner becomes a follow-up; what it asks of this shard is done at once.
// Owner: ChangeGraph. Threads: the shard's loop.
class ChangeWriter {
 public:
  // What comes of the changes is added to `outputs`. Owns neither it nor the shard.
  ChangeWriter(storage::Shard* shard, storage::View view, std::vector<ChangeOutput>* outputs);

  // Goes on with the change in row `cause`, taking from `*units`. True when it is made. After an
  // error the transaction must be aborted. REQUIRES: it is the one of the call before unless that
  // was made.
  absl::StatusOr<bool> Run(size_t cause, const Change& change, int64_t* units);
  // After an error because of a constraint: a change of a key with the constraint's index, the
  // vertex, and the key that is taken (empty when a property is missing).
  const std::optional<Change>& refused() const { return refused_; }

 private:
  absl::Status Write(const Change& change);
  absl::Status CreateVertex(const Change& change);
  absl::Status SetVertexProperties(const Change& change);
  absl::Status SetEdgeProperties(const Change& change);
  absl::Status CreateEdge(const Change& change);
  absl::Status DeleteEdge(EdgeId edge, bool target_done);
  absl::Status UnlinkTarget(const storage::EdgeEnds& ends);
  // Deletes the vertex's edges, then the vertex.
  absl::StatusOr<bool> DetachDelete(const Change& change, int64_t* units);
  absl::Status DeleteNeighbour(VertexId vertex, const storage::Neighbour& neighbour);
  absl::Status DeleteVertex(VertexId vertex);
  // Makes the key changes that the last write asked for: here when this shard owns the key's slot
  // and they need not wait for their turn among those of other workers, else by follow-ups.
  absl::Status ChangeKeys();
  absl::Status ChangeKey(storage::KeyChange change);
  absl::StatusOr<bool> Validate(int64_t* units);
  void AddFollowUp(Change change);
  void AddFollowUp(ChangeKind kind, const storage::EdgeEnds& ends);

  storage::Shard* const shard_;
  const storage::View view_;
  std::vector<ChangeOutput>* const outputs_;
  size_t cause_ = 0;  // of what is added
  size_t follow_up_count_ = 0;
  std::vector<storage::KeyChange> changed_keys_;
  storage::Validation validation_;
  std::optional<Change> refused_;
  bool keys_later_ = false;  // since a kKeysLater of this request
  // Of the detach delete that is under way.
  bool under_way_ = false;
  storage::Shard::Cursor cursor_;
  std::vector<storage::Neighbour> neighbours_;
};

}  // namespace tidemark::exec
