// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/oracle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "bolt_client/failure.h"

namespace tidemark::generator {
namespace {

using ValueKind = bolt_client::Kind;

// Of an id like "4:<database>:17" the last part. No number is 0, which is no id here.
uint64_t NumberOf(const std::string& id) {
  uint64_t number = 0;
  CHECK(absl::SimpleAtoi(id.substr(id.rfind(':') + 1), &number)) << id;
  return number + 1;
}

void Write(const bolt_client::Value& value, graph::ValueSink* sink);

void WriteProperties(const bolt_client::Entries& properties, graph::ValueSink* sink) {
  for (const auto& [key, value] : properties) {
    sink->Key(key);
    Write(value, sink);
  }
}

void WriteNode(const bolt_client::Element& node, graph::ValueSink* sink) {
  const std::vector<std::string_view> labels(node.labels.begin(), node.labels.end());
  graph::VertexHead head;
  head.vertex = VertexId(NumberOf(node.id));
  head.labels = labels;
  head.property_count = node.properties.size();
  sink->BeginVertex(head);
  WriteProperties(node.properties, sink);
  sink->EndVertex();
}

graph::EdgeRef RefOf(const bolt_client::Element& edge) {
  return {EdgeId(NumberOf(edge.id)), VertexId(NumberOf(edge.start_id)),
          VertexId(NumberOf(edge.end_id)), TypeId()};
}

void WriteRelationship(const bolt_client::Element& edge, graph::ValueSink* sink) {
  sink->BeginEdge({RefOf(edge), edge.labels[0], edge.properties.size()});
  WriteProperties(edge.properties, sink);
  sink->EndEdge();
}

void WritePath(const bolt_client::Value& value, graph::ValueSink* sink) {
  graph::Path path;
  for (const bolt_client::Value& item : value.items) {
    if (item.kind == ValueKind::kNode) {
      path.vertices.push_back(VertexId(NumberOf(item.element->id)));
    } else {
      path.edges.push_back(RefOf(*item.element));
    }
  }
  sink->BeginPath(path);
  for (const VertexId vertex : graph::DistinctVertices(path)) {
    const auto at = std::find(path.vertices.begin(), path.vertices.end(), vertex);
    WriteNode(*value.items[2 * (at - path.vertices.begin())].element, sink);
  }
  for (const graph::EdgeRef& edge : graph::DistinctEdges(path)) {
    const auto at =
        std::find_if(path.edges.begin(), path.edges.end(),
                     [&](const graph::EdgeRef& other) { return other.edge == edge.edge; });
    WriteRelationship(*value.items[2 * (at - path.edges.begin()) + 1].element, sink);
  }
  sink->EndPath();
}

void Write(const bolt_client::Value& value, graph::ValueSink* sink) {
  switch (value.kind) {
    case ValueKind::kScalar:
      return graph::WriteValue(value.scalar, sink);
    case ValueKind::kList:
      sink->BeginList(value.items.size());
      for (const bolt_client::Value& item : value.items) Write(item, sink);
      return;
    case ValueKind::kMap:
      sink->BeginMap(value.entries.size());
      return WriteProperties(value.entries, sink);
    case ValueKind::kNode:
      return WriteNode(*value.element, sink);
    case ValueKind::kRelationship:
      return WriteRelationship(*value.element, sink);
    case ValueKind::kPath:
      return WritePath(value, sink);
  }
}

session::Counters CountersOf(const bolt_client::Value& stats) {
  const auto count = [&stats](std::string_view name) { return stats.Get(name).integer_or(0); };
  session::Counters counters;
  counters.nodes_created = count("nodes-created");
  counters.nodes_deleted = count("nodes-deleted");
  counters.relationships_created = count("relationships-created");
  counters.relationships_deleted = count("relationships-deleted");
  counters.properties_set = count("properties-set");
  counters.labels_added = count("labels-added");
  counters.labels_removed = count("labels-removed");
  return counters;
}

}  // namespace

Oracle::Oracle(const std::string& address) {
  bolt_client::ConnectionOptions options;
  const auto parsed = bolt_client::ParseAddress(address);
  CHECK(parsed.ok()) << parsed.status();
  options.address = *parsed;
  auto connection = bolt_client::Connection::Open(options);
  CHECK(connection.ok()) << connection.status();
  connection_ = *std::move(connection);
}

Answer Oracle::Run(const std::string& text, const TextStyle& style) {
  const auto result = connection_->Query(text, graph::Value());
  Answer answer;
  if (!result.ok()) {
    answer.error_code = bolt_client::ServerCode(result.status());
    answer.error_text = std::string(result.status().message());
    CHECK(!answer.error_code.empty()) << result.status();
    return answer;
  }
  answer.columns = result->columns;
  AnswerSinkText row_text;
  row_text.set_style(style);
  for (const bolt_client::Row& row : result->rows) {
    for (const bolt_client::Value& value : row) Write(value, &row_text);
    answer.rows.push_back(absl::StrJoin(row_text.Take(), " | "));
  }
  answer.counters = CountersText(CountersOf(result->summary.metadata.Get("stats")));
  return answer;
}

void Oracle::Begin() {
  const absl::Status status = connection_->Begin();
  CHECK(status.ok()) << status;
}

void Oracle::Rollback() {
  if (!connection_->in_transaction()) return;
  const absl::Status status = connection_->Rollback();
  CHECK(status.ok()) << status;
}

std::vector<std::string> Oracle::Graph() {
  std::vector<std::string> rows = Run("MATCH (n) RETURN n", {}).rows;
  const auto edges = Run("MATCH (a)-[r]->(b) RETURN a, r, b", {}).rows;
  rows.insert(rows.end(), edges.begin(), edges.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace tidemark::generator
