// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/update.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/operators/for_each_row.h"
#include "exec/operators/rows.h"
#include "graph/value_coding.h"
#include "query/eval/evaluator.h"
#include "query/functions/failures.h"
#include "query/text/error.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::BatchRef;

void WriterCall::Start(std::vector<GraphChange> changes) {
  CHECK(!is_started() && context_->writer != nullptr);
  CHECK_LE(changes.size(), kMaxChangeCount);
  turn_ = std::make_shared<bool>(true);
  answer_.reset();
  context_->writer->Write(std::move(changes),
                          [this, turn = std::weak_ptr<bool>(turn_)](
                              absl::StatusOr<std::vector<CreatedElement>> created) {
                            if (turn.expired()) return;
                            answer_ = std::move(created);
                            if (std::exchange(waits_, false)) context_->wake();
                          });
}

absl::StatusOr<Pulled> WriterCall::Continue(std::vector<CreatedElement>* created) {
  CHECK(is_started());
  if (!answer_.has_value()) {
    waits_ = true;
    return Pulled::kWait;
  }
  turn_.reset();
  absl::StatusOr<std::vector<CreatedElement>> answer = *std::exchange(answer_, std::nullopt);
  RETURN_IF_ERROR(answer.status());
  *created = *std::move(answer);
  return Pulled::kEnd;
}

absl::StatusOr<Pulled> Update::Next(BatchRef* batch) {
  while (!has_all_) {
    BatchRef input_batch;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch));
    if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
    if (pulled == Pulled::kEnd) {
      has_all_ = true;
      break;
    }
    const auto& kept = static_cast<const query::plan::UpdateOperator&>(plan()).kept;
    rows_.push_back(CopySlots(context().pool, *input_batch, kept));
    context().units -= static_cast<int64_t>(rows_.back()->row_count() * (1 + kept.size()));
    RETURN_IF_ERROR(rows_hold_.Add(context().account, BatchBytes(*rows_.back())));
  }
  if (!has_changed_) {
    ASSIGN_OR_RETURN(const Pulled changed, Change());
    if (changed != Pulled::kEnd) return changed;
    has_changed_ = true;
  }
  while (next_ < rows_.size()) {
    *batch = std::exchange(rows_[next_++], BatchRef());
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
  rows_hold_.Clear();
  return Pulled::kEnd;
}

absl::Status Update::KeepSlots(size_t batch, uint32_t slot_count) {
  std::vector<uint32_t> slots(slot_count);
  std::iota(slots.begin(), slots.end(), 0);
  rows_hold_.Remove(BatchBytes(*rows_[batch]));
  rows_[batch] = CopySlots(context().pool, *rows_[batch], slots);
  return rows_hold_.Add(context().account, BatchBytes(*rows_[batch]));
}

absl::Status Update::AddGiven(size_t batch_number,
                              const std::function<State(size_t row, size_t number)>& state_of) {
  Batch& batch = *rows_[batch_number];
  size_t bytes = 0;
  for (size_t number = 0; number < given().size(); ++number) {
    std::vector<query::Column*> columns;
    for (int i = given()[number].is_edge ? 1 : 0; i < 2; ++i) {
      columns.push_back(batch.AddColumn(query::ColumnKind::kValue));
    }
    for (size_t row = 0; row < batch.row_count(); ++row) {
      State state = state_of(row, number);
      for (size_t i = 0; i < state.size(); ++i) {
        bytes += EstimateBytes(state[i]);
        columns[i]->values()[row] = std::move(state[i]);
      }
    }
  }
  return rows_hold_.Add(context().account, bytes);
}

Value ToLabelList(const std::vector<uint32_t>& labels) {
  std::vector<Value> ids;
  for (const uint32_t label : labels) ids.push_back(Value::Integer(label));
  return Value::List(std::move(ids));
}

