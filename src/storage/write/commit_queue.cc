// SPDX-License-Identifier: Apache-2.0
#include "storage/write/commit_queue.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "graph/mutation.h"
#include "storage/memory/prefetch.h"
#include "storage/slice_units.h"

namespace tidemark::storage {
namespace {

// A larger abort goes on in AbortSome.
constexpr int64_t kAbortStepUnits = 4096;
// How many edges ahead memory is fetched: first records, then the ends of their arrays.
constexpr uint32_t kPrefetchRecords = 16;
constexpr uint32_t kPrefetchGroups = 8;

}  // namespace

void CommitQueue::Commit(TxId tx, Csn csn) {
  CHECK_GT(csn, commits_.empty() ? state_.applied : commits_.back().csn)
      << "commits must come in order";
  Ending ending;
  ending.transaction = state_.TakeOpen(tx);
  if (ending.transaction == nullptr) ending.transaction = std::make_unique<Transaction>(tx);
  ending.csn = csn;
  commits_.push_back(std::move(ending));
}

bool CommitQueue::ApplySome(int64_t* units) {
  while (!commits_.empty()) {
    if (*units <= 0 || !Apply(&commits_.front(), units)) return false;
    Finish(&commits_.front());
    commits_.pop_front();
    *units -= kUnitsPerRecord;
  }
  return true;
}

// Appends come before burials and stamps: no reader at or above the csn looks before all is done.
bool CommitQueue::Apply(Ending* ending, int64_t* units) {
  Transaction* transaction = ending->transaction.get();
  const Csn csn = ending->csn;
  if (ending->phase == Phase::kInserts) {
    GrowingArray<EdgeInsert>& inserts = transaction->inserts();
    for (; ending->position < inserts.size(); ++ending->position) {
      if (!TakeRecord(units)) return false;
      PrefetchRecords(transaction, ending->position + kPrefetchRecords);
      PrefetchGroups(transaction, ending->position + kPrefetchGroups);
      ApplyInsert(&inserts[ending->position], csn);
    }
    ending->phase = Phase::kRemovals;
    ending->position = 0;
  }
  if (ending->phase == Phase::kRemovals) {
    GrowingArray<EdgeRemoval>& removals = transaction->removals();
    for (; ending->position < removals.size(); ++ending->position) {
      if (!TakeRecord(units) || !ApplyRemoval(ending, units)) {
        return false;
      }
    }
    ending->phase = Phase::kUndo;
    ending->position = 0;
  }
  if (ending->phase == Phase::kUndo) {
    GrowingArray<UndoRecord*>& undo = transaction->undo();
    for (; ending->position < undo.size(); ++ending->position) {
      if (!TakeRecord(units)) return false;
      undo[ending->position]->stamp = csn.value();
    }
    ending->phase = Phase::kCounts;
    ending->position = 0;
  }
  if (ending->phase == Phase::kCounts) {
    const CountChanges& counts = transaction->counts();
    for (; ending->position < counts.size(); ++ending->position) {
      if (!TakeRecord(units)) return false;
      state_.counts.Add(counts[ending->position].key, counts[ending->position].change, csn);
    }
    ending->phase = Phase::kKeys;
  }
  UniqueIndex& unique = state_.indexes.unique();
  if (unique.HasWrites(transaction->id()) && !TakeKeys(units, [&](int64_t* key_count) {
        return unique.Commit(transaction->id(), csn, key_count);
      })) {
    return false;
  }
  for (const graph::IndexDefinition& definition : transaction->schema()) {
    state_.indexes.ApplyDefinition(csn, definition);
  }
  ending->phase = Phase::kDone;
  return true;
}

void CommitQueue::Finish(Ending* ending) {
  Transaction* transaction = ending->transaction.get();
  state_.applied = ending->csn;
  state_.ForgetMemory(transaction);
  if (transaction->undo().empty() && transaction->removals().empty()) return;
  transaction->ForgetPrivateState();
  state_.CountMemory(transaction);
  state_.committed.push_back({ending->csn, std::move(ending->transaction)});
}

void CommitQueue::PrefetchRecords(Transaction* transaction, uint32_t number) const {
  if (number >= transaction->inserts().size()) return;
  const EdgeInsert& insert = transaction->inserts()[number];
  state_.vertices.Prefetch(insert.source);
  state_.vertices.Prefetch(insert.target);
}

void CommitQueue::PrefetchGroups(Transaction* transaction, uint32_t number) const {
  if (number >= transaction->inserts().size()) return;
  const EdgeInsert& insert = transaction->inserts()[number];
  const auto fetch = [&](VertexId vertex, bool incoming) {
    const VertexRecord* record = state_.vertices.FindPlace(vertex);
    if (record == nullptr) return;
    const AdjacencyGroup& group = incoming ? record->in : record->out;
    state_.history.PrefetchRecord(group.history);
    if (group.type == insert.type) Adjacency::PrefetchEnd(group);
  };
  fetch(insert.source, false);
  fetch(insert.target, true);
}

void CommitQueue::ApplyInsert(EdgeInsert* insert, Csn csn) {
  if (insert->cancelled) return;
  const TypeId type(insert->type);
  if ((insert->sides & graph::kOut) != 0) {
    VertexRecord* source = state_.vertices.Find(insert->source);
    CHECK(source != nullptr) << "edge " << insert->edge << " without its source";
    AdjacencyGroup* group = state_.vertices.EnsureGroup(source, type, false);
    if (group->count == 0 && state_.indexes.IsIndexed(type)) {
      state_.indexes.AddSource(type, insert->source);
    }
    state_.adjacency.Append(group, {insert->source, type, false},
                            {insert->target.value(), insert->edge.sequence()}, csn, true);
    state_.edges.Add(insert->edge, insert->ends(), insert->properties);
    insert->properties = PackedBytes();
    --source->open_operation_count;
  }
  if ((insert->sides & graph::kIn) != 0) {
    VertexRecord* target = state_.vertices.Find(insert->target);
    CHECK(target != nullptr) << "edge " << insert->edge << " without its target";
    AdjacencyGroup* group = state_.vertices.EnsureGroup(target, type, true);
    state_.adjacency.Append(group, {insert->target, type, true},
                            {insert->source.value(), insert->edge.sequence()}, csn, true);
    --target->open_operation_count;
  }
}

bool CommitQueue::ApplyRemoval(Ending* ending, int64_t* units) {
  const EdgeRemoval& removal = ending->transaction->removals()[ending->position];
  if ((removal.sides & graph::kOut) != 0 && !ending->source_done) {
    ending->source_done = BuryAt(removal, false, ending, units);
    if (!ending->source_done) return false;
  }
  if ((removal.sides & graph::kIn) != 0 && !BuryAt(removal, true, ending, units)) return false;
  ending->source_done = false;
  return true;
}

// The entry was found before the commit was logged; it is looked for again when compaction has
// moved it to another block since.
bool CommitQueue::BuryAt(const EdgeRemoval& removal, bool incoming, Ending* ending,
                         int64_t* units) {
  const VertexId vertex = incoming ? removal.target : removal.source;
  const GroupKey key{vertex, TypeId(removal.type), incoming};
  VertexRecord* record = state_.vertices.Find(vertex);
  CHECK(record != nullptr) << "edge " << removal.edge << " without its vertex " << vertex;
  AdjacencyGroup* group = VertexStore::FindGroup(record, key.type, incoming);
  CHECK(group != nullptr) << "edge " << removal.edge << " is not at its vertex " << vertex;
  std::optional<EntryPosition> at;
  GrowingArray<RemovalPlaces>& places = ending->transaction->places();
  if (ending->position < places.size()) {
    const RemovalPlaces& found = places[ending->position];
    const EdgePlace place = incoming ? found.at_target : found.at_source;
    at = Adjacency::FindNear(*group, place, removal.edge);
  }
  if (!at.has_value() &&
      !state_.adjacency.Find(group, {key, removal.edge}, &ending->search, units, &at)) {
    return false;
  }
  CHECK(at.has_value() && state_.adjacency.Bury(group, *at, ending->csn))
      << "edge " << removal.edge << " is not at its vertex " << vertex;
  --record->open_operation_count;
  return true;
}

bool CommitQueue::Abort(TxId tx) {
  std::unique_ptr<Transaction> transaction = state_.TakeOpen(tx);
  if (transaction == nullptr) return true;
  Ending ending;
  ending.transaction = std::move(transaction);
  int64_t units = kAbortStepUnits;
  if (UndoSome(&ending, &units)) return true;
  aborts_.push_back(std::move(ending));
  return false;
}

bool CommitQueue::AbortAll() {
  bool is_done = true;
  for (TxId tx : state_.OpenIds()) is_done &= Abort(tx);
  return is_done;
}

bool CommitQueue::AbortSome(int64_t* units) {
  while (!aborts_.empty()) {
    if (*units <= 0 || !UndoSome(&aborts_.front(), units)) return false;
    aborts_.pop_front();
  }
  return true;
}

bool CommitQueue::UndoSome(Ending* ending, int64_t* units) {
  Transaction* transaction = ending->transaction.get();
  UniqueIndex& unique = state_.indexes.unique();
  if (unique.HasWrites(transaction->id()) && !TakeKeys(units, [&](int64_t* key_count) {
        return unique.AbortSome(transaction->id(), key_count);
      })) {
    return false;
  }
  GrowingArray<EdgeInsert>& inserts = transaction->inserts();
  for (; !inserts.empty(); inserts.pop_back()) {
    if (!TakeRecord(units)) return false;
    EdgeInsert& insert = inserts.back();
    if (insert.cancelled) continue;
    insert.properties.Free(&state_.meter);
    ForgetOperations(insert.source, insert.target, insert.sides);
  }
  GrowingArray<EdgeRemoval>& removals = transaction->removals();
  for (; !removals.empty(); removals.pop_back()) {
    if (!TakeRecord(units)) return false;
    const EdgeRemoval& removal = removals.back();
    ForgetOperations(removal.source, removal.target, removal.sides);
  }
  GrowingArray<UndoRecord*>& undo = transaction->undo();
  for (; !undo.empty(); undo.pop_back()) {
    if (!TakeRecord(units)) return false;
    *units -= state_.Undo(undo.back());
  }
  state_.ForgetMemory(transaction);
  return true;
}

void CommitQueue::ForgetOperations(VertexId source, VertexId target, uint8_t sides) {
  if ((sides & graph::kOut) != 0) --state_.vertices.Find(source)->open_operation_count;
  if ((sides & graph::kIn) != 0) --state_.vertices.Find(target)->open_operation_count;
}

void CommitQueue::Finish() {
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(ApplySome(&units));
  CHECK(AbortSome(&units));
}

}  // namespace tidemark::storage
