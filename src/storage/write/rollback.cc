// SPDX-License-Identifier: Apache-2.0
#include "storage/write/rollback.h"

#include "base/check.h"
#include "graph/mutation.h"

namespace tidemark::storage {
namespace {

// Removes the tombstones above `csn` where a transaction has deleted edges.
void UnburyRemovals(GraphState* state, Transaction* transaction, Csn csn) {
  GrowingArray<EdgeRemoval>& removals = transaction->removals();
  const auto unbury = [&](VertexId vertex, TypeId type, bool incoming) {
    VertexRecord* record = state->vertices.Find(vertex);
    CHECK(record != nullptr) << "vertex " << vertex << " was collected above the horizon";
    state->adjacency.Unbury(VertexStore::FindGroup(record, type, incoming), csn);
  };
  for (uint32_t i = 0; i < removals.size(); ++i) {
    const EdgeRemoval& removal = removals[i];
    if ((removal.sides & graph::kOut) != 0) unbury(removal.source, TypeId(removal.type), false);
    if ((removal.sides & graph::kIn) != 0) unbury(removal.target, TypeId(removal.type), true);
  }
}

// Takes the appends of the newest commit in the history back.
void TruncateNewest(GraphState* state) {
  const HistoryLog::Record record = state->history.back();
  const GroupKey key = record.key();
  VertexRecord* vertex = state->vertices.Find(key.vertex);
  CHECK(vertex != nullptr) << "vertex " << key.vertex << " was collected above the horizon";
  AdjacencyGroup* group = VertexStore::FindGroup(vertex, key.type, key.incoming);
  state->adjacency.Truncate(group, record.length, state->history.LinkBeforeBack(),
                            [&](const Adjacency::Entry& entry) {
                              if (key.incoming) return;
                              state->edges.Remove(EdgeId(key.vertex.slot(), entry.sequence));
                            });
  if (group->count == 0 && !key.incoming && state->indexes.IsIndexed(key.type)) {
    state->indexes.DropSource(key.type, key.vertex);
  }
  state->history.PopBack();
}

}  // namespace

void RollbackCommits(GraphState* state, Csn csn) {
  CHECK_GE(csn, state->horizon) << "undo is gone";
  while (true) {
    const uint64_t with_undo = state->committed.empty() ? 0 : state->committed.back().csn.value();
    const uint64_t with_appends = state->history.empty() ? 0 : state->history.back().csn;
    const uint64_t newest = std::max(with_undo, with_appends);
    if (newest <= csn.value()) break;
    Transaction* transaction =
        with_undo == newest ? state->committed.back().transaction.get() : nullptr;
    if (transaction != nullptr) UnburyRemovals(state, transaction, csn);
    while (!state->history.empty() && state->history.back().csn == newest) {
      TruncateNewest(state);
    }
    if (transaction == nullptr) continue;
    GrowingArray<UndoRecord*>& undo = transaction->undo();
    for (; !undo.empty(); undo.pop_back()) state->Undo(undo.back());
    state->ForgetMemory(transaction);
    state->committed.pop_back();
  }
  state->indexes.unique().RollbackTo(csn);
  state->counts.RollbackTo(csn);
  state->indexes.RollbackSchemaTo(csn);
  if (state->applied > csn) state->applied = csn;
}

}  // namespace tidemark::storage
