// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/union.h"

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

absl::StatusOr<Pulled> Union::Next(query::BatchRef* batch) {
  const auto& columns = query::plan::As<query::plan::Union>(plan()).columns;
  for (; next_input_ < plan().inputs.size(); ++next_input_) {
    query::BatchRef rows;
    ASSIGN_OR_RETURN(const Pulled pulled, input(next_input_).Pull(&rows));
    if (pulled == Pulled::kEnd) continue;
    if (pulled != Pulled::kBatch) return pulled;
    *batch = CopySlots(context().pool, *rows, columns[next_input_]);
    Release();
    RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
    return Pulled::kBatch;
  }
  return Pulled::kEnd;
}

}  // namespace tidemark::exec
