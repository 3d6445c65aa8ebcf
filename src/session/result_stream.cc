// SPDX-License-Identifier: Apache-2.0
#include "session/result_stream.h"

#include <utility>

#include "base/status.h"

namespace tidemark::session {

using graph::Value;
using query::Cell;

namespace {

// The commonest cells without a value between.
void WriteCell(const query::Batch& batch, uint32_t slot, uint16_t row, graph::ValueSink* sink) {
  const Cell cell = batch.CellAt(slot, row);
  switch (cell.type) {
    case graph::ValueType::kNull:
      return sink->Null();
    case graph::ValueType::kBoolean:
      return sink->Boolean(cell.word != 0);
    case graph::ValueType::kInteger:
      return sink->Integer(cell.integer());
    case graph::ValueType::kFloat:
      return sink->Float(cell.real());
    case graph::ValueType::kString:
      return sink->String(cell.text());
    default:
      return graph::WriteValue(batch.ValueAt(slot, row), sink);
  }
}

}  // namespace

ResultStream::ResultStream(std::shared_ptr<const PreparedStatement> statement,
                           exec::QueryInput input, const exec::QueryHost& host)
    : statement_(std::move(statement)) {
  if (statement_->mode == StatementMode::kExplain) return;
  input.statement = statement_->text;
  run_.emplace(statement_->plan, std::move(input), host);
}

absl::StatusOr<ResultStream::Step> ResultStream::Find(int64_t* units) {
  if (!run_.has_value()) return Step::kEnd;
  if (batch_ && next_row_ < batch_->selected_count()) return Step::kRow;
  batch_ = query::BatchRef();
  next_row_ = 0;
  ASSIGN_OR_RETURN(const exec::Pulled pulled, run_->Pull(units, &batch_));
  if (pulled == exec::Pulled::kBatch) return Step::kRow;
  return pulled == exec::Pulled::kEnd ? Step::kEnd : Step::kPause;
}

void ResultStream::Write(graph::ValueSink* sink) const {
  const uint16_t row = batch_->RowAt(next_row_);
  for (const uint32_t slot : statement_->plan.columns) WriteCell(*batch_, slot, row, sink);
}

std::optional<PlanNode> ResultStream::Plan() const {
  if (statement_->mode == StatementMode::kRun) return std::nullopt;
  return ToPlanNode(*statement_->plan.home.root, run_.has_value() ? &run_->root() : nullptr);
}

PlanNode ResultStream::ToPlanNode(const query::plan::Operator& node,
                                  const exec::Operator* run) const {
  PlanNode shown;
  shown.operator_type = NameOf(node);
  shown.identifiers = node.identifiers;
  if (!node.details.empty()) shown.arguments.emplace_back("Details", Value::String(node.details));
  if (run != nullptr) {
    shown.rows = static_cast<int64_t>(run->row_count());
    shown.arguments.emplace_back("Rows", Value::Integer(shown.rows));
  }
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const exec::Operator* const input = run == nullptr ? nullptr : run->inputs()[i].get();
    shown.children.push_back(ToPlanNode(*node.inputs[i], input));
  }
  const query::plan::Fragment* const inner = InnerOf(node);
  if (inner != nullptr) shown.children.push_back(ToPlanNode(*inner->root, nullptr));
  return shown;
}

}  // namespace tidemark::session
