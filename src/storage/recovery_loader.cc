// SPDX-License-Identifier: Apache-2.0
#include "storage/recovery_loader.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "graph/edge_run.h"
#include "graph/property_set.h"
#include "storage/memory/prefetch.h"

namespace tidemark::storage {
namespace {

using graph::Mutation;
using graph::MutationKind;

absl::Status DoesNotFit(const Mutation& mutation, std::string_view reason) {
  return absl::DataLossError(absl::StrCat(graph::DebugString(mutation), ": ", ToAbsl(reason)));
}

}  // namespace

absl::StatusOr<uint64_t> RecoveryLoader::Apply(Csn csn, std::string_view mutations) {
  graph::MutationReader reader(mutations);
  uint64_t count = 0;
  while (true) {
    ASSIGN_OR_RETURN(const size_t window_count, FillWindow(&reader));
    if (window_count == 0) return count;
    const auto window = absl::MakeConstSpan(window_.data(), window_count);
    PrefetchWindow(window);
    for (const Mutation& mutation : window) {
      RETURN_IF_ERROR(ApplyOne(csn, mutation));
      const bool is_run = mutation.kind == MutationKind::kCreateEdges;
      count += is_run ? graph::EdgeRun(mutation).size() : 1;
    }
  }
}

absl::StatusOr<size_t> RecoveryLoader::FillWindow(graph::MutationReader* reader) {
  size_t count = 0;
  while (count < kWindowCount) {
    ASSIGN_OR_RETURN(const bool found, reader->Next(&window_[count]));
    if (!found) break;
    ++count;
    if (!window_[count - 1].labels.empty()) break;  // the reader has them until its next one
  }
  return count;
}

// In stages, each of which needs what the one before has fetched.
void RecoveryLoader::PrefetchWindow(absl::Span<const Mutation> window) const {
  const auto each_edge = [window](auto fetch) {
    for (const Mutation& mutation : window) {
      if (mutation.kind == MutationKind::kCreateEdge) fetch(mutation);
    }
  };
  const auto each_end = [&](auto fetch) {
    each_edge([&](const Mutation& edge) {
      if ((edge.sides & graph::kOut) != 0) fetch(edge.vertex, edge.type, false);
      if ((edge.sides & graph::kIn) != 0) fetch(edge.target, edge.type, true);
    });
  };
  each_end(
      [this](VertexId vertex, TypeId, bool) { Prefetch(state_.vertices.PageAddress(vertex)); });
  each_edge([this](const Mutation& edge) {
    if ((edge.sides & graph::kOut) != 0) Prefetch(state_.edges.PageAddress(edge.edge));
  });
  each_end([this](VertexId vertex, TypeId, bool) { state_.vertices.Prefetch(vertex); });
  each_edge([this](const Mutation& edge) {
    if ((edge.sides & graph::kOut) != 0) Prefetch(state_.edges.FindPlace(edge.edge));
  });
  each_end([this](VertexId vertex, TypeId type, bool incoming) {
    const VertexRecord* record = state_.vertices.FindPlace(vertex);
    if (record == nullptr) return;
    const AdjacencyGroup& group = incoming ? record->in : record->out;
    if (group.type == type.value()) Adjacency::PrefetchEnd(group);
  });
}

absl::Status RecoveryLoader::ApplyOne(Csn csn, const Mutation& mutation) {
  switch (mutation.kind) {
    case MutationKind::kCreateEdge:
      return CreateEdge(csn, mutation);
    case MutationKind::kCreateEdges:
      return CreateEdges(csn, mutation);
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
  CountLabels(record->label_set, 1);
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
  CountLabels(gone.label_set, -1);
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
  if (after.label_set != before.label_set) {
    CountLabels(before.label_set, -1);
    CountLabels(after.label_set, 1);
  }
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

void RecoveryLoader::CountLabels(uint32_t label_set, int64_t change) {
  state_.counts.Load(CountKey::AllVertices(), change);
  for (const LabelId label : state_.label_sets.labels(label_set)) {
    state_.counts.Load(CountKey::Of(label), change);
  }
}

void RecoveryLoader::CountEdges(TypeId type, int64_t change) {
  state_.counts.Load(CountKey::AllEdges(), change);
  state_.counts.Load(CountKey::Of(type), change);
}

absl::Status RecoveryLoader::CreateEdge(Csn csn, const Mutation& mutation) {
  const GroupKey out{mutation.vertex, mutation.type, false};
  const GroupKey in{mutation.target, mutation.type, true};
  if ((mutation.sides & graph::kOut) != 0) {
    ASSIGN_OR_RETURN(AdjacencyGroup* const group, GroupFor(out, mutation));
    state_.adjacency.Append(group, out, {mutation.target.value(), mutation.edge.sequence()}, csn,
                            false);
    if (state_.edges.Find(mutation.edge) != nullptr) {
      return DoesNotFit(mutation, "it exists already");
    }
    state_.edges.Add(mutation.edge, {mutation.edge, mutation.vertex, mutation.target, out.type},
                     PackedBytes::Make(mutation.bytes, &state_.meter));
    CountEdges(mutation.type, 1);
  }
  if ((mutation.sides & graph::kIn) != 0) {
    ASSIGN_OR_RETURN(AdjacencyGroup* const group, GroupFor(in, mutation));
    state_.adjacency.Append(group, in, {mutation.vertex.value(), mutation.edge.sequence()}, csn,
                            false);
  }
  return absl::OkStatus();
}

absl::Status RecoveryLoader::CreateEdges(Csn csn, const Mutation& mutation) {
  const graph::EdgeRun run(mutation);
  const bool incoming = mutation.sides == graph::kIn;
  for (size_t i = 0; i < run.size() && !incoming; ++i) {
    Prefetch(state_.edges.FindPlace(run.edge(i)));
  }
  const GroupKey key{mutation.vertex, mutation.type, incoming};
  ASSIGN_OR_RETURN(AdjacencyGroup* const group, GroupFor(key, mutation));
  state_.adjacency.AppendColumns(group, key, {run.neighbours(), run.sequences(), run.size()}, csn);
  if (incoming) return absl::OkStatus();
  for (size_t i = 0; i < run.size(); ++i) {
    const EdgeId edge = run.edge(i);
    if (state_.edges.Find(edge) != nullptr) {
      return DoesNotFit(mutation, absl::StrCat("edge ", edge.value(), " exists already"));
    }
    state_.edges.Add(edge, {edge, key.vertex, run.neighbour(i), key.type}, PackedBytes());
  }
  run.ForEachProperties([&](size_t i, std::string_view properties) {
    state_.edges.EnsureExtra(state_.edges.Find(run.edge(i)))->properties =
        PackedBytes::Make(properties, &state_.meter);
  });
  CountEdges(key.type, static_cast<int64_t>(run.size()));
  return absl::OkStatus();
}

absl::StatusOr<AdjacencyGroup*> RecoveryLoader::GroupFor(const GroupKey& key,
                                                         const Mutation& mutation) {
  if (key.type.value() > kMaxTypeId) return DoesNotFit(mutation, "type beyond the limit");
  VertexRecord* record = state_.vertices.Find(key.vertex);
  if (record == nullptr) {
    return DoesNotFit(mutation, key.incoming ? "no such target" : "no such source");
  }
  AdjacencyGroup* group = state_.vertices.EnsureGroup(record, key.type, key.incoming);
  if (!key.incoming && group->count == 0 && state_.indexes.IsIndexed(key.type)) {
    state_.indexes.AddSource(key.type, key.vertex);
  }
  return group;
}

absl::Status RecoveryLoader::Bury(Csn csn, const Mutation& mutation, bool incoming) {
  const VertexId vertex = incoming ? mutation.target : mutation.vertex;
  const GroupKey key{vertex, mutation.type, incoming};
  VertexRecord* record = state_.vertices.Find(vertex);
  AdjacencyGroup* group =
      record == nullptr ? nullptr : VertexStore::FindGroup(record, key.type, incoming);
  std::optional<EntryPosition> at;
  EntrySearch search;
  int64_t units = std::numeric_limits<int64_t>::max();
  if (group != nullptr) {
    CHECK(state_.adjacency.Find(group, {key, mutation.edge}, &search, &units, &at));
  }
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
    CountEdges(mutation.type, -1);
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
  const auto definition = graph::DecodeIndexDefinition(mutation.bytes);
  CHECK(definition.ok()) << definition.status();  // the reader has decoded it before
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
