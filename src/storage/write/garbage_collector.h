// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "base/ids.h"
#include "storage/graph_state.h"

namespace tidemark::storage {

// Frees what no reader at or above the horizon and no rollback can need: history of adjacency, undo
// records, deleted elements, tombstones, dropped indexes. In slices. Threads: one. Errors: none.
class GarbageCollector {
 public:
  explicit GarbageCollector(GraphState* state) : state_(*state) {}

  // True when nothing is left up to the horizon.
  bool CollectSome(int64_t* units);

 private:
  bool CollectTransaction(Transaction* transaction, int64_t* units);
  // False when a vertex could not be freed at once.
  bool CollectUndo(UndoRecord* undo, int64_t* units);
  void CollectVertexUndo(UndoRecord* undo, int64_t* units);
  void CollectEdgeUndo(UndoRecord* undo);
  bool FreeVertex(VertexId vertex, int64_t* units);
  void QueueCompaction(VertexId vertex, TypeId type, bool incoming);
  bool CompactSome(int64_t* units);

  GraphState& state_;
  uint32_t position_ = 0;  // in the removals of the front transaction
  uint32_t undo_position_ = 0;
  VertexId freeing_;  // being freed in steps
  std::deque<GroupKey> compactions_;
  uint32_t compaction_block_ = 0;  // where the front one goes on
};

}  // namespace tidemark::storage
