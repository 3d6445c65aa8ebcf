// SPDX-License-Identifier: Apache-2.0
// The rows of batches in which changes go to a worker, and what came of them comes back.
// docs/formats/changes.md has the columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "exec/change.h"
#include "query/batch/batch.h"
#include "query/plan/operator.h"

namespace tidemark::exec {

inline constexpr size_t kChangeColumnCount = 8;

// A row for each change, at most query::kMaxBatchRows.
query::BatchRef MakeChangeRows(query::SlabPool* pool, absl::Span<const Change> changes);
// The change in a row, whose columns begin at a slot. kInvalidArgument when the row is malformed:
// every id, length, property set and value is checked.
absl::StatusOr<Change> ReadChange(const query::Batch& batch, size_t first_slot, uint16_t row);

// The number of the cause, then the columns of a change.
query::BatchRef MakeOutputRows(query::SlabPool* pool, absl::Span<const ChangeOutput> outputs);
absl::StatusOr<ChangeOutput> ReadOutput(const query::Batch& batch, uint16_t row);

// The fragment that makes the changes of its Input, and gives their outputs.
const query::plan::Remote& ChangeFragment();

// What is known of a change that failed beside the status, of which it is a payload on the way.
struct ChangeFailure {
  size_t row = 0;
  // After an error because of a constraint: a change of a key with the constraint's index, the
  // vertex, and the key that is taken (empty when a property is missing).
  std::optional<Change> refused;
};
absl::Status WithFailure(const absl::Status& status, const ChangeFailure& failure);
// Nothing when there is no such payload.
std::optional<ChangeFailure> FailureOf(const absl::Status& status);

}  // namespace tidemark::exec
