// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/input.h"

#include <utility>

#include "base/check.h"

namespace tidemark::exec {

Input::Input(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context), rows_(context->input) {
  CHECK(rows_) << "a fragment runs without rows";
  CHECK_EQ(rows_->slot_count(), query::plan::As<query::plan::Input>(plan).slot_count);
}

absl::StatusOr<Pulled> Input::Next(query::BatchRef* batch) {
  if (!rows_ || rows_->selected_count() == 0) return Pulled::kEnd;
  query::Column* const numbers = rows_->AddColumn(query::ColumnKind::kInteger);
  for (size_t row = 0; row < rows_->row_count(); ++row) numbers->SetWord(row, row);
  *batch = std::exchange(rows_, query::BatchRef());
  return Pulled::kBatch;
}

}  // namespace tidemark::exec
