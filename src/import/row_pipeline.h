// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "import/row_batch.h"

namespace tidemark::csv_import {

// What happens to each batch of rows, one stage after the other.
struct RowStages {
  // Fills the next batch; false when there is none. On one thread.
  std::function<absl::StatusOr<bool>(RowBatch*)> read;
  // On any thread, several batches at the same time.
  std::function<void(RowBatch*)> parse;
  // On the caller's thread, in the order of reading: the result does not depend on the threads.
  std::function<absl::Status(RowBatch*)> take;
};

// Takes every batch through the stages with `parser_count` threads for parsing and one for reading;
// a bounded number of batches is under way. Blocks. Errors: the first of read and take; no batch
// behind it is taken. REQUIRES: parser_count > 0.
absl::Status RunRowPipeline(const RowStages& stages, uint32_t parser_count);

}  // namespace tidemark::csv_import
