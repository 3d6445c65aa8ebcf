// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace tidemark::graph {

// Values are part of the file format; never reuse one.
enum class IndexKind : uint8_t {
  kLabelProperty = 1,  // ordered; label, one or more keys; local to each shard
  kEdgeType = 2,       // all edges of one type; local to the source's shard
  kUnique = 3,         // constraint; label, one or more keys; entries partitioned by slot
  kExists = 4,         // constraint; label, one key must not be null
};
enum class IndexState : uint8_t {
  kBuilding = 1,  // writers maintain it, readers do not use it, build under way
  kOnline = 2,
  kDropped = 3,
};

// An index or a constraint, as the catalog knows it and every shard keeps it. A change of state is
// a commit that carries the whole definition. Threads: a value type.
struct IndexDefinition {
  IndexId id;
  IndexKind kind = IndexKind::kLabelProperty;
  IndexState state = IndexState::kBuilding;
  LabelId label;            // 0 for kEdgeType
  TypeId type;              // kEdgeType only
  std::vector<KeyId> keys;  // at most kMaxIndexKeyCount
  std::string name;         // given or made up by the catalog; unique

  friend bool operator==(const IndexDefinition&, const IndexDefinition&) = default;
};
inline constexpr size_t kMaxIndexKeyCount = 16;
inline constexpr size_t kMaxNameBytes = 65535;

// The fields fit the kind: a label and keys, all different (one key for kExists), or a type alone.
bool IsValid(const IndexDefinition& definition);

// REQUIRES: IsValid(definition).
void AppendIndexDefinition(const IndexDefinition& definition, std::string* out);
// kDataLoss when malformed.
absl::StatusOr<IndexDefinition> DecodeIndexDefinition(std::string_view bytes);

}  // namespace tidemark::graph
