// SPDX-License-Identifier: Apache-2.0
#include "session/worker_changes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/change_rows.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "session/operation.h"

namespace tidemark::session {
namespace {

using catalog::NameTable;
using exec::Change;
using exec::ChangeKind;
using exec::GraphChange;
using exec::GraphChangeKind;
using graph::NameKind;
using Changes = absl::StatusOr<std::vector<Change>>;

void Want(const NameTable& names, NameKind kind, const std::string& text,
          std::vector<NameRequest>* missing) {
  if (!names.Find(kind, text).has_value()) missing->push_back({kind, text});
}

uint32_t IdOf(const NameTable& names, NameKind kind, const std::string& text) {
  const std::optional<uint32_t> id = names.Find(kind, text);
  CHECK(id.has_value()) << "name without id: " << text;
  return *id;
}

// A list of initial values would copy the change.
std::vector<Change> One(Change change) {
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  return changes;
}

absl::StatusOr<std::string> Pack(const GraphChange& change, const NameTable& names) {
  std::vector<std::pair<KeyId, std::string>> packed;
  packed.reserve(change.properties.size());
  for (const auto& property : change.properties) {
    if (property.second.empty()) continue;
    packed.emplace_back(KeyId(IdOf(names, NameKind::kKey, property.first)), property.second);
  }
  std::string set;
  RETURN_IF_ERROR(graph::PackProperties(std::move(packed), &set));
  return set;
}

// The slot that the vertex's unique key asks for: the lowest constraint that it has a key of.
absl::StatusOr<std::optional<SlotId>> SlotByKey(const Change& vertex,
                                                const catalog::SchemaTable& schema) {
  const graph::IndexDefinition* lowest = nullptr;
  std::optional<SlotId> slot;
  for (LabelId label : vertex.labels) {
    for (const graph::IndexDefinition* unique : schema.UniqueOf(label)) {
      if (lowest != nullptr && lowest->id < unique->id) continue;
      ASSIGN_OR_RETURN(const std::optional<std::string> key,
                       graph::UniqueKeyOf(vertex.bytes, unique->keys));
      if (!key.has_value()) continue;
      lowest = unique;
      slot = graph::SlotOfIndexKey(unique->id, *key);
    }
  }
  return slot;
}

Changes CreateVertex(const GraphChange& change, const Backend& backend) {
  Change out;
  out.kind = ChangeKind::kCreateVertex;
  for (const std::string& label : change.labels) {
    out.labels.push_back(LabelId(IdOf(backend.names(), NameKind::kLabel, label)));
  }
  std::sort(out.labels.begin(), out.labels.end());
  out.labels.erase(std::unique(out.labels.begin(), out.labels.end()), out.labels.end());
  ASSIGN_OR_RETURN(out.bytes, Pack(change, backend.names()));
  ASSIGN_OR_RETURN(out.slot, SlotByKey(out, backend.schema()));
  return One(std::move(out));
}

Changes CreateEdge(const GraphChange& change, VertexId source, VertexId target,
                   const Backend& backend) {
  RETURN_IF_ERROR(CheckVertex(source));
  RETURN_IF_ERROR(CheckVertex(target));
  Change out;
  out.kind = ChangeKind::kCreateEdge;
  out.vertex = source;
  out.target = target;
  out.type = TypeId(IdOf(backend.names(), NameKind::kType, change.type));
  ASSIGN_OR_RETURN(out.bytes, Pack(change, backend.names()));
  return One(std::move(out));
}

Changes SetProperties(const GraphChange& change, VertexId vertex, const Backend& backend) {
  const bool of_vertex = change.kind == GraphChangeKind::kSetVertexProperties;
  RETURN_IF_ERROR(of_vertex ? CheckVertex(vertex) : CheckEdge(change.edge));
  std::vector<exec::PropertyChange> properties;
  for (const auto& [name, value] : change.properties) {
    const std::optional<uint32_t> key = backend.names().Find(NameKind::kKey, name);
    if (!key.has_value()) continue;  // only when it is removed and nobody has it
    properties.emplace_back(KeyId(*key), value);
  }
  if (properties.empty()) return std::vector<Change>();
  Change out;
  out.kind = of_vertex ? ChangeKind::kSetVertexProperties : ChangeKind::kSetEdgeProperties;
  out.vertex = vertex;
  out.edge = change.edge;
  out.bytes = exec::PackProperties(properties);
  return One(std::move(out));
}

Changes SetLabels(const GraphChange& change, VertexId vertex, const Backend& backend) {
  RETURN_IF_ERROR(CheckVertex(vertex));
  std::vector<Change> result;
  const auto add = [&](const std::string& label, bool present) {
    const std::optional<uint32_t> id = backend.names().Find(NameKind::kLabel, label);
    if (!id.has_value()) return;
    Change& out = result.emplace_back();
    out.kind = ChangeKind::kSetLabel;
    out.vertex = vertex;
    out.label = LabelId(*id);
    out.present = present;
  };
  for (const std::string& label : change.labels) add(label, true);
  for (const std::string& label : change.removed_labels) add(label, false);
  return result;
}

Changes Delete(const GraphChange& change, VertexId vertex) {
  Change out;
  const bool of_edge = change.kind == GraphChangeKind::kDeleteEdge;
  RETURN_IF_ERROR(of_edge ? CheckEdge(change.edge) : CheckVertex(vertex));
  out.kind = of_edge ? ChangeKind::kDeleteEdge : ChangeKind::kDeleteVertex;
  out.vertex = vertex;
  out.edge = change.edge;
  out.detach = change.detach;
  return One(std::move(out));
}

}  // namespace

void CollectMissingNames(const GraphChange& change, const NameTable& names,
                         std::vector<NameRequest>* missing) {
  for (const std::string& label : change.labels) Want(names, NameKind::kLabel, label, missing);
  if (change.kind == GraphChangeKind::kCreateEdge) {
    Want(names, NameKind::kType, change.type, missing);
  }
  for (const auto& [name, value] : change.properties) {
    if (!value.empty()) Want(names, NameKind::kKey, name, missing);
  }
}

Changes ToWorkerChanges(const GraphChange& change, VertexId vertex, VertexId target,
                        const Backend& backend) {
  switch (change.kind) {
    case GraphChangeKind::kCreateVertex:
      return CreateVertex(change, backend);
    case GraphChangeKind::kCreateEdge:
      return CreateEdge(change, vertex, target, backend);
    case GraphChangeKind::kSetVertexProperties:
    case GraphChangeKind::kSetEdgeProperties:
      return SetProperties(change, vertex, backend);
    case GraphChangeKind::kSetLabels:
      return SetLabels(change, vertex, backend);
    case GraphChangeKind::kDeleteVertex:
    case GraphChangeKind::kDeleteEdge:
      return Delete(change, vertex);
  }
  LOG(FATAL) << "no change of kind " << static_cast<int>(change.kind);
}

std::string DescribeConstraint(const graph::IndexDefinition& definition, const NameTable& names,
                               std::string_view key) {
  const std::vector<std::string> values = graph::IndexKeyTexts(key);
  std::string keys;
  for (size_t i = 0; i < definition.keys.size(); ++i) {
    if (i > 0) keys += ", ";
    keys += names.Text(NameKind::kKey, definition.keys[i].value());
    if (i < values.size()) keys += ": " + values[i];
  }
  return absl::StrCat(definition.name,
                      " (:", names.Text(NameKind::kLabel, definition.label.value()), " {", keys,
                      "})");
}

absl::Status NameConstraint(const absl::Status& status, const Backend& backend) {
  const std::optional<exec::ChangeFailure> failure = exec::FailureOf(status);
  if (!failure.has_value()) return status;
  if (!failure->refused.has_value()) return absl::Status(status.code(), status.message());
  const Change& refused = *failure->refused;
  const graph::IndexDefinition* definition = backend.schema().FindById(refused.index);
  if (definition == nullptr || backend.schema().IsRetired(definition->id)) {
    return absl::AbortedError("a constraint that is being dropped was in the way; try again");
  }
  return absl::Status(
      status.code(), absl::StrCat(status.message(), ": constraint ",
                                  DescribeConstraint(*definition, backend.names(), refused.bytes)));
}

std::string MakeUpIndexName(const graph::IndexDefinition& definition, const NameTable& names) {
  std::string name;
  switch (definition.kind) {
    case graph::IndexKind::kLabelProperty:
      name = "index";
      break;
    case graph::IndexKind::kEdgeType:
      name = "type";
      break;
    case graph::IndexKind::kUnique:
      name = "unique";
      break;
    case graph::IndexKind::kExists:
      name = "exists";
      break;
  }
  if (definition.label.value() != 0) {
    name += "_" + names.Text(NameKind::kLabel, definition.label.value());
  }
  if (definition.type.value() != 0) {
    name += "_" + names.Text(NameKind::kType, definition.type.value());
  }
  for (KeyId key : definition.keys) name += "_" + names.Text(NameKind::kKey, key.value());
  return name;
}

}  // namespace tidemark::session
