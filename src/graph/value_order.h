// SPDX-License-Identifier: Apache-2.0
// How values compare, as openCypher has it: three different questions with three answers.
//   Equals, Less, LessOrEqual   the operators = < <=: may answer "unknown"
//   Compare                     ORDER BY, min and max: a total order over all values
//   Equivalent, HashValue       DISTINCT, grouping, keys: null is null, NaN is NaN
// Integers and floats compare by their exact mathematical value, everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "graph/value.h"

namespace tidemark::graph {

enum class Ternary : uint8_t { kFalse, kTrue, kUnknown };

// a = b. Unknown when a null decides; NaN equals nothing; values of different types are not equal.
Ternary Equals(const Value& a, const Value& b);
// a < b and a <= b. Unknown for nulls and for values that have no order between them: different
// types, different points, different durations. NaN is in no order with a number: false. Lists and
// false. Lists and maps are decided by their first pair that is not equal; null and NaN there leave
// it unknown. Elements of the graph and paths are in the order of Compare.
Ternary Less(const Value& a, const Value& b);
Ternary LessOrEqual(const Value& a, const Value& b);

// Negative, zero or positive. By type first, in the order of ValueType with null last; integers and
// floats are one type, NaN the largest number. Zero exactly when Equivalent.
int Compare(const Value& a, const Value& b);
// The order of the types alone; zero for one type, and for integer and float.
int CompareTypes(ValueType a, ValueType b);
// The same for numbers and text that are not yet values. NaN is the largest number. A text that
// both share is not gone through: it may be megabytes.
int CompareTexts(std::string_view a, std::string_view b);
int CompareFloats(double a, double b);
int CompareIntegerWithFloat(int64_t a, double b);

bool Equivalent(const Value& a, const Value& b);
// The one of equivalent values that stands for all: integers for floats, 0.0 for -0.0, also inside
// lists, maps and points. It does not depend on which came first. REQUIRES: Equivalent(a, b).
Value Representative(const Value& a, const Value& b);

// Equal for equivalent values; the same on every machine and in every run.
uint64_t HashValue(const Value& value);
// What HashValue gives for a value of that type.
uint64_t HashNull();
uint64_t HashBoolean(bool value);
uint64_t HashInteger(int64_t value);
uint64_t HashFloat(double value);
uint64_t HashText(std::string_view text);
uint64_t HashVertex(VertexId vertex);
uint64_t HashEdge(EdgeId edge);

// For hash tables whose keys are values.
struct ValueHash {
  size_t operator()(const Value& value) const { return HashValue(value); }
};
struct ValueEquivalent {
  bool operator()(const Value& a, const Value& b) const { return Equivalent(a, b); }
};

}  // namespace tidemark::graph
