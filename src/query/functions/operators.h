// SPDX-License-Identifier: Apache-2.0
// The operators of Cypher over values of any type. Null in, null out, unless a comment says
// otherwise; operands of a wrong type are errors. Typed kernels give the same answers faster.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "graph/value.h"
#include "graph/value_order.h"
#include "query/functions/environment.h"

namespace tidemark::query {

graph::Value ToValue(graph::Ternary ternary);

// Three-valued logic. An operand that is an error, or neither a boolean nor null, counts only when
// the other one does not decide: false AND error is false, in either order.
ValueOr And(const ValueOr& a, const ValueOr& b);
ValueOr Or(const ValueOr& a, const ValueOr& b);
ValueOr Xor(const ValueOr& a, const ValueOr& b);
ValueOr Not(const graph::Value& value);
// What WHERE and WHEN ask: null is false. Another type than boolean is an error.
absl::StatusOr<bool> IsTrue(const graph::Value& value);

graph::Value IsEqual(const graph::Value& a, const graph::Value& b);
graph::Value IsNotEqual(const graph::Value& a, const graph::Value& b);
graph::Value IsLess(const graph::Value& a, const graph::Value& b);
graph::Value IsLessOrEqual(const graph::Value& a, const graph::Value& b);
// `null IN []` is false.
ValueOr IsIn(const graph::Value& value, const graph::Value& list);

// Numbers; strings with strings and numbers; lists with lists and with single elements.
ValueOr Add(Environment* environment, const graph::Value& a, const graph::Value& b);
ValueOr Subtract(const graph::Value& a, const graph::Value& b);
ValueOr Multiply(const graph::Value& a, const graph::Value& b);
// Integers are cut towards zero.
ValueOr Divide(const graph::Value& a, const graph::Value& b);
// Has the sign of the dividend.
ValueOr Remainder(const graph::Value& a, const graph::Value& b);
// Always a float.
ValueOr Power(const graph::Value& a, const graph::Value& b);
ValueOr Negate(const graph::Value& a);
ValueOr UnaryPlus(const graph::Value& a);
// `||`: two strings or two lists.
ValueOr Concatenate(Environment* environment, const graph::Value& a, const graph::Value& b);

// Null when an operand is no string.
graph::Value StartsWith(const graph::Value& text, const graph::Value& prefix);
graph::Value EndsWith(const graph::Value& text, const graph::Value& suffix);
graph::Value ContainsText(const graph::Value& text, const graph::Value& part);

// value.key: of a map, an element, a point. Also what makes `m['key']` of a map.
ValueOr PropertyOf(Environment* environment, const graph::Value& value, std::string_view key);
// value[index]: a list by number, from its end when negative; a map or element by name.
ValueOr ElementAt(Environment* environment, const graph::Value& value, const graph::Value& index);
// list[from..to]; what is left out is a null pointer, a bound that is null gives null.
ValueOr Slice(const graph::Value& list, const graph::Value* from, const graph::Value* to);

}  // namespace tidemark::query
