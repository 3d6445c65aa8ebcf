// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/graph_state.h"
#include "storage/shard.h"

namespace tidemark::storage {

// Writes of open transactions to edges. New edges stay with the transaction until it commits;
// changes of committed ones leave undo, deletions an intent at both ends.
// Rules and errors: class Shard. Threads: one.
class EdgeWriter {
 public:
  explicit EdgeWriter(GraphState* state) : state_(*state) {}

  absl::StatusOr<EdgeId> Create(View view, const EdgeEnds& ends, std::string_view properties);
  absl::Status LinkTarget(View view, const EdgeEnds& ends);
  absl::StatusOr<EdgeEnds> Delete(View view, EdgeId edge);
  absl::Status UnlinkTarget(View view, const EdgeEnds& ends);
  absl::Status SetProperty(View view, EdgeId edge, KeyId key, std::string_view encoded_value);
  // Finds the entries of the edges that the transaction has deleted. True when it has all.
  absl::StatusOr<bool> FindRemoved(TxId tx, int64_t* units);

 private:
  // False when the units ran out; the next call goes on.
  absl::StatusOr<bool> FindRemovedAt(const EdgeRemoval& removal, bool incoming,
                                     RemovalSearch* search, int64_t* units);
  // A vertex that gets an edge: OK when it exists for this transaction and nobody deletes it.
  absl::Status CheckEndpoint(View view, VertexId vertex, VertexRecord** record);
  absl::StatusOr<EdgeRecord*> FindWritable(View view, EdgeId edge);
  UndoRecord* EnsureUndo(Transaction* transaction, EdgeId edge, EdgeRecord* record);
  void Insert(Transaction* transaction, const EdgeEnds& ends, uint8_t sides,
              std::string_view properties);
  // Takes back an edge that the transaction made itself.
  void CancelInsert(Transaction* transaction, EdgeInsert* insert);
  void LogDeletion(Transaction* transaction, const EdgeEnds& ends, uint8_t sides);
  uint8_t SidesOf(const EdgeEnds& ends) const;

  GraphState& state_;
};

}  // namespace tidemark::storage
