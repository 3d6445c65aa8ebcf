// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "graph/value.h"
#include "query/batch/batch.h"
#include "query/eval/environment.h"
#include "query/eval/evaluator.h"
#include "query/plan/operator.h"

namespace tidemark::exec {

// The id of an element, as a number or as the text of one; 0 for all else.
uint64_t IdOf(const graph::Value& value);

// What a seek asks for by equality, for each row of a batch: the worker looks for it, and home
// sends the row to the worker that has it.
// Owner: an operator. Threads: the loop. Errors: of the expressions.
class SeekKeys {
 public:
  // Both outlive it.
  SeekKeys(const std::vector<query::eval::Program>& values, query::eval::Environment* environment);

  // Computes the values for all rows. Such programs are constants, parameters and properties: a
  // batch of them takes no longer than a slice. Takes from `units` what it used.
  absl::Status Open(query::Batch* rows, int64_t* units);
  // Nothing when one of the values has no key: such a value is no property, so nothing equals it.
  std::optional<std::vector<graph::Value>> ValuesAt(uint16_t row) const;
  // Of a unique index: the keys under which the vertex of a row may be.
  absl::StatusOr<std::vector<std::string>> UniqueKeysAt(uint16_t row) const;
  // Of the id of an element.
  uint64_t IdAt(uint16_t row) const { return IdOf(ValueAt(row)); }
  // Of the first program.
  graph::Value ValueAt(uint16_t row) const { return evaluators_[0]->ResultAt(row); }

 private:
  std::vector<std::unique_ptr<query::eval::Evaluator>> evaluators_;
};

// Computes one program for all rows, without a break.
absl::Status EvaluateAll(query::eval::Evaluator* evaluator, query::Batch* rows, int64_t* units);

// Whether the value can be a key of an index.
bool HasIndexKey(const graph::Value& value);

}  // namespace tidemark::exec
