// SPDX-License-Identifier: Apache-2.0
// Functions of vertices, edges, paths and maps.
#include <string>
#include <vector>

#include "query/functions/signature.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

using ElementArguments = absl::Span<const Value>;

constexpr CypherType kElementType = kVertexType | kEdgeType;
constexpr FunctionCategory kListOfElement = FunctionCategory::kList;

uint64_t IdOf(const Value& element) {
  return element.type() == ValueType::kVertex ? element.vertex().value()
                                              : element.edge().edge.value();
}

ValueOr Id(Environment*, ElementArguments arguments) {
  return Value::Integer(static_cast<int64_t>(IdOf(arguments[0])));
}

// The digits of the id, which drivers are told as well.
ValueOr ElementIdText(Environment*, ElementArguments arguments) {
  return Value::String(std::to_string(IdOf(arguments[0])));
}

ValueOr EdgeTypeName(Environment* environment, ElementArguments arguments) {
  return Value::String(environment->TypeName(arguments[0].edge().type));
}

ValueOr LabelsOf(Environment* environment, ElementArguments arguments) {
  return environment->Labels(arguments[0].vertex());
}

ValueOr KeysOf(Environment* environment, ElementArguments arguments) {
  if (arguments[0].type() != ValueType::kMap) return environment->Keys(arguments[0]);
  std::vector<Value> keys;
  for (const auto& [key, value] : arguments[0].map()) keys.push_back(Value::String(key));
  return Value::List(std::move(keys));
}

ValueOr PropertiesOf(Environment* environment, ElementArguments arguments) {
  if (arguments[0].type() == ValueType::kMap) return arguments[0];
  return environment->Properties(arguments[0]);
}

ValueOr StartNode(Environment*, ElementArguments arguments) {
  return Value::Of(arguments[0].edge().source);
}

ValueOr EndNode(Environment*, ElementArguments arguments) {
  return Value::Of(arguments[0].edge().target);
}

ValueOr NodesOf(Environment*, ElementArguments arguments) {
  std::vector<Value> vertices;
  for (const VertexId vertex : arguments[0].path().vertices) vertices.push_back(Value::Of(vertex));
  return Value::List(std::move(vertices));
}

ValueOr RelationshipsOf(Environment*, ElementArguments arguments) {
  std::vector<Value> edges;
  for (const graph::EdgeRef& edge : arguments[0].path().edges) edges.push_back(Value::Of(edge));
  return Value::List(std::move(edges));
}

ValueOr LengthOfPath(Environment*, ElementArguments arguments) {
  return Value::Integer(static_cast<int64_t>(arguments[0].path().edges.size()));
}

constexpr FunctionSignature kElements[] = {
    {.name = "id",
     .description = "The number of a node or relationship.",
     .parameters = {{{"input", kElementType}}},
     .result = kIntegerType,
     .call = Id},
    {.name = "elementId",
     .description = "The id of a node or relationship as text.",
     .parameters = {{{"input", kElementType}}},
     .result = kStringType,
     .call = ElementIdText},
    {.name = "type",
     .description = "The type of a relationship.",
     .parameters = {{{"input", kEdgeType}}},
     .result = kStringType,
     .call = EdgeTypeName},
    {.name = "labels",
     .category = kListOfElement,
     .description = "The labels of a node.",
     .parameters = {{{"input", kVertexType}}},
     .result = CypherType::ListOf(kStringType),
     .call = LabelsOf},
    {.name = "keys",
     .category = kListOfElement,
     .description = "The names of the properties of a node or relationship, or the keys of a map.",
     .parameters = {{{"input", kElementType | kMapType}}},
     .result = CypherType::ListOf(kStringType),
     .call = KeysOf},
    {.name = "properties",
     .description = "All properties of a node or relationship as a map.",
     .parameters = {{{"input", kElementType | kMapType}}},
     .result = kMapType,
     .call = PropertiesOf},
    {.name = "startNode",
     .description = "The node at which a relationship begins.",
     .parameters = {{{"input", kEdgeType}}},
     .result = kVertexType,
     .call = StartNode},
    {.name = "endNode",
     .description = "The node at which a relationship ends.",
     .parameters = {{{"input", kEdgeType}}},
     .result = kVertexType,
     .call = EndNode},
    {.name = "nodes",
     .category = kListOfElement,
     .description = "The nodes of a path, in its order.",
     .parameters = {{{"input", kPathType}}},
     .result = CypherType::ListOf(kVertexType),
     .call = NodesOf},
    {.name = "relationships",
     .category = kListOfElement,
     .description = "The relationships of a path, in its order.",
     .parameters = {{{"input", kPathType}}},
     .result = CypherType::ListOf(kEdgeType),
     .call = RelationshipsOf},
    {.name = "length",
     .description = "How many relationships a path has.",
     .parameters = {{{"input", kPathType}}},
     .result = kIntegerType,
     .call = LengthOfPath},
};

}  // namespace

absl::Span<const FunctionSignature> ElementFunctions() { return kElements; }

}  // namespace tidemark::query
