// SPDX-License-Identifier: Apache-2.0
#include "exec/element_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "query/functions/failures.h"

namespace tidemark::exec {

using graph::NameKind;
using graph::Value;
using graph::ValueType;

namespace {

constexpr int64_t kUnitsPerWrittenElement = 16;
constexpr size_t kPropertyBytesPerUnit = 16;
// Beside what it holds.
constexpr size_t kEntryBytes = 96;
// A property that is set and encoded so large stays beside the packed ones.
constexpr size_t kMaxPackedBytes = 16 << 10;

size_t CountProperties(std::string_view properties) {
  size_t count = 0;
  for (graph::PropertyCursor p(properties); p.valid(); p.Advance()) ++count;
  return count;
}

}  // namespace

void ElementSet::Add(const Value& value) {
  switch (value.type()) {
    case ValueType::kVertex:
      if (seen_vertices_.insert(value.vertex())) vertices.push_back(value.vertex());
      return;
    case ValueType::kEdge:
      if (seen_edges_.insert(value.edge().edge)) edges.push_back(value.edge().edge);
      if (takes_ends) {
        Add(Value::Of(value.edge().source));
        Add(Value::Of(value.edge().target));
      }
      return;
    case ValueType::kPath:
      for (const VertexId vertex : value.path().vertices) Add(Value::Of(vertex));
      for (const graph::EdgeRef& edge : value.path().edges) Add(Value::Of(edge));
      return;
    case ValueType::kList:
      for (const Value& element : value.list()) Add(element);
      return;
    case ValueType::kMap:
      for (const auto& [key, entry] : value.map()) Add(entry);
      return;
    default:
      return;
  }
}

absl::Status ElementTable::Put(VertexId id, Vertex vertex) {
  RETURN_IF_ERROR(hold_.Add(account_, kEntryBytes + vertex.properties.size()));
  vertices_[id] = std::move(vertex);
  return absl::OkStatus();
}

absl::Status ElementTable::Put(EdgeId id, Edge edge) {
  RETURN_IF_ERROR(hold_.Add(account_, kEntryBytes + edge.properties.size()));
  edges_[id] = std::move(edge);
  return absl::OkStatus();
}

void ElementTable::Clear() {
  loose_properties_.clear();
  last_loose_text_ = nullptr;
  new_labels_.clear();
  vertices_.clear();
  edges_.clear();
  hold_.Clear();
}

absl::StatusOr<std::unique_ptr<ElementTable>> ElementTable::Copy() const {
  auto copy = std::make_unique<ElementTable>(&names(), account_);
  absl::Status status;
  vertices_.ForEach(
      [&](const auto& entry) { status.Update(copy->Put(entry.first, entry.second)); });
  edges_.ForEach([&](const auto& entry) { status.Update(copy->Put(entry.first, entry.second)); });
  RETURN_IF_ERROR(status);
  return copy;
}

absl::StatusOr<std::string_view> ElementTable::PropertiesOf(const Value& element) {
  if (element.type() == ValueType::kVertex) {
    const Vertex* const vertex = Existing(element.vertex());
    if (vertex == nullptr) return Deleted("node");
    return std::string_view(vertex->properties);
  }
  const Edge* const edge = Existing(element.edge().edge);
  if (edge == nullptr) return Deleted("relationship");
  return std::string_view(edge->properties);
}

absl::StatusOr<std::vector<uint32_t>> ElementTable::LabelsOf(VertexId vertex) {
  const Vertex* const found = Existing(vertex);
  if (found == nullptr) return Deleted("node");
  return found->labels;
}

std::optional<ElementTable::Vertex> ElementTable::StateOf(VertexId vertex) const {
  const Vertex* const found = Existing(vertex);
  if (found == nullptr || loose_properties_.contains(KeyOf(Value::Of(vertex)))) return std::nullopt;
  return new_labels_.contains(vertex) ? std::nullopt : std::optional(*found);
}

std::optional<ElementTable::Edge> ElementTable::StateOf(const graph::EdgeRef& edge) const {
  const Edge* const found = Existing(edge.edge);
  if (found == nullptr || loose_properties_.contains(KeyOf(Value::Of(edge)))) return std::nullopt;
  return *found;
}

const ElementTable::Vertex* ElementTable::Existing(VertexId id) const {
  const Vertex* const found = vertices_.Find(id);
  return found == nullptr || !found->exists ? nullptr : found;
}

const ElementTable::Edge* ElementTable::Existing(EdgeId id) const {
  const Edge* const found = edges_.Find(id);
  return found == nullptr || !found->exists ? nullptr : found;
}

uint64_t ElementTable::KeyOf(const Value& element) {
  constexpr uint64_t kEdgeBit = uint64_t{1} << 63;
  return element.type() == ValueType::kVertex ? element.vertex().value()
                                              : element.edge().edge.value() ^ kEdgeBit;
}

absl::StatusOr<bool> ElementTable::SetProperty(const Value& element, const std::string& key,
                                               const NewProperty& property) {
  const std::string& encoded = property.encoded;
  ASSIGN_OR_RETURN(const std::string_view packed, PropertiesOf(element));
  const size_t bytes_before = packed.size() + LooseBytes(element);
  // The catalog may have learnt the name since this statement first set it.
  const bool was_loose = DropLoose(element, key);
  const std::optional<uint32_t> id = names().Find(NameKind::kKey, key);
  const bool was_packed = id.has_value() && graph::FindProperty(packed, KeyId(*id)).has_value();
  if (encoded.empty() && !was_loose && !was_packed) return false;
  const bool is_loose = !id.has_value() || encoded.size() > kMaxPackedBytes;
  if (was_packed || !is_loose) {
    RETURN_IF_ERROR(SetPacked(
        element, graph::WithProperty(packed, KeyId(*id), is_loose ? std::string_view() : encoded)));
  }
  if (is_loose && !encoded.empty()) {
    // A list may be stored as another one than it was given as.
    const bool is_list = property.value.type() == ValueType::kList;
    RETURN_IF_ERROR(AddLoose(element, key,
                             is_list ? graph::DecodeTrusted(encoded.data()) : property.value,
                             encoded.size()));
  }
  // Larger ones of an earlier time may shrink step by step.
  ASSIGN_OR_RETURN(const std::string_view after, PropertiesOf(element));
  const size_t bytes_after = after.size() + LooseBytes(element);
  if (bytes_after > bytes_before) RETURN_IF_ERROR(query::CheckStoredBytes(bytes_after));
  return true;
}

absl::Status ElementTable::AddLoose(const Value& element, const std::string& key, Value value,
                                    size_t encoded_bytes) {
  const void* const text = value.type() == ValueType::kString ? value.string().data() : nullptr;
  const bool is_shared = text != nullptr && text == last_loose_text_;
  const size_t charged_bytes = kEntryBytes + (is_shared ? 0 : encoded_bytes);
  RETURN_IF_ERROR(hold_.Add(account_, charged_bytes));
  last_loose_text_ = text;
  LooseProperties& loose = loose_properties_[KeyOf(element)];
  loose.by_key[key] = {std::move(value), encoded_bytes, charged_bytes};
  loose.encoded_bytes += encoded_bytes;
  return absl::OkStatus();
}

bool ElementTable::DropLoose(const Value& element, const std::string& key) {
  const auto of_element = loose_properties_.find(KeyOf(element));
  if (of_element == loose_properties_.end()) return false;
  LooseProperties& loose = of_element->second;
  const auto property = loose.by_key.find(key);
  if (property == loose.by_key.end()) return false;
  // Others may share it, but from now on nobody else is taken for one of them.
  last_loose_text_ = nullptr;
  hold_.Remove(property->second.charged_bytes);
  loose.encoded_bytes -= property->second.encoded_bytes;
  loose.by_key.erase(property);
  if (loose.by_key.empty()) loose_properties_.erase(of_element);
  return true;
}

size_t ElementTable::LooseBytes(const Value& element) const {
  const auto it = loose_properties_.find(KeyOf(element));
  return it == loose_properties_.end() ? 0 : it->second.encoded_bytes;
}

absl::Status ElementTable::SetPacked(const Value& element, std::string after) {
  std::string& packed = element.type() == ValueType::kVertex
                            ? vertices_[element.vertex()].properties
                            : edges_[element.edge().edge].properties;
  if (after.size() > packed.size()) {
    RETURN_IF_ERROR(hold_.Add(account_, after.size() - packed.size()));
  } else {
    hold_.Remove(packed.size() - after.size());
  }
  packed = std::move(after);
  return absl::OkStatus();
}

absl::StatusOr<bool> ElementTable::SetLabel(VertexId vertex, const std::string& label,
                                            bool present) {
  RETURN_IF_ERROR(LabelsOf(vertex).status());
  const std::optional<uint32_t> id = names().Find(NameKind::kLabel, label);
  std::vector<uint32_t>& labels = vertices_[vertex].labels;
  if (!id.has_value()) {
    std::set<std::string>& added = new_labels_[vertex];
    if (!present) return added.erase(label) > 0;
    if (!added.insert(label).second) return false;
    RETURN_IF_ERROR(query::CheckLabelCount(labels.size() + added.size()));
    return true;
  }
  const auto at = std::lower_bound(labels.begin(), labels.end(), *id);
  const bool has = at != labels.end() && *at == *id;
  if (has == present) return false;
  if (!present) {
    labels.erase(at);
    return true;
  }
  labels.insert(at, *id);
  const auto added = new_labels_.find(vertex);
  const size_t added_count = added == new_labels_.end() ? 0 : added->second.size();
  RETURN_IF_ERROR(query::CheckLabelCount(labels.size() + added_count));
  return true;
}

query::ValueOr ElementTable::Property(const Value& element, std::string_view key) {
  const auto it = loose_properties_.find(KeyOf(element));
  if (it != loose_properties_.end()) {
    const auto found = it->second.by_key.find(std::string(key));
    if (found != it->second.by_key.end()) return found->second.value;
  }
  return PackedGraph::Property(element, key);
}

query::ValueOr ElementTable::Properties(const Value& element) {
  ASSIGN_OR_RETURN(Value properties, PackedGraph::Properties(element));
  const auto it = loose_properties_.find(KeyOf(element));
  if (it == loose_properties_.end()) return properties;
  std::vector<graph::MapEntry> entries(properties.map().begin(), properties.map().end());
  for (const auto& [key, property] : it->second.by_key) entries.emplace_back(key, property.value);
  return Value::Map(std::move(entries));
}

query::ValueOr ElementTable::Keys(const Value& element) {
  ASSIGN_OR_RETURN(Value keys, PackedGraph::Keys(element));
  const auto it = loose_properties_.find(KeyOf(element));
  if (it == loose_properties_.end()) return keys;
  std::vector<Value> all(keys.list().begin(), keys.list().end());
  for (const auto& [key, property] : it->second.by_key) all.push_back(Value::String(key));
  // In the order of their ids, which names that are new get later.
  std::stable_sort(all.begin(), all.end(), [this](const Value& a, const Value& b) {
    return IdOrLast(a.string()) < IdOrLast(b.string());
  });
  return Value::List(std::move(all));
}

uint32_t ElementTable::IdOrLast(std::string_view key) const {
  return names().Find(NameKind::kKey, key).value_or(std::numeric_limits<uint32_t>::max());
}

int64_t ElementTable::WriteProperties(std::string_view properties, graph::ValueSink* sink) const {
  for (graph::PropertyCursor p(properties); p.valid(); p.Advance()) {
    if (sink->is_full()) break;
    sink->Key(names().Text(NameKind::kKey, p.key().value()));
    graph::WriteValue(graph::DecodeTrusted(p.encoded_value().data()), sink);
  }
  return kUnitsPerWrittenElement + static_cast<int64_t>(properties.size() / kPropertyBytesPerUnit);
}

int64_t ElementTable::WriteVertex(VertexId id, graph::ValueSink* sink) const {
  const Vertex* const vertex = Existing(id);
  graph::VertexHead head;
  head.vertex = id;
  std::vector<std::string_view> labels;
  std::string_view properties;
  if (vertex != nullptr) {
    for (const uint32_t label : vertex->labels) {
      labels.push_back(names().Text(NameKind::kLabel, label));
    }
    properties = vertex->properties;
  }
  head.labels = labels;
  head.property_count = CountProperties(properties);
  sink->BeginVertex(head);
  const int64_t units = WriteProperties(properties, sink);
  sink->EndVertex();
  return units;
}

int64_t ElementTable::WriteEdge(const graph::EdgeRef& edge, graph::ValueSink* sink) const {
  const Edge* const found = Existing(edge.edge);
  std::string_view properties;
  if (found != nullptr) properties = found->properties;
  const std::string_view type = names().Text(NameKind::kType, edge.type.value());
  sink->BeginEdge({edge, type, CountProperties(properties)});
  const int64_t units = WriteProperties(properties, sink);
  sink->EndEdge();
  return units;
}

int64_t ElementTable::WritePath(const graph::Path& path, graph::ValueSink* sink) const {
  int64_t units = 0;
  sink->BeginPath(path);
  for (const VertexId vertex : graph::DistinctVertices(path)) {
    if (sink->is_full()) return units;
    units += WriteVertex(vertex, sink);
  }
  for (const graph::EdgeRef& edge : graph::DistinctEdges(path)) {
    if (sink->is_full()) return units;
    units += WriteEdge(edge, sink);
  }
  sink->EndPath();
  return units;
}

int64_t ElementTable::Write(const graph::ValueWalk::Item& item, graph::ValueSink* sink) const {
  const Value& value = *item.value;
  if (item.key != nullptr) sink->Key(*item.key);
  switch (value.type()) {
    case ValueType::kVertex:
      return WriteVertex(value.vertex(), sink);
    case ValueType::kEdge:
      return WriteEdge(value.edge(), sink);
    case ValueType::kPath:
      return WritePath(value.path(), sink);
    case ValueType::kList:
      sink->BeginList(value.list().size());
      return 1;
    case ValueType::kMap:
      sink->BeginMap(value.map().size());
      return 1;
    case ValueType::kString:
      sink->String(value.string());
      return 1 + UnitsOfText(value.string().size());
    case ValueType::kBytes:
      sink->Bytes(value.bytes());
      return 1 + UnitsOfText(value.bytes().size());
    default:
      graph::WriteValue(value, sink);
      return 1;
  }
}

}  // namespace tidemark::exec
