// SPDX-License-Identifier: Apache-2.0
// Batches as bytes, for frames between nodes; docs/formats/batch.md has the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "query/batch/batch.h"

namespace tidemark::query {

// The rows that count with all slots: what Gather makes. kResourceExhausted when an expression has
// built a value that is too large to be encoded; `*out` is then of no use.
absl::Status AppendBatch(const Batch& batch, std::string* out);
// The same of `count` of these rows, from the one with this number on. False when they would take
// more than `max_bytes`: that is found out before much more than these are written, and `*out` is
// then of no use.
absl::StatusOr<bool> AppendRows(const Batch& batch, size_t first, size_t count, size_t max_bytes,
                                std::string* out);
// The batch that fills all of `bytes`. Any bytes are safe: kDataLoss says what is wrong with them,
// and nothing is allocated that the bytes do not pay for.
absl::StatusOr<BatchRef> DecodeBatch(SlabPool* pool, std::string_view bytes);

}  // namespace tidemark::query
