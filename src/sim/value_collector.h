// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/value.h"
#include "graph/value_sink.h"

namespace tidemark::sim {

// Makes values of what is handed to a sink. Elements of the graph have no place in what the
// workloads ask for: they end the process.
// Owner: a conversation. Threads: one.
class ValueCollector final : public graph::ValueSink {
 public:
  // The values since the last call.
  std::vector<graph::Value> Take() { return std::exchange(values_, {}); }

  void Null() override { Add(graph::Value()); }
  void Boolean(bool value) override { Add(graph::Value::Boolean(value)); }
  void Integer(int64_t value) override { Add(graph::Value::Integer(value)); }
  void Float(double value) override { Add(graph::Value::Float(value)); }
  void String(std::string_view text) override { Add(graph::Value::String(text)); }
  void Bytes(std::string_view bytes) override { Add(graph::Value::Bytes(bytes)); }
  void Of(const graph::Date& date) override { Add(graph::Value::Of(date)); }
  void Of(const graph::LocalTime& time) override { Add(graph::Value::Of(time)); }
  void Of(const graph::LocalDateTime& time) override { Add(graph::Value::Of(time)); }
  void Of(const graph::Time& time) override { Add(graph::Value::Of(time)); }
  void Of(const graph::DateTime& time) override { Add(graph::Value::Of(time)); }
  void Of(const graph::Duration& duration) override { Add(graph::Value::Of(duration)); }
  void Of(const graph::Point& point) override { Add(graph::Value::Of(point)); }

  void BeginList(size_t count) override;
  void BeginMap(size_t count) override;
  void Key(std::string_view key) override;

  void BeginVertex(const graph::VertexHead& head) override;
  void EndVertex() override {}
  void BeginEdge(const graph::EdgeHead& head) override;
  void EndEdge() override {}
  void BeginPath(const graph::Path& path) override;
  void EndPath() override {}

 private:
  // A list or map that is not complete.
  struct Open {
    bool is_map = false;
    size_t missing = 0;
    std::vector<std::string> keys;
    std::vector<graph::Value> values;
  };

  void Add(graph::Value value);
  void Begin(bool is_map, size_t count);
  static graph::Value Complete(Open open);

  std::vector<Open> open_;
  std::vector<graph::Value> values_;
};

}  // namespace tidemark::sim
