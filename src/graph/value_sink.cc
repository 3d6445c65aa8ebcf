// SPDX-License-Identifier: Apache-2.0
#include "graph/value_sink.h"

#include "absl/container/flat_hash_set.h"
#include "base/check.h"

namespace tidemark::graph {
namespace {

void WriteContainer(const Value& value, ValueSink* sink) {
  if (value.type() == ValueType::kList) {
    sink->BeginList(value.list().size());
    for (const Value& element : value.list()) {
      if (sink->is_full()) return;
      WriteValue(element, sink);
    }
    return;
  }
  sink->BeginMap(value.map().size());
  for (const auto& [key, element] : value.map()) {
    if (sink->is_full()) return;
    sink->Key(key);
    WriteValue(element, sink);
  }
}

void WriteTemporalOrPoint(const Value& value, ValueSink* sink) {
  switch (value.type()) {
    case ValueType::kDate:
      return sink->Of(value.date());
    case ValueType::kLocalTime:
      return sink->Of(value.local_time());
    case ValueType::kTime:
      return sink->Of(value.time());
    case ValueType::kLocalDateTime:
      return sink->Of(value.local_date_time());
    case ValueType::kDateTime:
      return sink->Of(value.date_time());
    case ValueType::kDuration:
      return sink->Of(value.duration());
    case ValueType::kPoint:
      return sink->Of(value.point());
    default:
      LOG(FATAL) << "a " << TypeName(value.type()) << " cannot be written from its id alone";
  }
}

}  // namespace

std::vector<VertexId> DistinctVertices(const Path& path) {
  std::vector<VertexId> distinct;
  absl::flat_hash_set<VertexId> seen;
  for (const VertexId vertex : path.vertices) {
    if (seen.insert(vertex).second) distinct.push_back(vertex);
  }
  return distinct;
}

std::vector<EdgeRef> DistinctEdges(const Path& path) {
  std::vector<EdgeRef> distinct;
  absl::flat_hash_set<EdgeId> seen;
  for (const EdgeRef& edge : path.edges) {
    if (seen.insert(edge.edge).second) distinct.push_back(edge);
  }
  return distinct;
}

void WriteValue(const Value& value, ValueSink* sink) {
  switch (value.type()) {
    case ValueType::kNull:
      return sink->Null();
    case ValueType::kBoolean:
      return sink->Boolean(value.boolean());
    case ValueType::kInteger:
      return sink->Integer(value.integer());
    case ValueType::kFloat:
      return sink->Float(value.real());
    case ValueType::kString:
      return sink->String(value.string());
    case ValueType::kBytes:
      return sink->Bytes(value.bytes());
    case ValueType::kList:
    case ValueType::kMap:
      return WriteContainer(value, sink);
    default:
      return WriteTemporalOrPoint(value, sink);
  }
}

}  // namespace tidemark::graph
