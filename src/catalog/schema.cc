// SPDX-License-Identifier: Apache-2.0
#include "catalog/schema.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/planted_bug.h"
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

void SchemaTable::Apply(const IndexDefinition& definition, Csn csn) {
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
  if (definition.state == IndexState::kOnline) {
    const Csn since = online_since_.try_emplace(definition.id, csn).first->second;
    all_online_since_ = std::max(all_online_since_, since);
  } else {
    online_since_.erase(definition.id);
    retired_.erase(definition.id);
  }
  FindUnique();
  ++version_;
}

void SchemaTable::ReplaceWith(SchemaTable other) {
  const uint64_t before = version_;
  *this = std::move(other);
  version_ += before + 1;
}

void SchemaTable::FindUnique() {
  unique_keys_.clear();
  unique_labels_.clear();
  for (const IndexDefinition& d : definitions_) {
    if (d.kind != IndexKind::kUnique) continue;
    unique_keys_.insert(d.keys.begin(), d.keys.end());
    unique_labels_.insert(d.label);
  }
}

void SchemaTable::SetRetired(IndexId id, bool retired) {
  ++version_;
  if (retired) {
    retired_.insert(id);
  } else {
    retired_.erase(id);
  }
}

bool SchemaTable::IsUsable(IndexId id, Csn read_csn) const {
  const auto since = online_since_.find(id);
  if (since == online_since_.end() || retired_.contains(id)) return false;
  return since->second <= read_csn || PlantedBug("index-used-by-older-readers");
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

const IndexDefinition* SchemaTable::FindForLookup(LabelId label, absl::Span<const KeyId> keys,
                                                  Csn read_csn) const {
  const IndexDefinition* usable = nullptr;
  const IndexDefinition* other = nullptr;
  for (const IndexDefinition& d : definitions_) {
    if (d.label != label || d.keys.size() != keys.size() ||
        !std::equal(keys.begin(), keys.end(), d.keys.begin()) ||
        (d.kind != IndexKind::kUnique && d.kind != IndexKind::kLabelProperty)) {
      continue;
    }
    if (!IsUsable(d.id, read_csn)) {
      if (other == nullptr || other->state != IndexState::kOnline) other = &d;
    } else if (d.kind == IndexKind::kUnique) {
      return &d;
    } else if (usable == nullptr) {
      usable = &d;
    }
  }
  return usable != nullptr ? usable : other;
}

std::vector<const IndexDefinition*> SchemaTable::UniqueOf(LabelId label) const {
  std::vector<const IndexDefinition*> found;
  for (const IndexDefinition& d : definitions_) {
    if (d.kind == IndexKind::kUnique && d.label == label) found.push_back(&d);
  }
  return found;
}

}  // namespace tidemark::catalog
