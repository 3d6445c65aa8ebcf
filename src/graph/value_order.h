// SPDX-License-Identifier: Apache-2.0
// How values compare, as openCypher has it: three different questions with three answers.
//   Equals, Less, LessOrEqual   the operators = < <=: may answer "unknown"
//   Compare                     ORDER BY, min and max: a total order over all values
//   Equivalent, HashValue       DISTINCT, grouping, keys: null is null, NaN is NaN
// Integers and floats compare by their exact mathematical value, everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "graph/value.h"

namespace tidemark::graph {

enum class Ternary : uint8_t { kFalse, kTrue, kUnknown };

// a = b. Unknown when a null decides; NaN equals nothing; values of different types are not equal.
Ternary Equals(const Value& a, const Value& b);
// a < b and a <= b. Unknown for nulls and for values that have no order between them: different
// types, maps, points, durations, elements of the graph. NaN is in no order with a number: false.
Ternary Less(const Value& a, const Value& b);
Ternary LessOrEqual(const Value& a, const Value& b);

// Negative, zero or positive. By type first, in the order of ValueType with null last; integers and
// floats are one type, NaN the largest number. Zero exactly when Equivalent.
int Compare(const Value& a, const Value& b);

bool Equivalent(const Value& a, const Value& b);
// Equal for equivalent values; the same on every machine and in every run.
uint64_t HashValue(const Value& value);

// For hash tables whose keys are values.
struct ValueHash {
  size_t operator()(const Value& value) const { return HashValue(value); }
};
struct ValueEquivalent {
  bool operator()(const Value& a, const Value& b) const { return Equivalent(a, b); }
};

}  // namespace tidemark::graph