query::ValueOr EvaluateRow(const query::eval::Program& program, const BatchRef& row,
                           RunContext* context) {
  query::eval::Evaluator evaluator(&program, context->environment);
  evaluator.Start(row.get());
  RETURN_IF_ERROR(evaluator.Finish(&context->units));
  return evaluator.ResultAt(0);
}

BatchRef CopyRow(query::SlabPool* pool, const Batch& batch, uint16_t row) {
  BatchRef copy = Batch::Make(pool, 1);
  copy->set_row_count(1);
  for (uint32_t slot = 0; slot < batch.slot_count(); ++slot) {
    query::Column* const column = copy->AddColumn(query::ColumnKind::kValue);
    column->values()[0] = batch.ValueAt(slot, row);
  }
  return copy;
}

void AddChildren(query::SlabPool* pool, const BatchRef& parent,
                 const std::vector<uint16_t>& parents,
                 const std::vector<std::vector<Value>>& values, std::vector<BatchRef>* children) {
  for (size_t first = 0; first < parents.size(); first += query::kMaxBatchRows) {
    const size_t count = std::min(parents.size() - first, query::kMaxBatchRows);
    BatchRef child = Batch::MakeChild(pool, parent, count);
    child->set_row_count(count);
    std::copy_n(parents.begin() + static_cast<std::ptrdiff_t>(first), count, child->parent_rows());
    for (size_t column = 0; column < values[first].size(); ++column) {
      query::Column* const cells = child->AddColumn(query::ColumnKind::kValue);
      for (size_t i = 0; i < count; ++i) cells->values()[i] = values[first + i][column];
    }
    children->push_back(std::move(child));
  }
}

absl::StatusOr<std::string> EncodeProperty(const Value& value) {
  if (value.is_null()) return std::string();
  Value stored = value;
  // Integers among floats become floats.
  if (value.type() == ValueType::kList) {
    bool has_floats = false;
    for (const Value& element : value.list()) has_floats |= element.type() == ValueType::kFloat;
    if (has_floats) {
      std::vector<Value> elements;
      for (const Value& element : value.list()) {
        elements.push_back(element.type() == ValueType::kInteger
                               ? Value::Float(static_cast<double>(element.integer()))
                               : element);
      }
      stored = Value::List(std::move(elements));
    }
  }
  if (!graph::CheckStorable(stored).ok()) {
    return ToStatus(
        query::MakeError(query::ErrorId::kInvalidPropertyType, {query::DescribeValue(value)}));
  }
  RETURN_IF_ERROR(graph::CheckEncodable(stored));
  // Megabytes are not copied to find out that they are too many.
  if (stored.type() == ValueType::kString) {
    RETURN_IF_ERROR(query::CheckStoredBytes(stored.string().size()));
  }
  std::string encoded = graph::EncodeValue(stored);
  RETURN_IF_ERROR(query::CheckStoredBytes(encoded.size()));
  return encoded;
}

namespace {

absl::Status AddProperty(const std::string& key, const Value& value, bool is_merge,
                         const query::plan::NewElement& element, GraphChange* change) {
  const bool is_nan = value.type() == ValueType::kFloat && std::isnan(value.real());
  if (is_merge && (value.is_null() || is_nan)) {
    return ToStatus(query::MakeError(
        query::ErrorId::kMergeReadOwnWrites,
        {element.is_edge ? "relationship" : "node", value.is_null() ? "null" : "NaN", key}));
  }
  ASSIGN_OR_RETURN(std::string encoded, EncodeProperty(value));
  if (!encoded.empty()) change->properties.emplace_back(key, std::move(encoded));
  return absl::OkStatus();
}

}  // namespace

