// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/lookup.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "query/plan/plan_coding.h"

namespace tidemark::exec {

using graph::ValueType;
using query::Batch;
using query::BatchRef;
using query::ColumnKind;

namespace {

namespace plan = query::plan;

// A row for each element: it, its row number; labels (of vertices) and all properties, at its
// owner.
std::unique_ptr<const plan::Remote> MakeRequest(bool is_edge) {
  auto input = std::make_unique<plan::Input>();
  input->slot_count = 1;
  auto fetch = std::make_unique<plan::Fetch>();
  fetch->element = 0;
  fetch->is_edge = is_edge;
  fetch->wants_labels = !is_edge;
  fetch->wants_all = true;
  fetch->takes_deleted = true;
  fetch->inputs.push_back(std::move(input));
  auto ids = std::make_unique<plan::Input>();
  ids->slot_count = 1;
  auto remote = std::make_unique<plan::Remote>();
  remote->route = is_edge ? plan::Route::kEdge : plan::Route::kVertex;
  remote->sent = {0};
  remote->returned = is_edge ? std::vector<uint32_t>{1, 2} : std::vector<uint32_t>{1, 2, 3};
  remote->is_one_to_one = true;
  remote->fragment.root = std::move(fetch);
  remote->fragment.operator_count = 2;
  EncodeFragment(remote.get());
  remote->inputs.push_back(std::move(ids));
  return remote;
}

const plan::Remote& RequestFor(bool is_edge) {
  static const plan::Remote* const vertices = MakeRequest(false).release();
  static const plan::Remote* const edges = MakeRequest(true).release();
  return is_edge ? *edges : *vertices;
}

// To look an id up, and to keep what a row knows of an element.
constexpr int64_t kUnitsPerLookUp = 2;
constexpr int64_t kUnitsPerTakenElement = 4;

// From the last ids on those that the table does not know: a batch, or what a slice finds.
template <typename Id>
BatchRef TakeIds(std::vector<Id>* ids, ColumnKind kind, RunContext* context) {
  const size_t most = std::min(ids->size(), query::kMaxBatchRows);
  BatchRef batch = Batch::Make(context->pool, most);
  query::Column* const column = batch->AddColumn(kind);
  while (!ids->empty() && batch->row_count() < most && context->units > 0) {
    if (!context->elements->Knows(ids->back())) {
      column->SetWord(batch->AddRow(), ids->back().value());
    }
    ids->pop_back();
    context->units -= kUnitsPerLookUp;
  }
  return batch;
}

// Null, which is text of no bytes too, when the element is not there.
std::optional<std::string> PropertiesAt(const Batch& batch, size_t slot, uint16_t row) {
  const graph::Value value = batch.ValueAt(slot, row);
  if (value.is_null()) return std::nullopt;
  return std::string(value.bytes());
}

std::vector<uint32_t> LabelsAt(const Batch& batch, size_t slot, uint16_t row) {
  std::vector<uint32_t> labels;
  const graph::Value list = batch.ValueAt(slot, row);
  for (const graph::Value& label : list.list()) {
    labels.push_back(static_cast<uint32_t>(label.integer()));
  }
  return labels;
}

}  // namespace

absl::Status TakeWhole(const Batch& batch, size_t first,
                       const std::vector<plan::WholeElement>& whole, ElementTable* table) {
  const size_t end = std::min(first + kTakenRowCount, batch.selected_count());
  for (const plan::WholeElement& one : whole) {
    for (size_t i = first; i < end; ++i) {
      const uint16_t row = batch.RowAt(i);
      const graph::Value element = batch.ValueAt(one.element, row);
      std::optional<std::string> properties = PropertiesAt(batch, one.properties, row);
      if (!properties.has_value()) continue;
      if (element.type() == graph::ValueType::kEdge) {
        const EdgeId edge = element.edge().edge;
        if (table->Knows(edge)) continue;
        RETURN_IF_ERROR(table->Put(edge, {true, *std::move(properties)}));
      } else if (element.type() == graph::ValueType::kVertex && !table->Knows(element.vertex())) {
        ElementTable::Vertex vertex{true, LabelsAt(batch, *one.labels, row),
                                    *std::move(properties)};
        RETURN_IF_ERROR(table->Put(element.vertex(), std::move(vertex)));
      }
    }
  }
  return absl::OkStatus();
}

void ElementFetch::Start(ElementSet elements) {
  vertices_ = std::move(elements.vertices);
  edges_ = std::move(elements.edges);
}

std::unique_ptr<Operator> ElementFetch::NextRequest() {
  asks_edges_ = vertices_.empty();
  BatchRef ids = asks_edges_ ? TakeIds(&edges_, ColumnKind::kEdge, context_)
                             : TakeIds(&vertices_, ColumnKind::kVertex, context_);
  if (ids->row_count() == 0) return nullptr;
  const plan::Operator* const around = std::exchange(context_->profiled_as, &asked_by_);
  auto request = MakeFragment(RequestFor(asks_edges_), std::move(ids), context_);
  context_->profiled_as = around;
  return request;
}

absl::StatusOr<Pulled> ElementFetch::Continue() {
  while (true) {
    if (request_ == nullptr) {
      if (vertices_.empty() && edges_.empty()) return Pulled::kEnd;
      if (context_->units <= 0) return Pulled::kPause;
      request_ = NextRequest();
      continue;
    }
    BatchRef answer;
    ASSIGN_OR_RETURN(const Pulled pulled, request_->Pull(&answer));
    if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
    if (pulled == Pulled::kEnd) {
      request_.reset();
      continue;
    }
    RETURN_IF_ERROR(Take(*answer));
  }
}

absl::Status ElementFetch::Take(const Batch& answer) {
  for (uint16_t row = 0; row < answer.row_count(); ++row) {
    const uint64_t id = answer.CellAt(0, row).word;
    // Behind the id its number.
    if (asks_edges_) {
      ElementTable::Edge edge;
      std::optional<std::string> properties = PropertiesAt(answer, 2, row);
      edge.exists = properties.has_value();
      if (edge.exists) edge.properties = *std::move(properties);
      RETURN_IF_ERROR(context_->elements->Put(EdgeId(id), std::move(edge)));
      continue;
    }
    ElementTable::Vertex vertex;
    std::optional<std::string> properties = PropertiesAt(answer, 3, row);
    vertex.exists = properties.has_value();
    if (vertex.exists) {
      vertex.properties = *std::move(properties);
      vertex.labels = LabelsAt(answer, 2, row);
    }
    RETURN_IF_ERROR(context_->elements->Put(VertexId(id), std::move(vertex)));
  }
  return absl::OkStatus();
}

void ElementSearch::Start(const std::vector<uint32_t>* slots, bool takes_ends) {
  slots_ = slots;
  slot_ = 0;
  row_ = 0;
  elements_ = ElementSet();
  elements_.takes_ends = takes_ends;
}

bool ElementSearch::Continue(const Batch& batch, RunContext* context) {
  while (slot_ < slots_->size()) {
    if (context->units <= 0) return false;
    --context->units;
    if (!walk_.is_done()) {
      const graph::Value& value = *walk_.Next().value;
      const bool is_passed = value.type() == ValueType::kList || value.type() == ValueType::kMap;
      if (!is_passed) elements_.Add(value);  // what is in it comes by itself
      if (value.type() == ValueType::kPath) {
        context->units -= static_cast<int64_t>(value.path().edges.size());
      }
    } else if (row_ == batch.selected_count()) {
      row_ = 0;
      ++slot_;
    } else {
      const uint32_t slot = (*slots_)[slot_];
      const uint16_t row = batch.RowAt(row_++);
      const query::Cell cell = batch.CellAt(slot, row);
      // Words that are no elements are most cells.
      if (cell.type == ValueType::kVertex || cell.type == ValueType::kEdge ||
          cell.form != query::Cell::Form::kWord) {
        walk_.Begin(batch.ValueAt(slot, row));
      }
    }
  }
  walk_.Clear();
  return true;
}

absl::StatusOr<Pulled> Lookup::Next(BatchRef* batch) {
  if (!batch_) {
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch_));
    if (pulled != Pulled::kBatch) return pulled;
    context().elements->Clear();
    taken_count_ = 0;
    stage_ = Stage::kTaking;
  }
  const auto& lookup = query::plan::As<plan::Lookup>(this->plan());
  const size_t count = lookup.whole.empty() ? 0 : batch_->selected_count();
  for (; taken_count_ < count; taken_count_ += kTakenRowCount) {
    const size_t rows = std::min(kTakenRowCount, count - taken_count_);
    if (!TakeUnits(kUnitsPerTakenElement * static_cast<int64_t>(rows * lookup.whole.size()))) {
      return Pulled::kPause;
    }
    RETURN_IF_ERROR(TakeWhole(*batch_, taken_count_, lookup.whole, context().elements));
  }
  if (stage_ == Stage::kTaking) {
    search_.Start(&lookup.slots, lookup.takes_ends);
    stage_ = Stage::kSearching;
  }
  if (stage_ == Stage::kSearching) {
    if (!search_.Continue(*batch_, &context())) return Pulled::kPause;
    fetch_.Start(search_.Take());
    stage_ = Stage::kFetching;
  }
  ASSIGN_OR_RETURN(const Pulled fetched, fetch_.Continue());
  if (fetched != Pulled::kEnd) return fetched;
  *batch = std::exchange(batch_, BatchRef());
  return Pulled::kBatch;
}

}  // namespace tidemark::exec
