// SPDX-License-Identifier: Apache-2.0
#include "graph/property_set.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "graph/property_limits.h"
#include "graph/value_coding.h"
#include "graph/value_format.h"

namespace tidemark::graph {
namespace {

// The bit of a byte of a varint that says that another one follows.
constexpr uint8_t kVarintMore = 0x80;

// An encoded value that is a property fills all of `bytes`.
bool IsPropertyValue(std::string_view bytes) {
  ByteReader reader(bytes);
  return SkipValue(&reader, ValueUse::kProperty) == nullptr && reader.done();
}

void AppendProperty(KeyId key, std::string_view encoded_value, std::string* out) {
  AppendVarint(out, key.value());
  out->append(encoded_value);
}

}  // namespace

absl::Status ValidatePropertySet(std::string_view bytes) {
  if (bytes.size() > kMaxPropertySetBytes) {
    return absl::DataLossError(absl::StrCat("property set of ", bytes.size(), " bytes"));
  }
  ByteReader reader(bytes);
  uint32_t previous_key = 0;
  const char* error = nullptr;
  while (error == nullptr && !reader.done()) {
    const uint32_t key = reader.Varint32();
    if (!reader.ok()) error = "key cut off";
    // Key ids start at 1, so this refuses key 0 too.
    else if (key <= previous_key)
      error = "keys not in ascending order";
    else
      error = SkipValue(&reader, ValueUse::kProperty);
    previous_key = key;
  }
  if (error == nullptr) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("malformed property set, key ", previous_key, " at byte ",
                                          bytes.size() - reader.remaining(), ": ", error));
}

absl::Status ValidateProperty(std::string_view encoded_value) {
  if (IsPropertyValue(encoded_value)) return absl::OkStatus();
  return absl::DataLossError("malformed property value");
}

std::optional<std::string_view> FindProperty(std::string_view set, KeyId key) {
  for (PropertyCursor property(set); property.valid(); property.Advance()) {
    if (property.key() >= key) {
      if (property.key() == key) return property.encoded_value();
      break;
    }
  }
  return std::nullopt;
}

void FindProperties(std::string_view set, absl::Span<const KeyId> keys, const char** values) {
  const char* p = set.data();
  const char* const end = p + set.size();
  size_t next = 0;
  while (p != end && next < keys.size()) {
    uint32_t key = static_cast<uint8_t>(*p++);
    if (key >= kVarintMore) {
      key &= kVarintMore - 1;
      for (int shift = 7;; shift += 7) {
        const auto byte = static_cast<uint8_t>(*p++);
        key |= static_cast<uint32_t>(byte & (kVarintMore - 1)) << shift;
        if (byte < kVarintMore) break;
      }
    }
    while (next < keys.size() && keys[next].value() < key) values[next++] = nullptr;
    while (next < keys.size() && keys[next].value() == key) values[next++] = p;
    p = EndOfTrusted(p);
  }
  std::fill(values + next, values + keys.size(), nullptr);
}

std::string WithProperty(std::string_view set, KeyId key, std::string_view encoded_value) {
  std::string out;
  out.reserve(set.size() + kMaxVarint64Bytes + encoded_value.size());
  bool placed = encoded_value.empty();
  for (PropertyCursor property(set); property.valid(); property.Advance()) {
    if (!placed && property.key() >= key) {
      AppendProperty(key, encoded_value, &out);
      placed = true;
    }
    if (property.key() != key) AppendProperty(property.key(), property.encoded_value(), &out);
  }
  if (!placed) AppendProperty(key, encoded_value, &out);
  return out;
}

absl::Status PackProperties(std::vector<std::pair<KeyId, std::string>> encoded_values,
                            std::string* out) {
  std::sort(encoded_values.begin(), encoded_values.end());
  std::string packed;
  for (size_t i = 0; i < encoded_values.size(); ++i) {
    const auto& [key, value] = encoded_values[i];
    if (i > 0 && key == encoded_values[i - 1].first) {
      return absl::InvalidArgumentError(absl::StrCat("property key ", key.value(), " given twice"));
    }
    if (value.size() == 1 && static_cast<uint8_t>(value[0]) == kTagNull) continue;
    if (key == KeyId() || !IsPropertyValue(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("property ", key.value(), ": not a value that can be stored"));
    }
    AppendProperty(key, value, &packed);
  }
  const absl::Status size = CheckPropertySetBytes(packed.size());
  if (!size.ok()) return size;
  out->append(packed);
  return absl::OkStatus();
}

PropertyCursor::PropertyCursor(std::string_view set) : reader_(set) { Advance(); }

void PropertyCursor::Advance() {
  valid_ = !reader_.done();
  if (!valid_) return;
  key_ = KeyId(reader_.Varint32());
  const char* begin = reader_.position();
  const char* error = SkipValue(&reader_, ValueUse::kAny);
  CHECK(error == nullptr) << error;
  value_ = std::string_view(begin, static_cast<size_t>(reader_.position() - begin));
}

}  // namespace tidemark::graph
