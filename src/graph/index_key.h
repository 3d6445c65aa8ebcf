// SPDX-License-Identifier: Apache-2.0
// Index keys: byte strings whose memcmp order is the openCypher order of the values they stand for,
// and which are equal exactly when the values are equal (1 and 1.0 give the same key).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/value.h"

namespace tidemark::graph {

inline constexpr size_t kMaxIndexKeyBytes = 8191;

// Appends the key of one value. Keys of several values are put one behind the other; the result
// still orders like the tuple. Null, maps and elements of the graph have no key (never indexed).
// kInvalidArgument when there is none or `*out` would get longer than kMaxIndexKeyBytes; then
// `*out` is as before.
absl::Status AppendIndexKey(const Value& value, std::string* out);

// The key of the properties `keys` of a packed property set; nullopt when one of them is missing.
absl::StatusOr<std::optional<std::string>> IndexKeyOf(std::string_view property_set,
                                                      absl::Span<const KeyId> keys);

// The range of keys of all strings that begin with `prefix`: [first, second).
std::pair<std::string, std::string> IndexKeyPrefixRange(std::string_view prefix);

// The smallest byte string above every key that begins with `key`: the end of an equality range
// over the first values of a tuple, and the begin of a range that excludes `key`. REQUIRES: not
// empty; a key or the begin of one.
std::string IndexKeySuccessor(std::string_view key);

// The range of keys of all values of one type, [first, second); integers and floats are one type.
// Empty when values of the type are never indexed.
std::pair<std::string, std::string> IndexKeyTypeRange(ValueType type);

// The slot whose owner keeps the unique-index entry of `index_key`, and where a vertex created with
// that key is placed.
SlotId SlotOfIndexKey(IndexId index, std::string_view index_key);

}  // namespace tidemark::graph
