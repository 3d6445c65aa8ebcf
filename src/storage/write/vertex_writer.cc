// SPDX-License-Identifier: Apache-2.0
#include "storage/write/vertex_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/status.h"
#include "graph/property_limits.h"
#include "graph/property_set.h"
#include "storage/slice_units.h"

namespace tidemark::storage {
namespace {

using graph::Mutation;
using graph::MutationKind;

// Undo record, mutation and what the index entries take, about.
constexpr size_t kVertexOverheadBytes = 256;

// Tells the caller which unique keys to claim and to release.
void DiffKeys(VertexId vertex, const std::vector<IndexSet::Key>& before,
              const std::vector<IndexSet::Key>& after, std::vector<KeyChange>* changes) {
  const auto add = [&](const std::vector<IndexSet::Key>& from,
                       const std::vector<IndexSet::Key>& other, bool claim) {
    for (const IndexSet::Key& key : from) {
      if (key.kind != graph::IndexKind::kUnique) continue;
      if (std::find(other.begin(), other.end(), key) != other.end()) continue;
      changes->push_back({key.index, vertex, key.bytes, claim});
    }
  };
  add(before, after, false);
  add(after, before, true);
}

}  // namespace

absl::StatusOr<VertexRecord*> VertexWriter::FindWritable(View view, VertexId vertex) {
  VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr) {
    return absl::NotFoundError(absl::StrCat("vertex ", vertex.value(), " does not exist"));
  }
  if (record->undo != nullptr && !record->undo->VisibleTo(view)) {
    return absl::AbortedError(absl::StrCat("vertex ", vertex.value(),
                                           record->undo->is_open()
                                               ? " is being changed by another transaction"
                                               : " was changed by a later commit",
                                           "; try again"));
  }
  if (!record->exists) {
    return absl::NotFoundError(absl::StrCat("vertex ", vertex.value(), " does not exist"));
  }
  return record;
}

absl::StatusOr<VertexId> VertexWriter::Create(View view, const NewVertex& vertex,
                                              std::vector<KeyChange>* changed_keys) {
  if (vertex.slot.has_value() && !state_.vertices.Owns(*vertex.slot)) {
    return absl::InvalidArgumentError(
        absl::StrCat("slot ", vertex.slot->value(), " belongs to another worker"));
  }
  RETURN_IF_ERROR(state_.CheckRoom(view.tx, vertex.properties.size() * 2 + kVertexOverheadBytes));
  ASSIGN_OR_RETURN(const uint32_t label_set, state_.label_sets.Find(vertex.labels));
  ASSIGN_OR_RETURN(const std::vector<IndexSet::Key> keys,
                   state_.indexes.KeysOf(label_set, vertex.properties));
  const VertexId id =
      vertex.slot.has_value() ? state_.vertices.NewId(*vertex.slot) : state_.vertices.NewId();
  Transaction* transaction = state_.Open(view.tx);
  VertexRecord* record = state_.vertices.Acquire(id);
  UndoRecord* undo = state_.undo_pool.Push(&record->undo, id.value(), view.tx);
  undo->changed = UndoRecord::kExistence;
  undo->existed = false;
  transaction->undo().push_back(undo);
  const Image before = record->image();
  record->exists = 1;
  record->label_set = label_set;
  record->properties = PackedBytes::Make(vertex.properties, &state_.meter);
  CountChange(transaction, before, record->image());
  state_.indexes.AddImage(id, before, record->image(), keys);
  if (changed_keys != nullptr) DiffKeys(id, {}, keys, changed_keys);

  Mutation mutation;
  mutation.kind = MutationKind::kCreateVertex;
  mutation.vertex = id;
  mutation.labels = state_.label_sets.labels(label_set);
  mutation.bytes = vertex.properties;
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  state_.CountMemory(transaction);
  return id;
}

void VertexWriter::CountChange(Transaction* transaction, const Image& before, const Image& after) {
  if (before.exists == after.exists && before.label_set == after.label_set) return;
  const auto count = [&](const Image& image, int64_t change) {
    if (!image.exists) return;
    transaction->counts().Add(CountKey::AllVertices(), change);
    for (const LabelId label : state_.label_sets.labels(image.label_set)) {
      transaction->counts().Add(CountKey::Of(label), change);
    }
  };
  count(before, -1);
  count(after, 1);
}

