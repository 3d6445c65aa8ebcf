// SPDX-License-Identifier: Apache-2.0
#include "api/convert.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/property_limits.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "rpc/value_message.h"

namespace tidemark::api {
namespace {

using graph::NameKind;
using session::OperationKind;
using Properties = google::protobuf::RepeatedPtrField<Property>;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

session::VertexRef FromRef(const VertexRef& ref) {
  if (ref.ref_case() == VertexRef::kCreatedBy) return {VertexId(), ref.created_by()};
  return {VertexId(ref.id()), -1};
}

TraceKind ToMessageKind(session::TraceKind kind) {
  switch (kind) {
    case session::TraceKind::kWork:
      return WORK;
    case session::TraceKind::kHop:
      return HOP;
    case session::TraceKind::kSync:
      return SYNC;
    case session::TraceKind::kWait:
      return WAIT;
  }
  return TRACE_KIND_UNSPECIFIED;
}

std::vector<std::string> FromTexts(const Texts& texts) { return {texts.begin(), texts.end()}; }

absl::StatusOr<std::string> Encode(const Value& message) {
  ASSIGN_OR_RETURN(const graph::Value value, rpc::FromMessage(message));
  if (value.is_null()) return std::string();
  return graph::EncodeValue(value);
}

absl::Status FromProperties(const Properties& properties, session::Operation* out) {
  out->properties.reserve(static_cast<size_t>(properties.size()));
  for (const Property& property : properties) {
    const absl::StatusOr<graph::Value> value = rpc::FromMessage(property.value());
    absl::Status status = value.ok() ? graph::CheckStorable(*value) : value.status();
    std::string encoded;
    if (status.ok() && !value->is_null()) encoded = graph::EncodeValue(*value);
    if (status.ok()) status = graph::CheckPropertyBytes(encoded.size());
    if (!status.ok()) return Annotate(status, absl::StrCat("property \"", property.key(), "\""));
    out->properties.emplace_back(property.key(), std::move(encoded));
  }
  return absl::OkStatus();
}

absl::Status FromLookup(const Lookup& message, session::Operation* out) {
  out->kind = OperationKind::kLookup;
  out->index_name = message.index();
  if (!message.label().empty()) out->labels.push_back(message.label());
  out->keys = FromTexts(message.keys());
  out->limit = message.limit();
  out->cursor = message.cursor();
  const bool range = message.has_range_first() || message.has_range_last();
  if ((message.equal_size() > 0) + range + !message.prefix().empty() != 1) {
    return absl::InvalidArgumentError("a lookup takes exactly one of equal, range and prefix");
  }
  if (range) {
    out->lookup = session::LookupKind::kRange;
    ASSIGN_OR_RETURN(out->range_first, Encode(message.range_first()));
    ASSIGN_OR_RETURN(out->range_last, Encode(message.range_last()));
  } else if (!message.prefix().empty()) {
    out->lookup = session::LookupKind::kPrefix;
    out->prefix = message.prefix();
  }
  for (const Value& value : message.equal()) {
    ASSIGN_OR_RETURN(const graph::Value decoded, rpc::FromMessage(value));
    out->equal.push_back(graph::EncodeValue(decoded));
  }
  return absl::OkStatus();
}

void FromExpand(const Expand& message, session::Operation* out) {
  out->kind = OperationKind::kExpand;
  out->vertex = FromRef(message.vertex());
  out->types = FromTexts(message.types());
  out->limit = message.limit();
  out->cursor = message.cursor();
  if (message.direction() == OUTGOING) out->direction = storage::Direction::kOut;
  if (message.direction() == INCOMING) out->direction = storage::Direction::kIn;
}

absl::Status FromWrite(const Operation& message, session::Operation* out) {
  switch (message.body_case()) {
    case Operation::kCreateVertex:
      out->kind = OperationKind::kCreateVertex;
      out->labels = FromTexts(message.create_vertex().labels());
      return FromProperties(message.create_vertex().properties(), out);
    case Operation::kCreateEdge:
      out->kind = OperationKind::kCreateEdge;
      out->vertex = FromRef(message.create_edge().source());
      out->target = FromRef(message.create_edge().target());
      out->types.push_back(message.create_edge().type());
      return FromProperties(message.create_edge().properties(), out);
    case Operation::kSetVertexProperties:
      out->kind = OperationKind::kSetVertexProperties;
      out->vertex = FromRef(message.set_vertex_properties().vertex());
      return FromProperties(message.set_vertex_properties().properties(), out);
    case Operation::kSetEdgeProperties:
      out->kind = OperationKind::kSetEdgeProperties;
      out->edge = EdgeId(message.set_edge_properties().edge());
      return FromProperties(message.set_edge_properties().properties(), out);
    case Operation::kSetLabels:
      out->kind = OperationKind::kSetLabels;
      out->vertex = FromRef(message.set_labels().vertex());
      out->labels = FromTexts(message.set_labels().add());
      out->removed_labels = FromTexts(message.set_labels().remove());
      return absl::OkStatus();
    case Operation::kDeleteVertex:
      out->kind = OperationKind::kDeleteVertex;
      out->vertex = FromRef(message.delete_vertex().vertex());
      out->detach = message.delete_vertex().detach();
      return absl::OkStatus();
    case Operation::kDeleteEdge:
      out->kind = OperationKind::kDeleteEdge;
      out->edge = EdgeId(message.delete_edge().edge());
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("has no body that this server knows");
  }
}

absl::Status FromOperation(const Operation& message, session::Operation* out) {
  switch (message.body_case()) {
    case Operation::kGetVertex:
      out->kind = OperationKind::kGetVertex;
      out->vertex = FromRef(message.get_vertex().vertex());
      return absl::OkStatus();
    case Operation::kGetEdge:
      out->kind = OperationKind::kGetEdge;
      out->edge = EdgeId(message.get_edge().edge());
      return absl::OkStatus();
    case Operation::kLookup:
      return FromLookup(message.lookup(), out);
    case Operation::kScanLabel:
      out->kind = OperationKind::kScanLabel;
      if (!message.scan_label().label().empty()) {
        out->labels.push_back(message.scan_label().label());
      }
      out->limit = message.scan_label().limit();
      out->cursor = message.scan_label().cursor();
      out->ids_only = message.scan_label().ids_only();
      return absl::OkStatus();
    case Operation::kScanType:
      out->kind = OperationKind::kScanType;
      out->types.push_back(message.scan_type().type());
      out->limit = message.scan_type().limit();
      out->cursor = message.scan_type().cursor();
      return absl::OkStatus();
    case Operation::kExpand:
      FromExpand(message.expand(), out);
      return absl::OkStatus();
    default:
      return FromWrite(message, out);
  }
}

void PropertiesToMessage(const std::string& packed, const catalog::NameTable& names,
                         Properties* properties) {
  for (graph::PropertyCursor cursor(packed); cursor.valid(); cursor.Advance()) {
    Property* property = properties->Add();
    property->set_key(names.Text(NameKind::kKey, cursor.key().value()));
    const absl::StatusOr<graph::Value> value = graph::DecodeValue(cursor.encoded_value());
    CHECK(value.ok()) << value.status();
    rpc::ToMessage(*value, property->mutable_value());
  }
}

}  // namespace

absl::StatusOr<std::vector<session::Operation>> OperationsFromMessage(const Run& run) {
  std::vector<session::Operation> operations(static_cast<size_t>(run.operations_size()));
  for (int i = 0; i < run.operations_size(); ++i) {
    const absl::Status status =
        FromOperation(run.operations(i), &operations[static_cast<size_t>(i)]);
    if (!status.ok()) return Annotate(status, absl::StrCat("operation ", i));
  }
  return operations;
}

void ResultToMessage(const session::OperationResult& result, const catalog::NameTable& names,
                     OperationResult* message) {
  message->set_vertex(result.vertex.value());
  message->set_edge(result.edge.value());
  message->set_cursor(result.cursor);
  for (const session::VertexRow& row : result.vertices) {
    Vertex* vertex = message->add_vertices();
    vertex->set_id(row.id.value());
    for (LabelId label : row.labels) {
      vertex->add_labels(names.Text(NameKind::kLabel, label.value()));
    }
    PropertiesToMessage(row.properties, names, vertex->mutable_properties());
  }
  for (const session::EdgeRow& row : result.edges) {
    Edge* edge = message->add_edges();
    edge->set_id(row.id.value());
    edge->set_source(row.source.value());
    edge->set_target(row.target.value());
    edge->set_type(names.Text(NameKind::kType, row.type.value()));
    PropertiesToMessage(row.properties, names, edge->mutable_properties());
  }
  for (const session::NeighbourRow& row : result.neighbours) {
    Neighbour* neighbour = message->add_neighbours();
    neighbour->set_vertex(row.vertex.value());
    neighbour->set_edge(row.edge.value());
    neighbour->set_type(names.Text(NameKind::kType, row.type.value()));
    neighbour->set_outgoing(row.outgoing);
  }
}

void TraceToMessage(const session::Trace& trace, Trace* message) {
  for (const session::TraceStep& step : trace) {
    TraceStep* entry = message->add_steps();
    entry->set_node(step.node.value());
    entry->set_kind(ToMessageKind(step.kind));
    entry->set_what(std::string(step.what));
    entry->set_micros(static_cast<uint64_t>(std::max<int64_t>(step.micros, 0)));
  }
}

}  // namespace tidemark::api
