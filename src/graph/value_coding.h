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

// An encoded string is a head and its text. Writes the head and gives its size.
inline constexpr size_t kMaxTextHeadBytes = 11;
size_t WriteTextHead(size_t text_bytes, char* head);

// For bytes that have been checked before, without their length: what the store holds, or what
// DecodeValue would take. REQUIRES: `encoded` is the address of a well-formed value.
Value DecodeTrusted(const char* encoded);
ValueType TypeOfTrusted(const char* encoded);
std::string_view BytesOfTrusted(const char* encoded);
// The value itself, when it is a boolean, an integer or a float: 0 or 1, the bits of the number.
// False for all others.
bool WordOfTrusted(const char* encoded, ValueType* type, uint64_t* word);
// REQUIRES: a string.
std::string_view TextOfTrusted(const char* encoded);

}  // namespace tidemark::graph