absl::Status VertexWriter::CheckDeletable(View view, VertexId vertex, VertexRecord* record) {
  Transaction* transaction = state_.FindOpen(view.tx);
  uint32_t own_count[2] = {0, 0};      // by side: edges it made here
  uint32_t removed_count[2] = {0, 0};  // edges it removed here
  if (transaction != nullptr) {
    for (const bool incoming : {false, true}) {
      own_count[incoming] = transaction->InsertCountAt(vertex, incoming);
      removed_count[incoming] = transaction->RemovedCountAt(vertex, incoming);
    }
  }
  const uint32_t own_operations = own_count[0] + own_count[1] + removed_count[0] + removed_count[1];
  if (record->open_operation_count > own_operations) {
    return absl::AbortedError(absl::StrCat("edges of vertex ", vertex.value(),
                                           " are being changed by another transaction; try again"));
  }
  uint64_t alive = own_count[0] + own_count[1];
  for (uint32_t number = 0; number < VertexStore::GroupCount(*record); ++number) {
    const AdjacencyGroup* group = VertexStore::GroupAt(record, number);
    if (group->last_csn > view.read_csn.value()) {
      return absl::AbortedError(absl::StrCat("edges of vertex ", vertex.value(),
                                             " were changed by a later commit; try again"));
    }
    alive += group->count - group->dead_count();
  }
  if (alive != removed_count[0] + removed_count[1]) {
    return absl::FailedPreconditionError(absl::StrCat(
        "vertex ", vertex.value(), " still has edges; delete them first or use DETACH DELETE"));
  }
  return absl::OkStatus();
}

absl::Status VertexWriter::Delete(View view, VertexId vertex,
                                  std::vector<KeyChange>* changed_keys) {
  ASSIGN_OR_RETURN(VertexRecord * record, FindWritable(view, vertex));
  RETURN_IF_ERROR(CheckDeletable(view, vertex, record));
  Change change;
  change.exists = false;
  change.label_set = record->label_set;
  change.mutation.kind = MutationKind::kDeleteVertex;
  return Apply(view, vertex, change, changed_keys);
}

absl::Status VertexWriter::SetLabel(View view, VertexId vertex, LabelId label, bool present,
                                    std::vector<KeyChange>* changed_keys) {
  ASSIGN_OR_RETURN(VertexRecord * record, FindWritable(view, vertex));
  Change change;
  auto label_set = present ? state_.label_sets.With(record->label_set, label)
                           : state_.label_sets.Without(record->label_set, label);
  ASSIGN_OR_RETURN(change.label_set, label_set);
  if (change.label_set == record->label_set) return absl::OkStatus();
  change.mutation.kind = present ? MutationKind::kAddLabel : MutationKind::kRemoveLabel;
  change.mutation.label = label;
  return Apply(view, vertex, change, changed_keys);
}

absl::Status VertexWriter::SetProperty(View view, VertexId vertex, KeyId key,
                                       std::string_view encoded_value,
                                       std::vector<KeyChange>* changed_keys) {
  ASSIGN_OR_RETURN(VertexRecord * record, FindWritable(view, vertex));
  const std::string_view old = record->properties.view();
  if (encoded_value.empty() && !graph::FindProperty(old, key).has_value()) {
    return absl::OkStatus();
  }
  const std::string properties = graph::WithProperty(old, key, encoded_value);
  // Larger ones of an earlier time may shrink step by step.
  if (properties.size() > old.size()) {
    const absl::Status size = graph::CheckPropertySetBytes(properties.size());
    if (!size.ok()) return Annotate(size, absl::StrCat("vertex ", vertex.value()));
  }
  Change change;
  change.label_set = record->label_set;
  change.new_properties = true;
  change.properties = properties;
  change.mutation.kind = MutationKind::kSetVertexProperty;
  change.mutation.key = key;
  change.mutation.bytes = encoded_value;
  return Apply(view, vertex, change, changed_keys);
}

absl::Status VertexWriter::Touch(View view, VertexId vertex) {
  ASSIGN_OR_RETURN(VertexRecord * record, FindWritable(view, vertex));
  RETURN_IF_ERROR(state_.CheckRoom(view.tx, kVertexOverheadBytes));
  Change change;
  change.label_set = record->label_set;
  Transaction* transaction = state_.Open(view.tx);
  ASSIGN_OR_RETURN(const std::vector<IndexSet::Key> keys,
                   state_.indexes.KeysOf(record->label_set, record->properties.view()));
  SetState(transaction, vertex, record, change, keys);
  transaction->NoteWrite();
  state_.CountMemory(transaction);
  return absl::OkStatus();
}

