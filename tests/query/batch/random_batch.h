// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "graph/value.h"
#include "query/batch/batch.h"
#include "tests/graph/random_values.h"

namespace tidemark::query {

using ModelRow = std::vector<graph::Value>;

// Makes batches of any shape. The same seed gives the same batches. Threads: one.
class RandomBatches {
 public:
  RandomBatches(uint64_t seed, SlabPool* pool) : values_(seed), pool_(pool) {}

  graph::RandomValues* values() { return &values_; }
  // A batch with a parent chain of up to kMaxParentDepth, selections and multiplicities.
  BatchRef Any();
  // One column of each kind, edges with their ends.
  BatchRef OfEveryKind(size_t rows);
  ColumnKind AnyKind();

 private:
  void Fill(Batch* batch, size_t rows);
  void FillColumn(Column* column, size_t rows);
  void SetAny(Column* column, size_t row);
  void Narrow(Batch* batch);

  graph::RandomValues values_;
  SlabPool* const pool_;
};

// The rows that count, read a value at a time.
std::vector<ModelRow> RowsOf(const Batch& batch);
// The same values of the same types, bit for bit.
bool SameRows(const std::vector<ModelRow>& a, const std::vector<ModelRow>& b);
std::vector<uint64_t> MultiplicitiesOf(const Batch& batch);

}  // namespace tidemark::query
