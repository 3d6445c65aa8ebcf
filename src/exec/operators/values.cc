// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/values.h"

#include "base/status.h"

namespace tidemark::exec {

absl::StatusOr<Pulled> Values::Next(query::BatchRef* batch) {
  if (done_) return Pulled::kEnd;
  if (!TakeUnits(1)) return Pulled::kPause;
  done_ = true;
  *batch = query::Batch::Make(context().pool, 1);
  (*batch)->AddRow();
  RETURN_IF_ERROR(Hold((*batch)->memory_bytes()));
  return Pulled::kBatch;
}

}  // namespace tidemark::exec
