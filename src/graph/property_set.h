// SPDX-License-Identifier: Apache-2.0
// A property set is one packed byte string: for each property, in ascending order of key, the
// varint key and the encoded value (graph/value_coding.h). The empty string is the empty set; null
// values are never stored. docs/formats/value.md has the grammar.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/coding.h"
#include "base/ids.h"

namespace tidemark::graph {

inline constexpr size_t kMaxPropertySetBytes = 64 << 20;

// kDataLoss when `bytes` is not a well-formed property set within the limits.
absl::Status ValidatePropertySet(std::string_view bytes);

// kDataLoss when `encoded_value` is not exactly one encoded value that can be a property.
absl::Status ValidateProperty(std::string_view encoded_value);

// The encoded value of `key`, a view into `set`; nullopt when it has none.
// REQUIRES: `set` is valid.
std::optional<std::string_view> FindProperty(std::string_view set, KeyId key);

// The same for some keys, ascending, in one walk: the address of each encoded value in `values`,
// null when there is none. REQUIRES: `set` is valid, as many places as keys.
void FindProperties(std::string_view set, absl::Span<const KeyId> keys, const char** values);

// `set` with `key` set to the encoded value, or removed when `encoded_value` is empty.
// REQUIRES: `set` is valid, `encoded_value` is empty or valid.
std::string WithProperty(std::string_view set, KeyId key, std::string_view encoded_value);

// Packs properties in any order; nulls (encoded) are dropped; kInvalidArgument on a repeated key, a
// value that cannot be a property, or beyond kMaxPropertySetBytes.
absl::Status PackProperties(std::vector<std::pair<KeyId, std::string>> encoded_values,
                            std::string* out);

// Walks a valid set: for (PropertyCursor p(set); p.valid(); p.Advance()) ...
class PropertyCursor {
 public:
  explicit PropertyCursor(std::string_view set);
  bool valid() const { return valid_; }
  KeyId key() const { return key_; }
  std::string_view encoded_value() const { return value_; }
  void Advance();

 private:
  ByteReader reader_;
  bool valid_ = false;
  KeyId key_;
  std::string_view value_;
};

}  // namespace tidemark::graph
