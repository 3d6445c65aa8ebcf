// SPDX-License-Identifier: Apache-2.0
#include "graph/index_definition.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/coding.h"

namespace tidemark::graph {
namespace {

bool HasValidKeys(const IndexDefinition& definition) {
  const std::vector<KeyId>& keys = definition.keys;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == KeyId() ||
        std::find(keys.begin(), keys.begin() + i, keys[i]) != keys.begin() + i) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool IsValid(const IndexDefinition& definition) {
  const size_t key_count = definition.keys.size();
  const auto state = static_cast<uint8_t>(definition.state);
  if (definition.id == IndexId() || state < 1 || state > 3 || key_count > kMaxIndexKeyCount ||
      definition.name.size() > kMaxNameBytes || !HasValidKeys(definition)) {
    return false;
  }
  const bool on_label = definition.label != LabelId() && definition.type == TypeId();
  switch (definition.kind) {
    case IndexKind::kLabelProperty:
    case IndexKind::kUnique:
      return on_label && key_count >= 1;
    case IndexKind::kExists:
      return on_label && key_count == 1;
    case IndexKind::kEdgeType:
      return definition.label == LabelId() && definition.type != TypeId() && key_count == 0;
  }
  return false;
}

void AppendIndexDefinition(const IndexDefinition& definition, std::string* out) {
  CHECK(IsValid(definition)) << "index " << definition.id << " '" << definition.name << "'";
  AppendVarint(out, definition.id.value());
  AppendFixed8(out, static_cast<uint8_t>(definition.kind));
  AppendFixed8(out, static_cast<uint8_t>(definition.state));
  AppendVarint(out, definition.label.value());
  AppendVarint(out, definition.type.value());
  AppendVarint(out, definition.keys.size());
  for (KeyId key : definition.keys) AppendVarint(out, key.value());
  AppendBytes(out, definition.name);
}

absl::StatusOr<IndexDefinition> DecodeIndexDefinition(std::string_view bytes) {
  ByteReader reader(bytes);
  IndexDefinition definition;
  definition.id = IndexId(reader.Varint32());
  definition.kind = static_cast<IndexKind>(reader.Fixed8());
  definition.state = static_cast<IndexState>(reader.Fixed8());
  definition.label = LabelId(reader.Varint32());
  definition.type = TypeId(reader.Varint32());
  const uint64_t key_count = reader.Varint();
  if (key_count > kMaxIndexKeyCount) return absl::DataLossError("index definition: too many keys");
  for (uint64_t i = 0; i < key_count; ++i) definition.keys.push_back(KeyId(reader.Varint32()));
  const std::string_view name = reader.Bytes();
  if (!reader.ok() || !reader.done()) {
    return absl::DataLossError(
        absl::StrCat("index definition of ", bytes.size(), " bytes is cut off or too long"));
  }
  if (name.size() > kMaxNameBytes) return absl::DataLossError("index definition: name too long");
  definition.name = name;
  if (!IsValid(definition)) {
    return absl::DataLossError(
        absl::StrCat("index definition ", definition.id.value(), ": contradictory fields"));
  }
  return definition;
}

}  // namespace tidemark::graph
