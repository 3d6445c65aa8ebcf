// SPDX-License-Identifier: Apache-2.0
// The one encoding of values, for WAL, snapshot and wire. docs/formats/value.md has the grammar, a
// worked example and the limits.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/value.h"

namespace tidemark::graph {

// The limits kMaxValueBytes and kMaxValueDepth are in graph/value.h.

// kResourceExhausted when the value might be longer than kMaxValueBytes (every number is counted
// in its longest form). Values that come from outside or from expressions pass this first.
absl::Status CheckEncodable(const Value& value);

// REQUIRES: CheckEncodable(value).
void AppendValue(const Value& value, std::string* out);
std::string EncodeValue(const Value& value);
// The value that fills all of `bytes`. kDataLoss when malformed or beyond a limit.
absl::StatusOr<Value> DecodeValue(std::string_view bytes);
// The size of the encoded value at the front of `bytes`; kDataLoss when malformed. Allocates
// nothing.
absl::StatusOr<size_t> EncodedValueSize(std::string_view bytes);

}  // namespace tidemark::graph
