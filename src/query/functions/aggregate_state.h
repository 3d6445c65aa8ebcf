// SPDX-License-Identifier: Apache-2.0
// What the files of the aggregating functions share.
#pragma once

#include <initializer_list>
#include <memory>

#include "query/functions/aggregate.h"

namespace tidemark::query {

absl::Status MalformedState();
// A value in front of the reader; fails it when malformed.
graph::Value ReadEncodedValue(ByteReader* reader);
absl::Status AppendEncodedValue(const graph::Value& value, std::string* out);
void AppendWideInteger(__int128 value, std::string* out);
__int128 ReadWideInteger(ByteReader* reader);

// Whether the cells of a column are null or of these types, whose cells are their words.
bool HoldsOnly(const Column& column, std::initializer_list<graph::ValueType> types);
// Calls take(type, word) for the rows of such a column that count and are not null.
template <typename Take>
void ForEachWord(const Batch& batch, uint32_t slot, Take take) {
  batch.ForEachRow([&](uint16_t row) {
    uint16_t at = row;
    const Column& column = batch.Resolve(slot, &at);
    if (!column.IsNull(at)) take(column.TypeAt(at), column.words()[at]);
  });
}

// Calls take(state, type, word, times) for each state whose row is not null, in such a column.
template <typename Take>
void ForEachStateWord(const RowsOfStates& rows, absl::Span<Aggregate* const> states, Take take) {
  const bool has_multiplicity = rows.batch.has_multiplicity();
  for (size_t i = 0; i < states.size(); ++i) {
    const uint16_t row = rows.batch.RowAt(rows.first + i);
    uint16_t at = row;
    const Column& column = rows.batch.Resolve(rows.arguments[0], &at);
    if (column.IsNull(at)) continue;
    const uint64_t times = has_multiplicity ? rows.batch.MultiplicityAt(row) : 1;
    take(states[i], column.TypeAt(at), column.words()[at], times);
  }
}

std::unique_ptr<Aggregate> MakeSum(bool is_mean);
std::unique_ptr<Aggregate> MakeDeviation(bool of_population);
std::unique_ptr<Aggregate> MakePercentile(bool is_discrete);

}  // namespace tidemark::query
