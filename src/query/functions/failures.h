// SPDX-License-Identifier: Apache-2.0
// What functions and operators answer when their arguments are wrong. The statuses carry an Error
// (query/text/error.h) without a place in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "graph/value.h"
#include "query/functions/cypher_type.h"
#include "query/text/error.h"

namespace tidemark::query {

// A list has no more elements.
inline constexpr size_t kMaxListElements = 100'000'000;

// Its type and its text, cut: STRING "abc".
std::string DescribeValue(const graph::Value& value);

absl::Status Failure(ErrorId id, std::initializer_list<std::string_view> arguments);
absl::Status TypeMismatch(std::string_view expected, const graph::Value& actual);
// REQUIRES: `what` is an operation, such as "1 + 2" or "abs()".
absl::Status IntegerOverflow(std::string_view what);
absl::Status NotSupportedYet(std::string_view what);

// OK when a string of that many bytes, a list of that many elements may be made.
absl::Status CheckTextBytes(size_t bytes);
absl::Status CheckListSize(size_t count);
// The same when what one node or relationship stores takes that many bytes, encoded.
absl::Status CheckStoredBytes(size_t bytes);
// OK when a node may have that many labels.
absl::Status CheckLabelCount(size_t count);

}  // namespace tidemark::query
