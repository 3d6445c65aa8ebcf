// SPDX-License-Identifier: Apache-2.0
#include "session/result_stream.h"

#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"
#include "session/plan_node.h"

namespace tidemark::session {

using graph::Value;
using query::Cell;

namespace {

// What a plan takes for a byte of its statement's text.
constexpr size_t kPlanBytesPerByte = 32;

// A row is not broken off before so much of it is written.
constexpr int64_t kLeastPieceUnits = 64;
// From so many bytes on it is worth a look at the whole row whether it can be sent at all.
constexpr size_t kLargeTextBytes = 64 << 10;

}  // namespace

ResultStream::ResultStream(std::shared_ptr<const PreparedStatement> statement,
                           exec::QueryInput input, const Context& context)
    : statement_(std::move(statement)),
      input_(std::move(input)),
      workers_(context.backend, context.tx, context.host.pool, &input_),
      pool_(context.host.pool),
      writer_(context.backend, context.tx),
      procedures_(context.backend, context.executor),
      wake_(context.wake) {
  // A command of the schema takes effect when its transaction is committed.
  if (statement_->mode == StatementMode::kExplain || statement_->command.has_value()) return;
  input_.statement = statement_->text.string();
  input_.is_profiled = statement_->mode == StatementMode::kProfile;
  background_.emplace(context.executor, [this] {
    if (std::exchange(waits_for_call_, false)) wake_();
  });
  exec::QueryHost host = context.host;
  host.background = &*background_;
  const exec::QueryPorts ports{&workers_, &writer_, &procedures_, context.wake};
  run_.emplace(statement_->plan, input_, host, ports);
}

bool ResultStream::is_large() const {
  size_t bytes = statement_->text.string().size() * kPlanBytesPerByte;
  if (run_.has_value()) bytes += run_->account()->used_bytes();
  for (const Value& parameter : input_.parameters) bytes += exec::EstimateBytes(parameter);
  return bytes > exec::kMaxFreeAtOnceBytes;
}

uint64_t ResultStream::Close() {
  workers_.Close();
  writer_.Close();
  procedures_.Close();
  if (background_.has_value()) background_->Close();
  return run_.has_value() ? run_->account()->Detach() : 0;
}

absl::StatusOr<ResultStream::Step> ResultStream::Find(int64_t* units) {
  if (!run_.has_value()) return Step::kEnd;
  while (is_kept_ && !kept_.empty()) {
    if (next_row_ < kept_.front().batch->selected_count()) return Step::kRow;
    kept_.pop_front();
    next_row_ = 0;
  }
  if (is_kept_) return Step::kEnd;
  if (batch_ && next_row_ < batch_->selected_count()) return Step::kRow;
  batch_ = query::BatchRef();
  next_row_ = 0;
  ASSIGN_OR_RETURN(exec::Pulled pulled, run_->Pull(units, &batch_));
  // A statement without RETURN has no rows, whatever comes out of its last clause.
  while (pulled == exec::Pulled::kBatch && statement_->columns.empty()) {
    *units -= static_cast<int64_t>(batch_->row_count() * batch_->slot_count());
    batch_ = query::BatchRef();
    if (*units <= 0) return Step::kPause;
    ASSIGN_OR_RETURN(pulled, run_->Pull(units, &batch_));
  }
  if (pulled == exec::Pulled::kBatch) return Step::kRow;
  if (pulled == exec::Pulled::kWait) return Step::kWait;
  if (pulled == exec::Pulled::kEnd) return Step::kEnd;
  waits_for_call_ = run_->waits_for_call();
  return waits_for_call_ ? Step::kWait : Step::kPause;
}

absl::StatusOr<ResultStream::Step> ResultStream::KeepRows(int64_t* units) {
  while (!is_kept_) {
    ASSIGN_OR_RETURN(const Step step, Find(units));
    if (step == Step::kEnd) {
      is_kept_ = true;
      next_row_ = 0;
    } else if (step == Step::kRow) {
      RETURN_IF_ERROR(KeepBatch());
      if (*units <= 0) return Step::kPause;
    } else {
      return step;
    }
  }
  return Step::kEnd;
}

// The rest of the batch, whose first rows may have been taken.
absl::Status ResultStream::KeepBatch() {
  size_t row_number = 0;
  batch_->Filter([&](uint16_t) { return row_number++ >= next_row_; });
  KeptRows kept;
  kept.batch = exec::CopySlots(pool_, *batch_, statement_->plan.columns);
  ASSIGN_OR_RETURN(kept.elements, run_->elements().Copy());
  RETURN_IF_ERROR(kept_hold_.Add(run_->account(), exec::BatchBytes(*kept.batch)));
  kept_.push_back(std::move(kept));
  batch_ = query::BatchRef();
  next_row_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<ResultStream::Step> ResultStream::PassOver(int64_t* units) {
  while (true) {
    ASSIGN_OR_RETURN(const Step step, Find(units));
    if (step != Step::kRow) return step;
    Skip();
    if (--*units <= 0) return Step::kPause;
  }
}

ResultStream::Written ResultStream::Write(graph::ValueSink* sink, int64_t* units) {
  const int64_t units_before = *units;
  const size_t column_count = statement_->plan.columns.size();
  while (next_column_ < column_count || !walk_.is_done()) {
    if (*units <= 0 && units_before - *units >= kLeastPieceUnits) return Written::kPart;
    if (!walk_.is_done()) {
      *units -= RowElements().Write(walk_.Next(), sink);
    } else if (!WriteColumn(next_column_++, sink, units)) {
      return Written::kTooLarge;
    }
    if (sink->is_full()) return Written::kTooLarge;
  }
  walk_.Clear();
  next_column_ = 0;
  ++next_row_;
  return Written::kRow;
}

bool ResultStream::WriteColumn(size_t column, graph::ValueSink* sink, int64_t* units) {
  const query::Batch& batch = RowBatch();
  const uint16_t row = batch.RowAt(next_row_);
  const Cell cell = batch.CellAt(SlotOf(column), row);
  --*units;
  switch (cell.type) {
    case graph::ValueType::kNull:
      sink->Null();
      return true;
    case graph::ValueType::kBoolean:
      sink->Boolean(cell.word != 0);
      return true;
    case graph::ValueType::kInteger:
      sink->Integer(cell.integer());
      return true;
    case graph::ValueType::kFloat:
      sink->Float(cell.real());
      return true;
    case graph::ValueType::kString: {
      const std::string_view text = cell.text();
      // Where it is plain that the row is too large, tens of megabytes are not written first.
      if (text.size() > kLargeTextBytes && TextBytes() > kMaxRowBytes) return false;
      *units -= exec::UnitsOfText(text.size());
      sink->String(text);
      return true;
    }
    case graph::ValueType::kList:
    case graph::ValueType::kMap:
      walk_.Begin(batch.ValueAt(SlotOf(column), row));
      return true;
    default: {
      const Value value = batch.ValueAt(SlotOf(column), row);
      *units -= RowElements().Write({nullptr, &value}, sink);
      return true;
    }
  }
}

size_t ResultStream::TextBytes() const {
  const query::Batch& batch = RowBatch();
  const uint16_t row = batch.RowAt(next_row_);
  size_t bytes = 0;
  for (size_t column = 0; column < statement_->plan.columns.size(); ++column) {
    const Cell cell = batch.CellAt(SlotOf(column), row);
    if (cell.type == graph::ValueType::kString) bytes += cell.text().size();
  }
  return bytes;
}

const query::Batch& ResultStream::RowBatch() const {
  return is_kept_ ? *kept_.front().batch : *batch_;
}

const exec::ElementTable& ResultStream::RowElements() const {
  return is_kept_ ? *kept_.front().elements : run_->elements();
}

uint32_t ResultStream::SlotOf(size_t column) const {
  return is_kept_ ? static_cast<uint32_t>(column) : statement_->plan.columns[column];
}

Counters ResultStream::counters() const {
  Counters counters;
  if (!run_.has_value()) return counters;
  const exec::WriteCounters& made = run_->counters();
  counters.nodes_created = made.vertices_created;
  counters.nodes_deleted = made.vertices_deleted;
  counters.relationships_created = made.edges_created;
  counters.relationships_deleted = made.edges_deleted;
  counters.properties_set = made.properties_set;
  counters.labels_added = made.labels_added;
  counters.labels_removed = made.labels_removed;
  return counters;
}

std::optional<PlanNode> ResultStream::Plan() const {
  if (statement_->mode == StatementMode::kRun) return std::nullopt;
  if (statement_->command.has_value()) return PlanNode{.operator_type = "SchemaCommand"};
  return ToPlanNode(*statement_->plan.home.root, run_.has_value() ? run_->profile() : nullptr);
}

}  // namespace tidemark::session
