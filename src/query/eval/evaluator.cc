// SPDX-License-Identifier: Apache-2.0
#include "query/eval/evaluator.h"

#include "base/check.h"
#include "base/status.h"
#include "query/eval/run.h"
#include "query/functions/failures.h"

namespace tidemark::query::eval {

using graph::Value;
using graph::ValueType;

namespace {

// More than any program takes.
constexpr int64_t kUnitsToTheEnd = int64_t{1} << 60;

absl::Status RunToTheEnd(Evaluator* evaluator) {
  int64_t units = 0;
  return evaluator->Finish(&units);
}

}  // namespace

Evaluator::Evaluator(const Program* program, Environment* environment)
    : run_(std::make_unique<Run>(program, environment)) {}
Evaluator::~Evaluator() = default;

void Evaluator::Start(Batch* batch) { run_->Start(batch); }
absl::StatusOr<bool> Evaluator::Continue(int64_t* units) { return run_->Continue(units); }
void Evaluator::Reset() { run_->Reset(); }

Value Evaluator::ResultAt(uint16_t row) const { return run_->result().ValueAt(row); }

absl::Status Evaluator::Finish(int64_t* units) {
  run_->set_calls_at_once();
  int64_t left = kUnitsToTheEnd;
  ASSIGN_OR_RETURN(const bool is_done, run_->Continue(&left));
  CHECK(is_done);
  *units -= kUnitsToTheEnd - left;
  return absl::OkStatus();
}

Column* Evaluator::AddResult() {
  CHECK(run_->is_done());
  const Column& from = run_->result();
  Batch* const batch = run_->batch();
  Column* const column = batch->AddColumn(from.kind());
  if (from.kind() == ColumnKind::kConstant) {
    column->SetValue(0, from.values()[0]);
    return column;
  }
  if (from.sources() != nullptr) column->MakeEnds();
  // Text is in the batch or in one that it hangs on.
  batch->ForEachRow([&](uint16_t row) { column->ShareCell(row, from, row); });
  return column;
}

absl::Status Evaluator::KeepTrue() {
  CHECK(run_->is_done());
  const Column& condition = run_->result();
  Batch* const batch = run_->batch();
  if (condition.kind() == ColumnKind::kBoolean && !condition.has_nulls()) {
    const uint64_t* const words = condition.words();
    batch->Filter([words](uint16_t row) { return words[row] != 0; });
    return absl::OkStatus();
  }
  absl::Status status;
  batch->Filter([&](uint16_t row) {
    const Cell cell = condition.CellAt(row);
    if (cell.type == ValueType::kBoolean) return cell.word != 0;
    if (cell.type != ValueType::kNull && status.ok()) {
      status = run_->NotBoolean(condition.ValueAt(row));
    }
    return false;
  });
  return status;
}

absl::StatusOr<Column*> Evaluate(const Program& program, Batch* batch, Environment* environment) {
  Evaluator evaluator(&program, environment);
  evaluator.Start(batch);
  RETURN_IF_ERROR(RunToTheEnd(&evaluator));
  return evaluator.AddResult();
}

absl::Status Filter(const Program& program, Batch* batch, Environment* environment) {
  Evaluator evaluator(&program, environment);
  evaluator.Start(batch);
  RETURN_IF_ERROR(RunToTheEnd(&evaluator));
  return evaluator.KeepTrue();
}

ValueOr EvaluateOnce(const Program& program, Environment* environment) {
  const BatchRef batch = Batch::Make(environment->pool, 1);
  batch->set_row_count(1);
  Evaluator evaluator(&program, environment);
  evaluator.Start(batch.get());
  RETURN_IF_ERROR(RunToTheEnd(&evaluator));
  return evaluator.ResultAt(0);
}

}  // namespace tidemark::query::eval
