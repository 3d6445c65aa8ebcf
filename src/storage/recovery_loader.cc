// SPDX-License-Identifier: Apache-2.0
#include "storage/recovery_loader.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "graph/property_set.h"

namespace tidemark::storage {
namespace {

using graph::Mutation;
using graph::MutationKind;

absl::Status DoesNotFit(const Mutation& mutation, std::string_view reason) {
  return absl::DataLossError(absl::StrCat(graph::DebugString(mutation), ": ", ToAbsl(reason)));
}

}  // namespace

absl::Status RecoveryLoader::Apply(Csn csn, const Mutation& mutation) {
  switch (mutation.kind) {
    case MutationKind::kCreateEdge:
      return CreateEdge(csn, mutation);
    case MutationKind::kCreateVertex:
      return CreateVertex(mutation);
    case MutationKind::kDeleteVertex:
      return DeleteVertex(mutation);
    case MutationKind::kAddLabel:
    case MutationKind::kRemoveLabel:
    case MutationKind::kSetVertexProperty:
      return ChangeVertex(mutation);
    case MutationKind::kDeleteEdge:
      return DeleteEdge(csn, mutation);
    case MutationKind::kSetEdgeProperty:
      return SetEdgeProperty(mutation);
    case MutationKind::kClaimKey:
      state_.indexes.unique().Put(mutation.index, mutation.bytes, mutation.vertex);
      return absl::OkStatus();
    case MutationKind::kReleaseKey:
      state_.indexes.unique().Remove(mutation.index, mutation.bytes);
      return absl::OkStatus();
    case MutationKind::kSchema:
      return ApplySchema(csn, mutation);
    case MutationKind::kNextSequences:
      state_.vertices.RaiseNextSequence(mutation.slot, mutation.next_vertex);
      state_.edges.RaiseNextSequence(mutation.slot, mutation.next_edge);
      return absl::OkStatus();
  }
  return DoesNotFit(mutation, "unknown kind");
}

absl::Status RecoveryLoader::CreateVertex(const Mutation& mutation) {
  const VertexId vertex = mutation.vertex;
  if (!state_.vertices.Owns(vertex.slot())) return DoesNotFit(mutation, "slot of another worker");
  if (state_.vertices.Find(vertex) != nullptr) return DoesNotFit(mutation, "it exists already");
  ASSIGN_OR_RETURN(const uint32_t label_set, state_.label_sets.Find(mutation.labels));
  auto keys = state_.indexes.KeysOf(label_set, mutation.bytes);
  if (!keys.ok()) return DoesNotFit(mutation, MessageOf(keys.status()));
  VertexRecord* record = state_.vertices.Acquire(vertex);
  record->exists = 1;
  record->label_set = label_set;
  record->properties = PackedBytes::Make(mutation.bytes, &state_.meter);
  state_.indexes.AddImage(vertex, Image(), record->image(), *keys);
  ++state_.vertex_count;
  return absl::OkStatus();
}

absl::Status RecoveryLoader::DeleteVertex(const Mutation& mutation) {
  VertexRecord* record = state_.vertices.Find(mutation.vertex);
  if (record == nullptr) return DoesNotFit(mutation, "it does not exist");
  const Image gone = record->image();
  record->exists = 0;
  state_.indexes.DropImage(mutation.vertex, *record, gone);
  for (uint32_t number = 0; number < VertexStore::GroupCount(*record); ++number) {
    const AdjacencyGroup* group = VertexStore::GroupAt(record, number);
    if (group->count != group->dead_count()) return DoesNotFit(mutation, "it has edges");
    if (group->in_use() && !group->is_incoming && state_.indexes.IsIndexed(TypeId(group->type))) {
      state_.indexes.DropSource(TypeId(group->type), mutation.vertex);
    }
  }
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(state_.vertices.ReleaseSome(mutation.vertex, record, &units));
  --state_.vertex_count;
  return absl::OkStatus();
}

absl::Status RecoveryLoader::ChangeVertex(const Mutation& mutation) {
  VertexRecord* record = state_.vertices.Find(mutation.vertex);
  if (record == nullptr) return DoesNotFit(mutation, "no such vertex");
  const Image before = record->image();
  Image after = before;
  if (mutation.kind == MutationKind::kSetVertexProperty) {
    after.properties = PackedBytes::Make(
        graph::WithProperty(before.properties.view(), mutation.key, mutation.bytes), &state_.meter);
  } else {
    auto label_set = mutation.kind == MutationKind::kAddLabel
                         ? state_.label_sets.With(before.label_set, mutation.label)
                         : state_.label_sets.Without(before.label_set, mutation.label);
    ASSIGN_OR_RETURN(after.label_set, label_set);
  }
  auto keys = state_.indexes.KeysOf(after.label_set, after.properties.view());
  record->label_set = after.label_set;
  record->properties = after.properties;
  if (!keys.ok()) return DoesNotFit(mutation, MessageOf(keys.status()));
  state_.indexes.AddImage(mutation.vertex, before, after, *keys);
  state_.indexes.DropImage(mutation.vertex, *record, before);
  if (mutation.kind == MutationKind::kSetVertexProperty) {
    PackedBytes(before.properties).Free(&state_.meter);
  }
  return absl::OkStatus();
}

absl::Status RecoveryLoader::CreateEdge(Csn csn, const Mutation& mutation) {
  const TypeId type = mutation.type;
  if (type.value() > kMaxTypeId) return DoesNotFit(mutation, "type beyond the limit");
  if ((mutation.sides & graph::kOut) != 0) {
    VertexRecord* source = state_.vertices.Find(mutation.vertex);
    if (source == nullptr) return DoesNotFit(mutation, "no such source");
    if (state_.edges.Find(mutation.edge) != nullptr) {
      return DoesNotFit(mutation, "it exists already");
    }
    AdjacencyGroup* group = state_.vertices.EnsureGroup(source, type, false);
    if (group->count == 0 && state_.indexes.IsIndexed(type)) {
      state_.indexes.AddSource(type, mutation.vertex);
    }
    state_.adjacency.Append(group, {mutation.vertex, type, false},
                            {mutation.target.value(), mutation.edge.sequence()}, csn, false);
    state_.edges.Add(mutation.edge, {mutation.edge, mutation.vertex, mutation.target, type},
                     PackedBytes::Make(mutation.bytes, &state_.meter));
    ++state_.edge_count;
  }
  if ((mutation.sides & graph::kIn) != 0) {
    VertexRecord* target = state_.vertices.Find(mutation.target);
    if (target == nullptr) return DoesNotFit(mutation, "no such target");
    AdjacencyGroup* group = state_.vertices.EnsureGroup(target, type, true);
    state_.adjacency.Append(group, {mutation.target, type, true},
                            {mutation.vertex.value(), mutation.edge.sequence()}, csn, false);
  }
  return absl::OkStatus();
}

absl::Status RecoveryLoader::Bury(Csn csn, const Mutation& mutation, bool incoming) {
  const VertexId vertex = incoming ? mutation.target : mutation.vertex;
  const GroupKey key{vertex, mutation.type, incoming};
  VertexRecord* record = state_.vertices.Find(vertex);
  AdjacencyGroup* group =
      record == nullptr ? nullptr : VertexStore::FindGroup(record, key.type, incoming);
  std::optional<EntryPosition> at;
  int64_t units = std::numeric_limits<int64_t>::max();
  if (group != nullptr) state_.adjacency.Find(group, key, mutation.edge, &units, &at);
  if (!at.has_value() || !state_.adjacency.Bury(group, *at, csn)) {
    return DoesNotFit(mutation, incoming ? "not at its target" : "not at its source");
  }
  state_.adjacency.CompactLastBuried(group, key, csn);
  if (group->count == 0 && !incoming && state_.indexes.IsIndexed(key.type)) {
    state_.indexes.DropSource(key.type, vertex);
  }
  return absl::OkStatus();
}

absl::Status RecoveryLoader::DeleteEdge(Csn csn, const Mutation& mutation) {
  if ((mutation.sides & graph::kOut) != 0) {
    const EdgeRecord* record = state_.edges.Find(mutation.edge);
    if (record == nullptr) return DoesNotFit(mutation, "it does not exist");
    RETURN_IF_ERROR(Bury(csn, mutation, false));
    state_.edges.Remove(mutation.edge);
    --state_.edge_count;
  }
  if ((mutation.sides & graph::kIn) != 0) RETURN_IF_ERROR(Bury(csn, mutation, true));
  return absl::OkStatus();
}

absl::Status RecoveryLoader::SetEdgeProperty(const Mutation& mutation) {
  EdgeRecord* record = state_.edges.Find(mutation.edge);
  if (record == nullptr) return DoesNotFit(mutation, "no such edge");
  EdgeExtra* extra = state_.edges.EnsureExtra(record);
  const PackedBytes properties = PackedBytes::Make(
      graph::WithProperty(extra->properties.view(), mutation.key, mutation.bytes), &state_.meter);
  extra->properties.Free(&state_.meter);
  extra->properties = properties;
  state_.edges.DropExtraIfEmpty(record);
  return absl::OkStatus();
}

absl::Status RecoveryLoader::ApplySchema(Csn csn, const Mutation& mutation) {
  auto definition = graph::DecodeIndexDefinition(mutation.bytes);
  if (!definition.ok()) return DoesNotFit(mutation, MessageOf(definition.status()));
  const graph::IndexDefinition* newest = state_.indexes.schema().FindNewest(definition->id);
  if (newest != nullptr && newest->state == graph::IndexState::kDropped) {
    return DoesNotFit(mutation, "the index was dropped");
  }
  state_.indexes.ApplyDefinition(csn, *definition);
  // The online build that led to this state is not in the log.
  if (definition->state == graph::IndexState::kOnline) Build(*definition);
  return absl::OkStatus();
}

void RecoveryLoader::Build(const graph::IndexDefinition& definition) {
  if (definition.kind == graph::IndexKind::kUnique ||
      definition.kind == graph::IndexKind::kExists) {
    return;  // keys are mutations of their own; the rule was checked
  }
  for (SlotId slot : state_.vertices.owned_slots()) {
    int64_t units = std::numeric_limits<int64_t>::max();
    const uint32_t end = state_.vertices.next_sequence(slot);
    for (VertexId at = state_.vertices.NextInSlot(VertexId(slot, 1), &units); at.sequence() < end;
         at = state_.vertices.NextInSlot(VertexId(slot, at.sequence() + 1), &units)) {
      bool broken = false;
      state_.indexes.BuildVertex(definition, at, state_.vertices.Find(at), &broken);
    }
  }
}

}  // namespace tidemark::storage