absl::Status VertexWriter::Apply(View view, VertexId vertex, const Change& change,
                                 std::vector<KeyChange>* changed_keys) {
  const size_t bytes =
      change.properties.size() + change.mutation.bytes.size() + kVertexOverheadBytes;
  RETURN_IF_ERROR(change.exists ? state_.CheckRoom(view.tx, bytes)
                                : state_.CheckRoomToDelete(view.tx));
  VertexRecord* record = state_.vertices.Find(vertex);
  std::vector<IndexSet::Key> keys;
  if (state_.indexes.has_property_indexes()) {
    const std::string_view old = record->properties.view();
    if (change.exists) {
      ASSIGN_OR_RETURN(
          keys,
          state_.indexes.KeysOf(change.label_set, change.new_properties ? change.properties : old));
    }
    if (changed_keys != nullptr) {
      DiffKeys(vertex, state_.indexes.KeysOfImage(record->image()), keys, changed_keys);
    }
  }
  Transaction* transaction = state_.Open(view.tx);
  SetState(transaction, vertex, record, change, keys);
  Mutation mutation = change.mutation;
  mutation.vertex = vertex;
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  state_.CountMemory(transaction);
  return absl::OkStatus();
}

void VertexWriter::SetState(Transaction* transaction, VertexId vertex, VertexRecord* record,
                            const Change& change, const std::vector<IndexSet::Key>& keys) {
  const Image before = record->image();
  UndoRecord* undo = record->undo;
  const bool changed_before = undo != nullptr && undo->OpenedBy(transaction->id());
  if (!changed_before) {
    undo = state_.undo_pool.Push(&record->undo, vertex.value(), transaction->id());
    transaction->undo().push_back(undo);
  }
  if (change.exists != before.exists && (undo->changed & UndoRecord::kExistence) == 0) {
    undo->changed |= UndoRecord::kExistence;
    undo->existed = before.exists;
  }
  if (change.label_set != before.label_set && (undo->changed & UndoRecord::kLabels) == 0) {
    undo->changed |= UndoRecord::kLabels;
    undo->label_set = before.label_set;
  }
  record->exists = change.exists;
  record->label_set = change.label_set;
  CountChange(transaction, before, record->image());
  bool drop_old_properties = false;
  if (change.new_properties) {
    drop_old_properties = (undo->changed & UndoRecord::kProperties) != 0;
    if (!drop_old_properties) state_.undo_pool.KeepProperties(undo, before.properties);
    record->properties = PackedBytes::Make(change.properties, &state_.meter);
  }
  state_.indexes.AddImage(vertex, before, record->image(), keys);
  if (changed_before) state_.indexes.DropImage(vertex, *record, before);
  if (drop_old_properties) PackedBytes(before.properties).Free(&state_.meter);
}

absl::StatusOr<bool> VertexWriter::Validate(TxId tx, Validation* validation, int64_t* units) {
  Transaction* transaction = state_.FindOpen(tx);
  if (transaction == nullptr) return true;
  if (!state_.indexes.has_requirements()) return true;
  for (uint32_t& i = validation->position; i < transaction->undo().size(); ++i) {
    if (!TakeRecord(units)) return false;
    const UndoRecord* undo = transaction->undo()[i];
    if (undo->is_edge()) continue;
    const VertexRecord* record = state_.vertices.Find(undo->vertex());
    if (!record->exists) continue;
    const graph::IndexDefinition* broken = FindBroken(*record, units);
    if (broken == nullptr) continue;
    validation->broken = broken->id;
    validation->vertex = undo->vertex();
    return absl::FailedPreconditionError(absl::StrCat(
        "vertex ", undo->vertex().value(), " lacks a property that a constraint requires"));
  }
  return true;
}

const graph::IndexDefinition* VertexWriter::FindBroken(const VertexRecord& record,
                                                       int64_t* units) const {
  const graph::IndexDefinition* broken = nullptr;
  for (const LabelId label : state_.label_sets.labels(record.label_set)) {
    for (const graph::IndexDefinition* definition : state_.indexes.RequirementsOf(label)) {
      *units -= kUnitsPerRecord;
      if (broken != nullptr && broken->id < definition->id) continue;
      if (graph::FindProperty(record.properties.view(), definition->keys[0])) continue;
      broken = definition;
    }
  }
  return broken;
}

}  // namespace tidemark::storage
