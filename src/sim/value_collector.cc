// SPDX-License-Identifier: Apache-2.0
#include "sim/value_collector.h"

#include "base/check.h"

namespace tidemark::sim {

void ValueCollector::Add(graph::Value value) {
  while (!open_.empty()) {
    Open& inner = open_.back();
    inner.values.push_back(std::move(value));
    if (--inner.missing > 0) return;
    value = Complete(std::move(inner));
    open_.pop_back();
  }
  values_.push_back(std::move(value));
}

graph::Value ValueCollector::Complete(Open open) {
  if (!open.is_map) return graph::Value::List(std::move(open.values));
  std::vector<graph::MapEntry> entries;
  for (size_t i = 0; i < open.values.size(); ++i) {
    entries.emplace_back(std::move(open.keys[i]), std::move(open.values[i]));
  }
  return graph::Value::Map(std::move(entries));
}

void ValueCollector::Begin(bool is_map, size_t count) {
  if (count == 0) return Add(Complete({is_map, 0, {}, {}}));
  open_.push_back({is_map, count, {}, {}});
}

void ValueCollector::BeginList(size_t count) { Begin(false, count); }
void ValueCollector::BeginMap(size_t count) { Begin(true, count); }

void ValueCollector::Key(std::string_view key) {
  CHECK(!open_.empty() && open_.back().is_map);
  open_.back().keys.emplace_back(key);
}

void ValueCollector::BeginVertex(const graph::VertexHead&) {
  LOG(FATAL) << "a vertex in the answer of a workload";
}
void ValueCollector::BeginEdge(const graph::EdgeHead&) {
  LOG(FATAL) << "an edge in the answer of a workload";
}
void ValueCollector::BeginPath(const graph::Path&) {
  LOG(FATAL) << "a path in the answer of a workload";
}

}  // namespace tidemark::sim
