// SPDX-License-Identifier: Apache-2.0
#include "exec/packed_graph.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "query/text/error.h"

namespace tidemark::exec {

using graph::NameKind;
using graph::Value;
using graph::ValueType;

absl::Status PackedGraph::Deleted(std::string_view what) {
  return ToStatus(query::MakeError(query::ErrorId::kDeletedEntityAccess, {what}));
}

query::ValueOr PackedGraph::Property(const Value& element, std::string_view key) {
  ASSIGN_OR_RETURN(const std::string_view properties, PropertiesOf(element));
  const std::optional<uint32_t> id = names_.Find(NameKind::kKey, key);
  if (!id.has_value()) return Value();
  const auto encoded = graph::FindProperty(properties, KeyId(*id));
  if (!encoded.has_value()) return Value();
  return graph::DecodeTrusted(encoded->data());
}

query::ValueOr PackedGraph::Properties(const Value& element) {
  ASSIGN_OR_RETURN(const std::string_view properties, PropertiesOf(element));
  std::vector<graph::MapEntry> entries;
  for (graph::PropertyCursor p(properties); p.valid(); p.Advance()) {
    entries.emplace_back(names_.Text(NameKind::kKey, p.key().value()),
                         graph::DecodeTrusted(p.encoded_value().data()));
  }
  return Value::Map(std::move(entries));
}

query::ValueOr PackedGraph::Keys(const Value& element) {
  ASSIGN_OR_RETURN(const std::string_view properties, PropertiesOf(element));
  std::vector<Value> keys;
  for (graph::PropertyCursor p(properties); p.valid(); p.Advance()) {
    keys.push_back(Value::String(names_.Text(NameKind::kKey, p.key().value())));
  }
  return Value::List(std::move(keys));
}

query::ValueOr PackedGraph::Labels(VertexId vertex) {
  ASSIGN_OR_RETURN(const std::vector<uint32_t> ids, LabelsOf(vertex));
  std::vector<Value> labels;
  for (const uint32_t id : ids) labels.push_back(Value::String(names_.Text(NameKind::kLabel, id)));
  return Value::List(std::move(labels));
}

std::string PackedGraph::TypeName(TypeId type) {
  return names_.Text(NameKind::kType, type.value());
}

absl::StatusOr<std::string_view> ShardGraph::PropertiesOf(const Value& element) {
  if (element.type() == ValueType::kVertex) {
    const auto vertex = shard_->GetVertex(view_, element.vertex());
    if (!vertex.has_value()) return Deleted("node");
    return vertex->properties;
  }
  const auto edge = shard_->GetEdge(view_, element.edge().edge);
  if (!edge.has_value()) return Deleted("relationship");
  return edge->properties;
}

absl::StatusOr<std::vector<uint32_t>> ShardGraph::LabelsOf(VertexId vertex) {
  const auto view = shard_->GetVertex(view_, vertex);
  if (!view.has_value()) return Deleted("node");
  std::vector<uint32_t> ids;
  for (const LabelId label : view->labels) ids.push_back(label.value());
  return ids;
}

}  // namespace tidemark::exec
