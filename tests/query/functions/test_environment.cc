// SPDX-License-Identifier: Apache-2.0
#include "tests/query/functions/test_environment.h"

#include "graph/value_text.h"
#include "query/functions/failures.h"
#include "query/functions/registry.h"

namespace tidemark::query {

using graph::Value;

Value ListValue(std::initializer_list<V> elements) {
  return Value::List({elements.begin(), elements.end()});
}

Value MapValue(std::initializer_list<std::pair<std::string, V>> entries) {
  return Value::Map({entries.begin(), entries.end()});
}

ValueOr TestEnvironment::Properties(const Value& element) {
  if (element.type() == graph::ValueType::kEdge) return MapValue({{"since", 1999}});
  if (element.vertex() == DeletedVertex()) return Failure(ErrorId::kDeletedEntityAccess, {"node"});
  return MapValue({{"age", 42}, {"name", "Ann"}});
}

ValueOr TestEnvironment::Property(const Value& element, std::string_view key) {
  const ValueOr properties = Properties(element);
  return properties.ok() ? properties->Get(key) : properties;
}

ValueOr TestEnvironment::Keys(const Value& element) {
  const ValueOr properties = Properties(element);
  if (!properties.ok()) return properties;
  std::vector<Value> keys;
  for (const auto& [key, value] : properties->map()) keys.push_back(Value::String(key));
  return Value::List(std::move(keys));
}

ValueOr TestEnvironment::Labels(VertexId vertex) {
  if (vertex == DeletedVertex()) return Failure(ErrorId::kDeletedEntityAccess, {"node"});
  return ListValue({"B", "A"});
}

std::string TestEnvironment::TypeName(TypeId) { return "KNOWS"; }

absl::Status TestEnvironment::Reserve(size_t bytes) {
  if (bytes <= memory_limit) return absl::OkStatus();
  return Failure(ErrorId::kValueTooLarge, {"too much"});
}

std::string Shown(const ValueOr& result) {
  if (result.ok()) return graph::ToText(*result);
  const std::optional<Error> error = ErrorOf(result.status());
  return "!" + (error.has_value() ? std::string(error->detail) : result.status().ToString());
}

std::string Called(std::string_view name, std::vector<Value> arguments) {
  const auto function = FindFunction(name, arguments.size(), {"", 0});
  if (!function.ok()) return Shown(function.status());
  TestEnvironment environment;
  return Shown(CallFunction(**function, &environment, arguments));
}

}  // namespace tidemark::query