absl::Status PatternMaker::Add(const Batch& batch, uint16_t row,
                               std::vector<GraphChange>* changes) const {
  const size_t first_slot = batch.slot_count();
  const int64_t first_change = static_cast<int64_t>(changes->size());
  const auto end_of = [&](uint32_t slot) -> absl::StatusOr<ChangedVertex> {
    if (slot >= first_slot) {
      return ChangedVertex{{}, first_change + static_cast<int64_t>(slot - first_slot)};
    }
    ASSIGN_OR_RETURN(const VertexId vertex, VertexOf(batch.CellAt(slot, row)));
    if (vertex.valid()) return ChangedVertex{vertex, -1};
    return ToStatus(query::MakeError(query::ErrorId::kInvalidArgumentType, {"NODE", "NULL"}));
  };
  for (const query::plan::NewElement& element : pattern.elements) {
    GraphChange change;
    change.kind = element.is_edge ? GraphChangeKind::kCreateEdge : GraphChangeKind::kCreateVertex;
    change.labels = element.labels;
    change.type = element.type;
    RETURN_IF_ERROR(query::CheckLabelCount(change.labels.size()));
    if (element.is_edge) {
      ASSIGN_OR_RETURN(change.vertex, end_of(element.source));
      ASSIGN_OR_RETURN(change.target, end_of(element.target));
    }
    for (const auto& [key, slot] : element.properties.entries) {
      RETURN_IF_ERROR(AddProperty(key, batch.ValueAt(slot, row), is_merge, element, &change));
    }
    if (element.properties.map.has_value()) {
      const Value map = batch.ValueAt(*element.properties.map, row);
      if (map.type() != ValueType::kMap && !map.is_null()) {
        return query::TypeMismatch("MAP", map);
      }
      if (map.type() == ValueType::kMap) {
        for (const auto& [key, value] : map.map()) {
          RETURN_IF_ERROR(AddProperty(key, value, is_merge, element, &change));
        }
      }
    }
    size_t bytes = 0;
    for (const auto& [key, encoded] : change.properties) bytes += encoded.size();
    RETURN_IF_ERROR(query::CheckStoredBytes(bytes));
    changes->push_back(std::move(change));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Value>> PatternMaker::ValuesOf(
    const std::vector<CreatedElement>& created, size_t first, const Batch& batch,
    uint16_t row) const {
  const size_t first_slot = batch.slot_count();
  std::vector<Value> values;
  const auto at = [&](uint32_t slot) {
    return slot >= first_slot ? values[slot - first_slot] : batch.ValueAt(slot, row);
  };
  for (size_t i = 0; i < pattern.elements.size(); ++i) {
    const query::plan::NewElement& element = pattern.elements[i];
    const CreatedElement& made = created[first + i];
    if (!element.is_edge) {
      values.push_back(Value::Of(made.vertex));
      continue;
    }
    const Value source = at(element.source);
    const Value target = at(element.target);
    values.push_back(
        Value::Of(graph::EdgeRef{made.edge, source.vertex(), target.vertex(), made.type}));
  }
  for (const query::plan::NewPath& path : pattern.paths) values.push_back(MakePathOf(path, at));
  return values;
}

void CountCreated(const std::vector<GraphChange>& changes, WriteCounters* counters) {
  for (const GraphChange& change : changes) {
    const bool is_edge = change.kind == GraphChangeKind::kCreateEdge;
    ++(is_edge ? counters->edges_created : counters->vertices_created);
    counters->properties_set += static_cast<int64_t>(change.properties.size());
    counters->labels_added += static_cast<int64_t>(change.labels.size());
  }
}

Value MakePathOf(const query::plan::NewPath& path, const std::function<Value(uint32_t)>& at) {
  graph::Path made;
  for (const uint32_t slot : path.vertices) {
    const Value vertex = at(slot);
    if (vertex.type() != ValueType::kVertex) return Value();
    made.vertices.push_back(vertex.vertex());
  }
  for (const uint32_t slot : path.edges) {
    const Value edge = at(slot);
    if (edge.type() != ValueType::kEdge) return Value();
    made.edges.push_back(edge.edge());
  }
  return Value::Of(std::move(made));
}

}  // namespace tidemark::exec
