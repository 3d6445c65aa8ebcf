// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/for_each_row.h"

#include <algorithm>

#include "base/status.h"
#include "exec/operators/rows.h"
#include "query/functions/failures.h"

namespace tidemark::exec {

absl::StatusOr<Pulled> ForEachRow::Next(query::BatchRef* batch) {
  while (room() > 0) {
    if (!is_row_open_) {
      if (!input_batch_ || next_row_ == input_batch_->selected_count()) {
        if (!parent_rows_.empty()) break;  // rows of another input batch go into another output
        ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
        if (pulled != Pulled::kBatch) return pulled;
      }
      if (!TakeUnits(1)) return Pulled::kPause;
      open_row_ = input_batch_->RowAt(next_row_++);
      RETURN_IF_ERROR(OpenRow(open_row_));
      is_row_open_ = true;
    }
    if (!TakeUnits(1)) return Pulled::kPause;
    ASSIGN_OR_RETURN(const bool done, Fill());
    is_row_open_ = !done;
  }
  RETURN_IF_ERROR(MakeOutput(batch));
  return Pulled::kBatch;
}

absl::StatusOr<Pulled> ForEachRow::PullInput() {
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch_));
  if (pulled != Pulled::kBatch) return pulled;
  if (input_batch_->depth() == query::kMaxParentDepth) {
    input_batch_ = query::Gather(context().pool, *input_batch_, unread());
  }
  next_row_ = 0;
  RETURN_IF_ERROR(OpenBatch());
  return Pulled::kBatch;
}

absl::Status ForEachRow::MakeOutput(query::BatchRef* batch) {
  const size_t count = parent_rows_.size();
  *batch = query::Batch::MakeChild(context().pool, input_batch_, count);
  (*batch)->set_row_count(count);
  std::copy_n(parent_rows_.begin(), count, (*batch)->parent_rows());
  MakeColumns(batch->get());
  parent_rows_.clear();
  Release();
  return Hold(BatchBytes(**batch));
}

absl::StatusOr<VertexId> VertexOf(const query::Cell& cell) {
  if (cell.type == graph::ValueType::kNull) return VertexId();
  if (cell.type != graph::ValueType::kVertex) {
    return query::TypeMismatch("NODE", ValueOf(cell));
  }
  return cell.form == query::Cell::Form::kValue ? cell.value().vertex() : VertexId(cell.word);
}

absl::Status VerticesOf(const query::Batch& batch, uint32_t slot, RowRange rows,
                        std::vector<VertexId>* vertices) {
  vertices->clear();
  for (size_t i = rows.first; i < rows.first + rows.count; ++i) {
    uint16_t row = batch.RowAt(i);
    const query::Column& column = batch.Resolve(slot, &row);
    if (column.kind() == query::ColumnKind::kVertex && !column.IsNull(row)) {
      vertices->emplace_back(column.words()[row]);
    } else {
      ASSIGN_OR_RETURN(const VertexId vertex, VertexOf(column.CellAt(row)));
      vertices->push_back(vertex);
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::exec
