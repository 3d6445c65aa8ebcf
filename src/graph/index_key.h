// SPDX-License-Identifier: Apache-2.0
// Index keys: byte strings whose memcmp order is the openCypher order of the values they stand for,
// and which are equal exactly when the values are equal (1 and 1.0 give the same key).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// The same in `*out`, whose memory is used again; false when a property is missing.
absl::StatusOr<bool> IndexKeyInto(std::string_view property_set, absl::Span<const KeyId> keys,
                                  std::string* out);

// The key that a uniqueness constraint holds for a property set; nullopt when a property is missing
// or does not equal itself (NaN, and what contains NaN), so that no two such values clash. Where
// the constraint has one key, -0.0 and 0.0 have keys of their own; else as IndexKeyOf.
absl::StatusOr<std::optional<std::string>> UniqueKeyOf(std::string_view property_set,
                                                       absl::Span<const KeyId> keys);

// The keys, one or two, under which a uniqueness constraint holds vertices whose properties equal
// `values`; none when nothing can: a null or NaN is among them.
absl::StatusOr<std::vector<std::string>> UniqueKeysEqualTo(absl::Span<const Value> values);

// The key of all index entries whose values equal `values`; nullopt as above.
absl::StatusOr<std::optional<std::string>> IndexKeyEqualTo(absl::Span<const Value> values);

using IndexKeyRange = std::pair<std::string, std::string>;  // [first, second)

// The keys of the values from `first` on and below `last`. Values of different types do not
// compare, and NaN compares with nothing: the range reaches over the type of its bounds only, and a
// bound that is not given means the end of that type. nullopt when nothing can match: the bounds
// are of two types, or one is null or NaN. kInvalidArgument when both are not given or one cannot
// be indexed.
absl::StatusOr<std::optional<IndexKeyRange>> IndexKeyRangeBetween(const std::optional<Value>& first,
                                                                  const std::optional<Value>& last);

// The range of keys of all strings that begin with `prefix`: [first, second).
IndexKeyRange IndexKeyPrefixRange(std::string_view prefix);

// The smallest byte string above every key that begins with `key`: the end of an equality range
// over the first values of a tuple, and the begin of a range that excludes `key`. REQUIRES: not
// empty; a key or the begin of one.
std::string IndexKeySuccessor(std::string_view key);

// The range of keys of all values that are of one type and compare with each other: integers and
// floats are one type, NaN is left out. Empty when values of the type are never indexed.
IndexKeyRange IndexKeyTypeRange(ValueType type);

// The values of a key, for people: texts, numbers and truth values as one would write them (long
// texts cut short). Of the first value of another type it gives the name of the type, and stops.
std::vector<std::string> IndexKeyTexts(std::string_view key);

// The slot whose owner keeps the unique-index entry of `index_key`, and where a vertex created with
// that key is placed.
SlotId SlotOfIndexKey(IndexId index, std::string_view index_key);

}  // namespace tidemark::graph
