// SPDX-License-Identifier: Apache-2.0
#include "exec/change.h"

#include "base/coding.h"
#include "graph/index_key.h"
#include "graph/property_set.h"

namespace tidemark::exec {

std::optional<SlotId> SlotOf(const Change& change) {
  switch (change.kind) {
    case ChangeKind::kCreateVertex:
      return change.slot;
    case ChangeKind::kDeleteVertex:
    case ChangeKind::kSetLabel:
    case ChangeKind::kSetVertexProperties:
    case ChangeKind::kCreateEdge:
    case ChangeKind::kTouchVertex:
      return change.vertex.slot();
    case ChangeKind::kDeleteEdge:
    case ChangeKind::kSetEdgeProperties:
      return change.edge.slot();
    case ChangeKind::kLinkTarget:
    case ChangeKind::kUnlinkTarget:
      return change.target.slot();
    case ChangeKind::kChangeKey:
      return graph::SlotOfIndexKey(change.index, change.bytes);
    case ChangeKind::kValidate:
    case ChangeKind::kKeysLater:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view KindName(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kCreateVertex:
      return "create vertex";
    case ChangeKind::kDeleteVertex:
      return "delete vertex";
    case ChangeKind::kSetLabel:
      return "set label";
    case ChangeKind::kSetVertexProperties:
      return "set vertex properties";
    case ChangeKind::kCreateEdge:
      return "create edge";
    case ChangeKind::kDeleteEdge:
      return "delete edge";
    case ChangeKind::kSetEdgeProperties:
      return "set edge properties";
    case ChangeKind::kLinkTarget:
      return "link target";
    case ChangeKind::kUnlinkTarget:
      return "unlink target";
    case ChangeKind::kChangeKey:
      return "change key";
    case ChangeKind::kValidate:
      return "validate";
    case ChangeKind::kTouchVertex:
      return "touch vertex";
    case ChangeKind::kKeysLater:
      return "keys later";
  }
  return "unknown";
}

std::string PackProperties(const std::vector<PropertyChange>& properties) {
  std::string bytes;
  for (const auto& [key, value] : properties) {
    AppendVarint(&bytes, key.value());
    AppendBytes(&bytes, value);
  }
  return bytes;
}

absl::StatusOr<std::vector<PropertyChange>> UnpackProperties(std::string_view bytes) {
  std::vector<PropertyChange> properties;
  ByteReader reader(bytes);
  while (reader.ok() && !reader.done()) {
    const KeyId key(reader.Varint32());
    const std::string_view value = reader.Bytes();
    const bool is_valid =
        reader.ok() && key != KeyId() && (value.empty() || graph::ValidateProperty(value).ok());
    if (!is_valid) return absl::InvalidArgumentError("malformed changes of properties");
    properties.emplace_back(key, value);
  }
  if (!reader.ok()) return absl::InvalidArgumentError("malformed changes of properties");
  return properties;
}

}  // namespace tidemark::exec
