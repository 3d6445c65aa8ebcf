// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/coding.h"
#include "graph/value.h"
#include "query/batch/batch.h"
#include "query/functions/environment.h"
#include "query/functions/signature.h"

namespace tidemark::query {

// Rows of a batch, one for each of some states.
struct RowsOfStates {
  const Batch& batch;
  absl::Span<const uint32_t> arguments;  // slots; none: count(*)
  size_t first = 0;                      // of the rows that count
};

// The state of one aggregating function in one group. Workers fill states of their own, which are
// sent as bytes and merged; the result does not depend on how rows were spread over them, but for
// the order of collect().
// Owner: an operator. Threads: one. Errors: of Cypher, as functions give them.
class Aggregate {
 public:
  virtual ~Aggregate() = default;

  // A row that counts `times` times. Nulls are passed over. A percentile is the second argument and
  // must be the same in all rows of a group. REQUIRES: as many arguments as the function takes.
  virtual absl::Status Add(absl::Span<const graph::Value> arguments, uint64_t times) = 0;
  // Takes in all rows of a batch that count, when it has a fast way for the column of its argument
  // (no arguments: count(*)); false: it has taken none, and wants each by Add. After an error the
  // state is of no use.
  virtual absl::StatusOr<bool> TryAddRows(const Batch& batch, absl::Span<const uint32_t> arguments);
  // Each of `states`, which all are of this state's function and may be there several times, takes
  // in one of the rows that count, from rows.first on. By how much they have grown. After an error
  // they are of no use. REQUIRES: CanAddEach.
  virtual absl::StatusOr<size_t> AddEach(const RowsOfStates& rows,
                                         absl::Span<Aggregate* const> states);
  // kResourceExhausted when a value is too large to be sent.
  virtual absl::Status AppendState(std::string* out) const = 0;
  // Adds what another state appended, in front of `reader`. kDataLoss when it is malformed; this
  // state is then of no use.
  virtual absl::Status MergeState(ByteReader* reader) = 0;
  virtual ValueOr Finish() const = 0;
  // What the state takes, for the account of the query.
  virtual size_t memory_bytes() const = 0;
};

// count(*) is count of anything that is not null. REQUIRES: kind != kNone.
std::unique_ptr<Aggregate> MakeAggregate(AggregateKind kind, bool distinct);

// Whether states of the function, without DISTINCT, have a way to take in rows of this batch
// together: Aggregate::AddEach.
bool CanAddEach(AggregateKind kind, const Batch& batch, absl::Span<const uint32_t> arguments);

}  // namespace tidemark::query
