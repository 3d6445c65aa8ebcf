// SPDX-License-Identifier: Apache-2.0
// What operators that keep or copy rows share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "graph/value.h"
#include "query/batch/batch.h"

namespace tidemark::exec {

// About what a value takes, with everything in it. Of large lists and maps some elements stand for
// all, so that this takes a bounded time.
size_t EstimateBytes(const graph::Value& value);
// What the values of a column take beside the batch itself, for the rows that count. A value that
// several rows share one after the other counts once.
size_t ValueBytes(const query::Batch& batch, const query::Column& column);

// A batch of the rows that count with these slots alone, as columns of its own. Multiplicities are
// kept.
query::BatchRef CopySlots(query::SlabPool* pool, const query::Batch& batch,
                          absl::Span<const uint32_t> slots);

// The same of the rows that are given by their numbers.
query::BatchRef CopyRows(query::SlabPool* pool, const query::Batch& batch,
                         absl::Span<const uint16_t> rows, absl::Span<const uint32_t> slots);

// Copies of the columns of `from`, from a column on, at the end of a batch of as many rows.
// REQUIRES: `from` has neither parents nor a selection.
void AddCopies(const query::Batch& from, size_t first_column, query::Batch* to);

// What a batch with its values takes.
size_t BatchBytes(const query::Batch& batch);

// The slots whose values may take much: of texts, lists and maps.
std::vector<uint32_t> SlotsOfValues(const query::Batch& batch, absl::Span<const uint32_t> slots);
// What a row has in such slots.
size_t RowBytes(const query::Batch& batch, absl::Span<const uint32_t> slots, uint16_t row);

// How many of the rows that count, from the one with this number on, take at most `max_bytes` in
// these slots where each has its values for itself, as in a frame: one at least.
size_t RowsWithin(const query::Batch& batch, absl::Span<const uint32_t> slots, size_t first,
                  size_t max_bytes);

}  // namespace tidemark::exec
