// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/answer_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "graph/value_text.h"

namespace tidemark::generator {

using graph::Value;
using graph::ValueType;

namespace {

// Twelve digits: functions of the libraries may differ in the last ones.
std::string NumberText(double value, const TextStyle& style) {
  if (std::isnan(value)) return "nan";
  if (value == 0 && style.loose_numbers) value = 0;
  return absl::StrFormat("%.12gf", value);
}

std::string NumberText(int64_t value, const TextStyle& style) {
  if (style.loose_numbers) return NumberText(static_cast<double>(value), style);
  return absl::StrCat(value);
}

std::string ListText(std::vector<std::string> parts, const TextStyle& style) {
  if (style.sorts_lists) std::sort(parts.begin(), parts.end());
  return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
}

std::string EntriesText(const std::map<std::string, std::string>& entries) {
  return absl::StrCat("{", absl::StrJoin(entries, ", ", absl::PairFormatter(": ")), "}");
}

std::string VertexText(std::vector<std::string> labels, const std::string& entries) {
  std::sort(labels.begin(), labels.end());
  std::string text = "(";
  for (const std::string& label : labels) absl::StrAppend(&text, ":", label);
  return absl::StrCat(text, entries, ")");
}

// The vertices and edges of `path`, in the order of the path.
std::string PathText(const graph::Path& path, const std::map<VertexId, std::string>& vertices,
                     const std::map<EdgeId, std::string>& edges) {
  std::string text = "<" + vertices.at(path.vertices[0]);
  for (size_t i = 0; i < path.edges.size(); ++i) {
    const bool forward = path.edges[i].source == path.vertices[i];
    absl::StrAppend(&text, forward ? "-" : "<-", edges.at(path.edges[i].edge), forward ? "->" : "-",
                    vertices.at(path.vertices[i + 1]));
  }
  return text + ">";
}

std::string PropertiesText(const reference::Graph& graph, const reference::Properties& properties,
                           const TextStyle& style) {
  std::map<std::string, std::string> entries;
  for (const auto& [key, value] : properties) entries[key] = AnswerText(graph, value, style);
  return EntriesText(entries);
}

std::string ElementText(const reference::Graph& graph, VertexId id, const TextStyle& style) {
  const reference::Vertex& vertex = graph.vertices.at(id);
  return VertexText({vertex.labels.begin(), vertex.labels.end()},
                    PropertiesText(graph, vertex.properties, style));
}

std::string ElementText(const reference::Graph& graph, EdgeId id, const TextStyle& style) {
  const reference::Edge& edge = graph.edges.at(id);
  return absl::StrCat("[:", edge.type, PropertiesText(graph, edge.properties, style), "]");
}

}  // namespace

std::string AnswerText(const reference::Graph& graph, const Value& value, const TextStyle& style) {
  switch (value.type()) {
    case ValueType::kInteger:
      return NumberText(value.integer(), style);
    case ValueType::kFloat:
      return NumberText(value.real(), style);
    case ValueType::kVertex:
      return ElementText(graph, value.vertex(), style);
    case ValueType::kEdge:
      return ElementText(graph, value.edge().edge, style);
    case ValueType::kList: {
      std::vector<std::string> parts;
      for (const Value& item : value.list()) parts.push_back(AnswerText(graph, item, style));
      return ListText(std::move(parts), style);
    }
    case ValueType::kMap: {
      const auto map = value.map();
      return PropertiesText(graph, reference::Properties(map.begin(), map.end()), style);
    }
    case ValueType::kPath: {
      std::map<VertexId, std::string> vertices;
      std::map<EdgeId, std::string> edges;
      for (const VertexId id : value.path().vertices) vertices[id] = ElementText(graph, id, style);
      for (const auto& edge : value.path().edges) {
        edges[edge.edge] = ElementText(graph, edge.edge, style);
      }
      return PathText(value.path(), vertices, edges);
    }
    default:
      return ToText(value);
  }
}

std::vector<std::string> AnswerSinkText::Take() {
  CHECK(frames_.empty()) << "a value has not ended";
  return std::exchange(values_, {});
}

void AnswerSinkText::Integer(int64_t value) { Put(NumberText(value, style_)); }
void AnswerSinkText::Float(double value) { Put(NumberText(value, style_)); }
void AnswerSinkText::String(std::string_view text) { Put(ToText(Value::String(text))); }
void AnswerSinkText::Bytes(std::string_view bytes) { Put(ToText(Value::Bytes(bytes))); }
void AnswerSinkText::Of(const graph::Date& date) { Put(ToText(Value::Of(date))); }
void AnswerSinkText::Of(const graph::LocalTime& time) { Put(ToText(Value::Of(time))); }
void AnswerSinkText::Of(const graph::LocalDateTime& time) { Put(ToText(Value::Of(time))); }
void AnswerSinkText::Of(const graph::Time& time) { Put(ToText(Value::Of(time))); }
void AnswerSinkText::Of(const graph::DateTime& time) { Put(ToText(Value::Of(time))); }
void AnswerSinkText::Of(const graph::Duration& duration) { Put(ToText(Value::Of(duration))); }
void AnswerSinkText::Of(const graph::Point& point) { Put(ToText(Value::Of(point))); }

void AnswerSinkText::BeginVertex(const graph::VertexHead& head) {
  std::vector<std::string> labels(head.labels.begin(), head.labels.end());
  std::string text = VertexText(std::move(labels), "");
  text.pop_back();
  Open({Shape::kElement, SIZE_MAX, text, {}, {}, {}});
}

void AnswerSinkText::BeginEdge(const graph::EdgeHead& head) {
  Open({Shape::kElement, SIZE_MAX, absl::StrCat("[:", std::string(head.type)), {}, {}, {}});
}

void AnswerSinkText::BeginPath(const graph::Path& path) {
  Open({Shape::kPath, SIZE_MAX, "", {}, {}, path});
}

void AnswerSinkText::Open(Frame frame) {
  const bool is_empty = frame.left == 0;
  frames_.push_back(std::move(frame));
  if (is_empty) CloseElement();
}

void AnswerSinkText::Put(std::string text) {
  if (frames_.empty()) {
    values_.push_back(std::move(text));
    return;
  }
  frames_.back().parts.push_back(std::move(text));
  if (--frames_.back().left == 0) CloseElement();
}

void AnswerSinkText::CloseElement() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  Put(TextOf(std::move(frame)));
}

std::string AnswerSinkText::TextOf(Frame frame) const {
  if (frame.shape == Shape::kList) return ListText(std::move(frame.parts), style_);
  if (frame.shape == Shape::kPath) {
    std::map<VertexId, std::string> vertices;
    std::map<EdgeId, std::string> edges;
    size_t at = 0;
    for (const VertexId id : graph::DistinctVertices(frame.path)) vertices[id] = frame.parts[at++];
    for (const auto& edge : graph::DistinctEdges(frame.path)) edges[edge.edge] = frame.parts[at++];
    return PathText(frame.path, vertices, edges);
  }
  std::map<std::string, std::string> entries;
  for (size_t i = 0; i < frame.parts.size(); ++i) entries[frame.keys[i]] = frame.parts[i];
  const std::string text = EntriesText(entries);
  if (frame.shape == Shape::kMap) return text;
  return absl::StrCat(frame.head, text, frame.head[0] == '(' ? ")" : "]");
}

}  // namespace tidemark::generator
