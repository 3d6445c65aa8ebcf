// SPDX-License-Identifier: Apache-2.0
#include "storage/index/index_set.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "storage/limits.h"

namespace tidemark::storage {

using graph::IndexDefinition;
using graph::IndexKind;
using graph::IndexState;

template <typename OnBad>
std::vector<IndexSet::Key> IndexSet::CollectKeys(uint32_t label_set, std::string_view properties,
                                                 OnBad on_bad) const {
  std::vector<Key> keys;
  if (!has_property_indexes() || label_set == 0 || properties.empty()) return keys;
  for (const IndexDefinition* definition : PropertyIndexesOf(label_set)) {
    auto key = definition->kind == IndexKind::kUnique
                   ? graph::UniqueKeyOf(properties, definition->keys)
                   : graph::IndexKeyOf(properties, definition->keys);
    if (!key.ok()) {
      on_bad(*definition, key.status());
    } else if (key->has_value()) {
      keys.push_back({definition->id, definition->kind, std::move(**key)});
    }
  }
  return keys;
}

IndexSet::Definitions IndexSet::PropertyIndexesOf(uint32_t label_set) const {
  Definitions found;
  for (const LabelId label : label_sets_->labels(label_set)) {
    const auto it = property_indexes_.find(label);
    if (it != property_indexes_.end()) {
      found.insert(found.end(), it->second.begin(), it->second.end());
    }
  }
  std::sort(found.begin(), found.end(),
            [](const IndexDefinition* a, const IndexDefinition* b) { return a->id < b->id; });
  return found;
}

absl::StatusOr<std::vector<IndexSet::Key>> IndexSet::KeysOf(uint32_t label_set,
                                                            std::string_view properties) const {
  absl::Status first_bad;
  std::vector<Key> keys = CollectKeys(
      label_set, properties, [&](const IndexDefinition& definition, const absl::Status& status) {
        if (!first_bad.ok()) return;
        first_bad = Annotate(status, "value for index '" + definition.name + "'");
      });
  if (!first_bad.ok()) return first_bad;
  return keys;
}

std::vector<IndexSet::Key> IndexSet::KeysOfImage(const Image& image) const {
  if (!image.exists) return {};
  return CollectKeys(image.label_set, image.properties.view(),
                     [](const IndexDefinition&, const absl::Status&) {});
}

void IndexSet::AddImage(VertexId vertex, const Image& before, const Image& after,
                        const std::vector<Key>& keys) {
  if (!after.exists) return;
  if (!before.exists || before.label_set != after.label_set) {
    for (LabelId label : label_sets_->labels(after.label_set)) {
      if (!ImageHasLabel(before, label)) labels_.Insert(label.value(), vertex.value());
    }
  }
  for (const Key& key : keys) {
    if (key.kind == IndexKind::kLabelProperty) {
      InsertOrdered(key.index, key.bytes, vertex);
    }
  }
}

int64_t IndexSet::DropImage(VertexId vertex, const VertexRecord& record, const Image& gone) {
  if (!gone.exists || gone.label_set == 0) return 0;
  const Image newest = record.image();
  int64_t units = 0;
  if (!newest.exists || newest.label_set != gone.label_set) {
    for (LabelId label : label_sets_->labels(gone.label_set)) {
      const bool needed =
          AnyImage(record, [&](const Image& image) { return ImageHasLabel(image, label); });
      if (!needed) labels_.Erase(label.value(), vertex.value());
      units += kUnitsPerRecord;
    }
  }
  if (!has_property_indexes()) return units;
  std::vector<Key> stale = KeysOfImage(gone);
  std::erase_if(stale, [](const Key& key) { return key.kind != IndexKind::kLabelProperty; });
  if (stale.empty()) return units;
  AnyImage(record, [&](const Image& image) {
    const std::vector<Key> needed = KeysOfImage(image);
    std::erase_if(stale, [&](const Key& key) {
      return std::find(needed.begin(), needed.end(), key) != needed.end();
    });
    return stale.empty();
  });
  for (const Key& key : stale) {
    ChangeOrdered(ordered_.at(key.index).get(),
                  [&](OrderedIndex* ordered) { ordered->Erase(key.bytes, vertex.value()); });
    units += kUnitsPerRecord;
  }
  return units;
}

std::optional<std::string> IndexSet::BuildVertex(const IndexDefinition& definition, VertexId vertex,
                                                 VertexRecord* record, bool* broken) {
  Image committed = record->image();
  committed.Rewind(record->undo, View{Csn(UINT64_MAX >> 1), TxId()});
  switch (definition.kind) {
    case IndexKind::kLabelProperty:
      AnyImage(*record, [&](const Image& image) {
        if (!ImageHasLabel(image, definition.label)) return false;
        auto key = graph::IndexKeyOf(image.properties.view(), definition.keys);
        if (!key.ok()) {
          *broken = true;
        } else if (key->has_value()) {
          InsertOrdered(definition.id, **key, vertex);
        }
        return false;
      });
      break;
    case IndexKind::kUnique: {
      if (!ImageHasLabel(committed, definition.label)) break;
      auto key = graph::UniqueKeyOf(committed.properties.view(), definition.keys);
      if (key.ok()) return *std::move(key);
      *broken = true;
      break;
    }
    case IndexKind::kExists:
      *broken = ImageHasLabel(committed, definition.label) &&
                !graph::FindProperty(committed.properties.view(), definition.keys[0]).has_value();
      break;
    case IndexKind::kEdgeType: {
      const AdjacencyGroup* group = VertexStore::FindGroup(record, definition.type, false);
      if (group != nullptr && group->count != 0) AddSource(definition.type, vertex);
      break;
    }
  }
  return std::nullopt;
}

const OrderedIndex* IndexSet::FindOrdered(IndexId index) const {
  const auto it = ordered_.find(index);
  return it == ordered_.end() ? nullptr : it->second.get();
}

const IndexDefinition* IndexSet::FindDefinition(IndexId index) const {
  const auto it = kept_.find(index);
  if (it == kept_.end() || it->second.state == IndexState::kDropped) return nullptr;
  return &it->second;
}

void IndexSet::CheckVertex(VertexId vertex, const VertexRecord& record) const {
  AnyImage(record, [&](const Image& image) {
    if (!image.exists) return false;
    for (LabelId label : label_sets_->labels(image.label_set)) {
      CHECK(labels_.Contains(label.value(), vertex.value()))
          << "label " << label << " of vertex " << vertex << " is not in the index";
    }
    for (const Key& key : KeysOfImage(image)) {
      const IndexDefinition* definition = FindDefinition(key.index);
      if (key.kind != IndexKind::kLabelProperty || definition == nullptr ||
          definition->state != IndexState::kOnline) {
        continue;
      }
      const auto it = ordered_.at(key.index)->LowerBound(key.bytes, vertex.value());
      CHECK(it.valid() && it.key() == key.bytes && it.id() == vertex.value())
          << "vertex " << vertex << " is not in index " << definition->name;
    }
    return false;
  });
}

void IndexSet::CheckInvariants() const {
  labels_.CheckInvariants();
  sources_.CheckInvariants();
  unique_.CheckInvariants();
  uint64_t bytes = 0;
  for (const auto& [id, index] : ordered_) {
    index->CheckInvariants();
    bytes += index->memory_bytes();
  }
  for (const auto& index : freed_ordered_) bytes += index->memory_bytes();
  CHECK_EQ(bytes, ordered_bytes_);
}

}  // namespace tidemark::storage
