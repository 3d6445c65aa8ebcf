// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/value.h"
#include "query/functions/environment.h"

namespace tidemark::query {

// Values for tables of cases.
struct V : graph::Value {
  V() = default;
  V(graph::Value value) : graph::Value(std::move(value)) {}                 // NOLINT
  V(int value) : graph::Value(graph::Value::Integer(value)) {}              // NOLINT
  V(int64_t value) : graph::Value(graph::Value::Integer(value)) {}          // NOLINT
  V(double value) : graph::Value(graph::Value::Float(value)) {}             // NOLINT
  V(bool value) : graph::Value(graph::Value::Boolean(value)) {}             // NOLINT
  V(const char* text) : graph::Value(graph::Value::String(text)) {}         // NOLINT
  V(const std::string& text) : graph::Value(graph::Value::String(text)) {}  // NOLINT
};
inline const V kNullValue;
graph::Value ListValue(std::initializer_list<V> elements);
graph::Value MapValue(std::initializer_list<std::pair<std::string, V>> entries);

// A graph of one edge: the vertex 1 with the labels B and A and the properties age and name, the
// vertex 2, which is deleted, and the edge 3 of the type KNOWS from 1 to 2.
// Owner: a test. Threads: one.
class TestEnvironment final : public Environment {
 public:
  static VertexId LivingVertex() { return VertexId(SlotId(0), 1); }
  static VertexId DeletedVertex() { return VertexId(SlotId(0), 2); }
  static graph::EdgeRef Edge() {
    return {EdgeId(SlotId(0), 3), LivingVertex(), DeletedVertex(), TypeId(1)};
  }

  ValueOr Property(const graph::Value& element, std::string_view key) override;
  ValueOr Properties(const graph::Value& element) override;
  ValueOr Keys(const graph::Value& element) override;
  ValueOr Labels(VertexId vertex) override;
  std::string TypeName(TypeId type) override;
  int64_t StatementMillis() override { return 1'700'000'000'000; }
  uint64_t RandomBits() override { return random_ += 0x9e3779b97f4a7c15; }
  absl::Status Reserve(size_t bytes) override;

  size_t memory_limit = 1 << 20;

 private:
  uint64_t random_ = 1;
};

// What a result is, as text: ToText of the value with the type of its numbers, or "!" and the
// detail of the error.
std::string Shown(const ValueOr& result);
// Calls a function by name.
std::string Called(std::string_view name, std::vector<graph::Value> arguments);

}  // namespace tidemark::query
