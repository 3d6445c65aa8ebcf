// SPDX-License-Identifier: Apache-2.0
#include "catalog/schema.h"

#include <algorithm>
#include <set>

#include "base/status.h"
#include "catalog/names.h"

namespace tidemark::catalog {
namespace {

using graph::IndexDefinition;
using graph::IndexKind;
using graph::IndexState;

absl::Status CheckShape(const IndexDefinition& wanted) {
  const bool of_type = wanted.kind == IndexKind::kEdgeType;
  if (of_type && (wanted.type.value() == 0 || wanted.label.value() != 0 || !wanted.keys.empty())) {
    return absl::InvalidArgumentError(
        "an edge type index takes a type, and neither a label nor keys");
  }
  if (!of_type && (wanted.label.value() == 0 || wanted.type.value() != 0 || wanted.keys.empty())) {
    return absl::InvalidArgumentError(
        "an index or constraint over vertices takes a label and at least one key, and no type");
  }
  if (wanted.kind == IndexKind::kExists && wanted.keys.size() != 1) {
    return absl::InvalidArgumentError("an existence constraint takes exactly one key");
  }
  if (wanted.keys.size() > graph::kMaxIndexKeyCount) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an index takes at most ", graph::kMaxIndexKeyCount, " keys, not ", wanted.keys.size()));
  }
  if (std::set<KeyId>(wanted.keys.begin(), wanted.keys.end()).size() != wanted.keys.size()) {
    return absl::InvalidArgumentError("a key is named twice in one index");
  }
  return absl::OkStatus();
}

bool SameShape(const IndexDefinition& a, const IndexDefinition& b) {
  return a.kind == b.kind && a.label == b.label && a.type == b.type && a.keys == b.keys;
}

}  // namespace

absl::StatusOr<IndexDefinition> SchemaTable::Plan(IndexDefinition wanted,
                                                  std::string_view made_up_name) const {
  RETURN_IF_ERROR(CheckShape(wanted));
  if (const IndexDefinition* same = FindEqual(wanted)) {
    return absl::AlreadyExistsError(
        absl::StrCat("the same index exists under the name \"", same->name, "\""));
  }
  if (wanted.name.empty()) wanted.name = std::string(made_up_name);
  RETURN_IF_ERROR(CheckName(wanted.name));
  if (FindByName(wanted.name) != nullptr) {
    return absl::AlreadyExistsError(
        absl::StrCat("an index with the name \"", wanted.name, "\" exists; choose another name"));
  }
  if (definitions_.size() >= kMaxIndexCount) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", kMaxIndexCount, " indexes; drop one first"));
  }
  wanted.id = next_id_;
  wanted.state = IndexState::kBuilding;
  return wanted;
}

void SchemaTable::Apply(const IndexDefinition& definition) {
  next_id_ = std::max(next_id_, definition.id.Next());
  const auto place =
      std::lower_bound(definitions_.begin(), definitions_.end(), definition.id,
                       [](const IndexDefinition& d, IndexId id) { return d.id < id; });
  const bool found = place != definitions_.end() && place->id == definition.id;
  if (definition.state == IndexState::kDropped) {
    if (found) definitions_.erase(place);
  } else if (found) {
    *place = definition;
  } else {
    definitions_.insert(place, definition);
  }
}

const IndexDefinition* SchemaTable::FindByName(std::string_view name) const {
  for (const IndexDefinition& d : definitions_) {
    if (d.name == name) return &d;
  }
  return nullptr;
}

const IndexDefinition* SchemaTable::FindById(IndexId id) const {
  for (const IndexDefinition& d : definitions_) {
    if (d.id == id) return &d;
  }
  return nullptr;
}

const IndexDefinition* SchemaTable::FindEqual(const IndexDefinition& wanted) const {
  for (const IndexDefinition& d : definitions_) {
    if (SameShape(d, wanted)) return &d;
  }
  return nullptr;
}

const IndexDefinition* SchemaTable::FindForLookup(LabelId label,
                                                  absl::Span<const KeyId> keys) const {
  const IndexDefinition* found = nullptr;
  for (const IndexDefinition& d : definitions_) {
    if (d.label != label || d.state != IndexState::kOnline || d.keys.size() != keys.size() ||
        !std::equal(keys.begin(), keys.end(), d.keys.begin())) {
      continue;
    }
    if (d.kind == IndexKind::kUnique) return &d;
    if (d.kind == IndexKind::kLabelProperty && found == nullptr) found = &d;
  }
  return found;
}

std::vector<const IndexDefinition*> SchemaTable::UniqueOf(LabelId label) const {
  std::vector<const IndexDefinition*> found;
  for (const IndexDefinition& d : definitions_) {
    if (d.kind == IndexKind::kUnique && d.label == label) found.push_back(&d);
  }
  return found;
}

}  // namespace tidemark::catalog
