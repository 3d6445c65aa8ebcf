// SPDX-License-Identifier: Apache-2.0
#include "session/plan_node.h"

#include <utility>
#include <vector>

#include "base/time_units.h"

namespace tidemark::session {
namespace {

using graph::Value;

constexpr int64_t kNanosPerMicro = 1'000;

Value TextOf(NodeId worker, const exec::WorkerFigures& figures) {
  std::vector<graph::MapEntry> entries;
  const auto add = [&](const char* key, int64_t value) {
    entries.emplace_back(key, Value::Integer(value));
  };
  add("worker", worker.value());
  if (figures.requests == 0) {
    add("rows", figures.work.rows);
  } else {
    add("requests", figures.requests);
    add("sentBytes", static_cast<int64_t>(figures.sent_bytes));
    add("receivedBytes", static_cast<int64_t>(figures.received_bytes));
  }
  add("dbHits", figures.work.units);
  add("time", figures.work.micros * kNanosPerMicro);
  return Value::Map(std::move(entries));
}

void AddFigures(const exec::Profile::Entry& entry, PlanNode* shown) {
  shown->rows = entry.work.rows;
  shown->db_hits = entry.work.units;
  shown->time_nanos = entry.work.micros * kNanosPerMicro;
  std::vector<Value> workers;
  for (const auto& [worker, figures] : entry.workers) workers.push_back(TextOf(worker, figures));
  if (!workers.empty()) {
    shown->arguments.emplace_back("Workers", Value::List(std::move(workers)));
  }
}

}  // namespace

PlanNode ToPlanNode(const query::plan::Operator& node, const exec::Profile* profile) {
  PlanNode shown;
  shown.operator_type = NameOf(node);
  shown.identifiers = node.identifiers;
  if (!node.details.empty()) shown.arguments.emplace_back("Details", Value::String(node.details));
  shown.arguments.emplace_back("EstimatedRows", Value::Float(node.estimated_rows));
  if (profile != nullptr) {
    if (const exec::Profile::Entry* const entry = profile->Find(node)) AddFigures(*entry, &shown);
    shown.arguments.emplace_back("Rows", Value::Integer(shown.rows));
    shown.arguments.emplace_back("DbHits", Value::Integer(shown.db_hits));
    shown.arguments.emplace_back("Time", Value::Integer(shown.time_nanos));
  }
  for (const auto& input : node.inputs) shown.children.push_back(ToPlanNode(*input, profile));
  const query::plan::Fragment* const inner = InnerOf(node);
  if (inner != nullptr) shown.children.push_back(ToPlanNode(*inner->root, profile));
  return shown;
}

}  // namespace tidemark::session
