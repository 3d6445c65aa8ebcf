// SPDX-License-Identifier: Apache-2.0
#include "storage/write/edge_writer.h"

#include <string>

#include "base/check.h"
#include "base/status.h"
#include "graph/mutation.h"
#include "graph/property_limits.h"
#include "graph/property_set.h"
#include "storage/adjacency/group_scan.h"
#include "storage/slice_units.h"

namespace tidemark::storage {
namespace {

using graph::Mutation;
using graph::MutationKind;

constexpr size_t kEdgeOverheadBytes = 192;

absl::Status NoVertex(VertexId vertex) {
  return absl::NotFoundError(absl::StrCat("vertex ", vertex.value(), " does not exist"));
}
absl::Status NoEdge(EdgeId edge) {
  return absl::NotFoundError(absl::StrCat("edge ", edge.value(), " does not exist"));
}

// The owner of the target keeps the edge too and does not count it.
void CountAtSource(Transaction* transaction, TypeId type, uint8_t sides, int64_t change) {
  if ((sides & graph::kOut) == 0) return;
  transaction->counts().Add(CountKey::AllEdges(), change);
  transaction->counts().Add(CountKey::Of(type), change);
}

}  // namespace

absl::Status EdgeWriter::CheckEndpoint(View view, VertexId vertex, VertexRecord** record) {
  *record = state_.vertices.Find(vertex);
  if (*record == nullptr) return NoVertex(vertex);
  if ((*record)->undo == nullptr) {
    return (*record)->exists ? absl::OkStatus() : NoVertex(vertex);
  }
  Image image = (*record)->image();
  if (image.exists) {
    image.Rewind((*record)->undo, view);
    return image.exists ? absl::OkStatus() : NoVertex(vertex);
  }
  const UndoRecord* deletion = (*record)->undo;
  while ((deletion->changed & UndoRecord::kExistence) == 0) deletion = deletion->older;
  if (deletion->VisibleTo(view)) return NoVertex(vertex);
  return absl::AbortedError(absl::StrCat("vertex ", vertex.value(),
                                         deletion->is_open()
                                             ? " is being deleted by another transaction"
                                             : " was deleted by a later commit",
                                         "; try again"));
}

uint8_t EdgeWriter::SidesOf(const EdgeEnds& ends) const {
  return static_cast<uint8_t>((state_.vertices.Owns(ends.source.slot()) ? graph::kOut : 0) |
                              (state_.vertices.Owns(ends.target.slot()) ? graph::kIn : 0));
}

void EdgeWriter::Insert(Transaction* transaction, const EdgeEnds& ends, uint8_t sides,
                        std::string_view properties) {
  EdgeInsert insert;
  insert.edge = ends.edge;
  insert.source = ends.source;
  insert.target = ends.target;
  insert.type = ends.type.value();
  insert.sides = sides;
  insert.properties = PackedBytes::Make(properties, &state_.meter);
  transaction->AddInsert(insert);
  CountAtSource(transaction, ends.type, sides, 1);
  Mutation mutation;
  mutation.kind = MutationKind::kCreateEdge;
  mutation.edge = ends.edge;
  mutation.vertex = ends.source;
  mutation.target = ends.target;
  mutation.type = ends.type;
  mutation.sides = sides;
  mutation.bytes = properties;
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  state_.CountMemory(transaction);
}

absl::StatusOr<EdgeId> EdgeWriter::Create(View view, const EdgeEnds& ends,
                                          std::string_view properties) {
  if (ends.type.value() == 0 || ends.type.value() > kMaxTypeId) {
    return absl::InvalidArgumentError(
        absl::StrCat("edge type ", ends.type.value(), " is beyond the limit of ", kMaxTypeId));
  }
  VertexRecord* source;
  RETURN_IF_ERROR(CheckEndpoint(view, ends.source, &source));
  VertexRecord* target = nullptr;
  const bool target_is_here = state_.vertices.Owns(ends.target.slot());
  if (target_is_here) RETURN_IF_ERROR(CheckEndpoint(view, ends.target, &target));
  RETURN_IF_ERROR(state_.CheckRoom(view.tx, properties.size() * 2 + kEdgeOverheadBytes));
  EdgeEnds made = ends;
  made.edge = state_.edges.NewId(ends.source.slot());
  ++source->open_operation_count;
  if (target_is_here) ++target->open_operation_count;
  Insert(state_.Open(view.tx), made, target_is_here ? graph::kBoth : graph::kOut, properties);
  return made.edge;
}

absl::Status EdgeWriter::LinkTarget(View view, const EdgeEnds& ends) {
  VertexRecord* target;
  RETURN_IF_ERROR(CheckEndpoint(view, ends.target, &target));
  RETURN_IF_ERROR(state_.CheckRoom(view.tx, kEdgeOverheadBytes));
  ++target->open_operation_count;
  Insert(state_.Open(view.tx), ends, graph::kIn, {});
  return absl::OkStatus();
}

absl::StatusOr<EdgeRecord*> EdgeWriter::FindWritable(View view, EdgeId edge) {
  EdgeRecord* record = state_.edges.Find(edge);
  if (record == nullptr) return NoEdge(edge);
  const UndoRecord* newest = state_.edges.undo(*record);
  if (newest != nullptr && !newest->VisibleTo(view)) {
    return absl::AbortedError(absl::StrCat("edge ", edge.value(),
                                           newest->is_open()
                                               ? " is being changed by another transaction"
                                               : " was changed by a later commit",
                                           "; try again"));
  }
  if (record->deleted) return NoEdge(edge);
  VertexRecord* source = state_.vertices.Find(VertexId(edge.slot(), record->source_sequence));
  CHECK(source != nullptr) << "edge " << edge << " without its source";
  const AdjacencyGroup* group = VertexStore::FindGroup(source, TypeId(record->type), false);
  if (IsNewer(*group, state_.history, view.read_csn, edge)) return NoEdge(edge);
  return record;
}

UndoRecord* EdgeWriter::EnsureUndo(Transaction* transaction, EdgeId edge, EdgeRecord* record) {
  EdgeExtra* extra = state_.edges.EnsureExtra(record);
  if (extra->undo != nullptr && extra->undo->OpenedBy(transaction->id())) return extra->undo;
  UndoRecord* undo =
      state_.undo_pool.Push(&extra->undo, UndoRecord::kEdge | edge.value(), transaction->id());
  transaction->undo().push_back(undo);
  return undo;
}

absl::StatusOr<EdgeEnds> EdgeWriter::Delete(View view, EdgeId edge) {
  if (Transaction* own = state_.FindOpen(view.tx); own != nullptr) {
    if (EdgeInsert* insert = own->FindInsert(edge); insert != nullptr) {
      const EdgeEnds ends = insert->ends();
      CancelInsert(own, insert);
      return ends;
    }
  }
  ASSIGN_OR_RETURN(EdgeRecord * record, FindWritable(view, edge));
  RETURN_IF_ERROR(state_.CheckRoomToDelete(view.tx));
  Transaction* transaction = state_.Open(view.tx);
  UndoRecord* undo = EnsureUndo(transaction, edge, record);
  undo->changed |= UndoRecord::kExistence;
  undo->existed = true;
  record->deleted = 1;
  const EdgeEnds ends = state_.edges.EndsOf(edge, *record);
  const uint8_t sides = SidesOf(ends);
  ++state_.vertices.Find(ends.source)->open_operation_count;
  if ((sides & graph::kIn) != 0) ++state_.vertices.Find(ends.target)->open_operation_count;
  LogDeletion(transaction, ends, sides);
  return ends;
}

void EdgeWriter::LogDeletion(Transaction* transaction, const EdgeEnds& ends, uint8_t sides) {
  EdgeRemoval removal;
  removal.edge = ends.edge;
  removal.source = ends.source;
  removal.target = ends.target;
  removal.type = ends.type.value();
  removal.sides = sides;
  transaction->AddRemoval(removal);
  CountAtSource(transaction, ends.type, sides, -1);
  Mutation mutation;
  mutation.kind = MutationKind::kDeleteEdge;
  mutation.edge = ends.edge;
  mutation.vertex = ends.source;
  mutation.target = ends.target;
  mutation.type = ends.type;
  mutation.sides = sides;
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  state_.CountMemory(transaction);
}

void EdgeWriter::CancelInsert(Transaction* transaction, EdgeInsert* insert) {
  transaction->Cancel(insert);
  CountAtSource(transaction, TypeId(insert->type), insert->sides, -1);
  insert->properties.Free(&state_.meter);
  if ((insert->sides & graph::kOut) != 0) {
    --state_.vertices.Find(insert->source)->open_operation_count;
  }
  if ((insert->sides & graph::kIn) != 0) {
    --state_.vertices.Find(insert->target)->open_operation_count;
  }
  Mutation mutation;
  mutation.kind = MutationKind::kDeleteEdge;
  mutation.edge = insert->edge;
  mutation.vertex = insert->source;
  mutation.target = insert->target;
  mutation.type = TypeId(insert->type);
  mutation.sides = static_cast<uint8_t>(insert->sides);
  graph::AppendMutation(mutation, &transaction->mutations());
  state_.CountMemory(transaction);
}

absl::Status EdgeWriter::UnlinkTarget(View view, const EdgeEnds& ends) {
  Transaction* own = state_.FindOpen(view.tx);
  if (own != nullptr) {
    if (EdgeInsert* insert = own->FindInsert(ends.edge); insert != nullptr) {
      CancelInsert(own, insert);
      return absl::OkStatus();
    }
    if (own->HasRemoved(ends.edge)) return NoEdge(ends.edge);
  }
  VertexRecord* target = state_.vertices.Find(ends.target);
  if (target == nullptr) return NoVertex(ends.target);
  if (VertexStore::FindGroup(target, ends.type, true) == nullptr) return NoEdge(ends.edge);
  RETURN_IF_ERROR(state_.CheckRoomToDelete(view.tx));
  ++target->open_operation_count;
  LogDeletion(state_.Open(view.tx), ends, graph::kIn);
  return absl::OkStatus();
}

absl::StatusOr<bool> EdgeWriter::FindRemoved(TxId tx, int64_t* units) {
  Transaction* transaction = state_.FindOpen(tx);
  if (transaction == nullptr) return true;
  RemovalSearch& search = transaction->removal_search();
  GrowingArray<EdgeRemoval>& removals = transaction->removals();
  while (transaction->places().size() < removals.size()) {
    if (!TakeRecord(units)) return false;
    const EdgeRemoval& removal = removals[transaction->places().size()];
    if ((removal.sides & graph::kOut) != 0 && !search.source_done) {
      ASSIGN_OR_RETURN(search.source_done, FindRemovedAt(removal, false, &search, units));
      if (!search.source_done) return false;
    }
    if ((removal.sides & graph::kIn) != 0) {
      ASSIGN_OR_RETURN(const bool done, FindRemovedAt(removal, true, &search, units));
      if (!done) return false;
    }
    transaction->places().push_back(search.found);
    search = RemovalSearch();
  }
  state_.CountMemory(transaction);
  return true;
}

absl::StatusOr<bool> EdgeWriter::FindRemovedAt(const EdgeRemoval& removal, bool incoming,
                                               RemovalSearch* search, int64_t* units) {
  const VertexId vertex = incoming ? removal.target : removal.source;
  const GroupKey key{vertex, TypeId(removal.type), incoming};
  VertexRecord* record = state_.vertices.Find(vertex);
  AdjacencyGroup* group =
      record == nullptr ? nullptr : VertexStore::FindGroup(record, key.type, incoming);
  std::optional<EntryPosition> at;
  if (group != nullptr &&
      !state_.adjacency.Find(group, {key, removal.edge}, &search->entry, units, &at)) {
    return false;
  }
  if (!at.has_value()) {
    return absl::InternalError(absl::StrCat(
        "edge ", removal.edge.value(), " is not in the adjacency list of its ",
        incoming ? "target" : "source", ", vertex ", vertex.value(),
        ", so it cannot be deleted; restart this worker, which then reads its graph again"));
  }
  if (Adjacency::IsDead(*group, *at)) {
    return absl::AbortedError(
        absl::StrCat("edge ", removal.edge.value(), " was deleted by a later commit; try again"));
  }
  (incoming ? search->found.at_target : search->found.at_source) = Adjacency::PlaceOf(*group, *at);
  return true;
}

absl::Status EdgeWriter::SetProperty(View view, EdgeId edge, KeyId key,
                                     std::string_view encoded_value) {
  Transaction* own = state_.FindOpen(view.tx);
  EdgeInsert* insert = own == nullptr ? nullptr : own->FindInsert(edge);
  EdgeRecord* record = nullptr;
  if (insert == nullptr) {
    ASSIGN_OR_RETURN(record, FindWritable(view, edge));
  }
  const EdgeExtra* old_extra = record == nullptr ? nullptr : state_.edges.FindExtra(*record);
  std::string_view old;
  if (insert != nullptr) old = insert->properties.view();
  if (old_extra != nullptr) old = old_extra->properties.view();
  if (encoded_value.empty() && !graph::FindProperty(old, key).has_value()) {
    return absl::OkStatus();
  }
  const std::string properties = graph::WithProperty(old, key, encoded_value);
  // Larger ones of an earlier time may shrink step by step.
  if (properties.size() > old.size()) {
    const absl::Status size = graph::CheckPropertySetBytes(properties.size());
    if (!size.ok()) return Annotate(size, absl::StrCat("edge ", edge.value()));
  }
  RETURN_IF_ERROR(
      state_.CheckRoom(view.tx, properties.size() + encoded_value.size() + kEdgeOverheadBytes));
  Transaction* transaction = state_.Open(view.tx);
  const PackedBytes packed = PackedBytes::Make(properties, &state_.meter);
  if (insert != nullptr) {
    insert->properties.Free(&state_.meter);
    insert->properties = packed;
  } else {
    UndoRecord* undo = EnsureUndo(transaction, edge, record);
    EdgeExtra* extra = state_.edges.FindExtra(*record);
    if ((undo->changed & UndoRecord::kProperties) != 0) {
      extra->properties.Free(&state_.meter);
    } else {
      state_.undo_pool.KeepProperties(undo, extra->properties);
    }
    extra->properties = packed;
  }
  Mutation mutation;
  mutation.kind = MutationKind::kSetEdgeProperty;
  mutation.edge = edge;
  mutation.key = key;
  mutation.bytes = encoded_value;
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  state_.CountMemory(transaction);
  return absl::OkStatus();
}

}  // namespace tidemark::storage
