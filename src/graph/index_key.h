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
// still orders like the tuple. Null has no key (never indexed). kInvalidArgument when the key would
// be longer than kMaxIndexKeyBytes.
absl::Status AppendIndexKey(const Value& value, std::string* out);

// The key of the properties `keys` of a packed property set; nullopt when one of them is missing.
absl::StatusOr<std::optional<std::string>> IndexKeyOf(std::string_view property_set,
                                                      absl::Span<const KeyId> keys);

// The range of keys of all strings that begin with `prefix`: [first, second).
std::pair<std::string, std::string> IndexKeyPrefixRange(std::string_view prefix);

// The slot whose owner keeps the unique-index entry of `index_key`, and where a vertex created with
// that key is placed.
SlotId SlotOfIndexKey(IndexId index, std::string_view index_key);

}  // namespace tidemark::graph
