// SPDX-License-Identifier: Apache-2.0
// Rows as keys of groups and DISTINCT: equivalence, under which null is null, NaN is NaN and 1 is
// 1.0, and a hash that agrees with it.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "query/batch/batch.h"
#include "query/batch/row_compare.h"

namespace tidemark::query {

// As graph::HashValue of the value; the same on every node.
uint64_t HashCell(const Cell& cell);
uint64_t HashRow(const RowRef& row, absl::Span<const uint32_t> slots);
// Adds the hash of one column to `hashes`, one for each row that counts, in their order.
// REQUIRES: as many hashes. Begin with zeros; the columns in the order of `slots` give HashRow.
void HashColumn(const Batch& batch, uint32_t slot, absl::Span<uint64_t> hashes);

bool EquivalentCells(const Cell& a, const Cell& b);
bool EquivalentRows(const RowRef& a, const RowRef& b, absl::Span<const uint32_t> slots);

}  // namespace tidemark::query
