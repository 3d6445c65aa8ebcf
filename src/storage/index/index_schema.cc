// SPDX-License-Identifier: Apache-2.0
// How the indexes follow the schema: made with their first definition, freed in steps after the
// horizon has passed their dropping.
#include <utility>

#include "storage/index/index_set.h"

namespace tidemark::storage {

using graph::IndexDefinition;
using graph::IndexKind;
using graph::IndexState;

void IndexSet::ApplyDefinition(Csn csn, const IndexDefinition& definition) {
  schema_.Apply(csn, definition);
  auto [it, inserted] = kept_.try_emplace(definition.id, definition);
  if (inserted && definition.kind == IndexKind::kLabelProperty) {
    std::unique_ptr<OrderedIndex>& index = ordered_[definition.id];
    index = std::make_unique<OrderedIndex>();
    ordered_bytes_ += index->memory_bytes();
  }
  it->second = definition;
  if (definition.state != IndexState::kBuilding) build_positions_.erase(definition.id);
  Refresh();
}

void IndexSet::RollbackSchemaTo(Csn csn) {
  schema_.RollbackTo(csn);
  for (auto it = kept_.begin(); it != kept_.end();) {
    const IndexDefinition* definition = schema_.FindNewest(it->first);
    if (definition != nullptr) {
      it->second = *definition;
      ++it;
      continue;
    }
    // Its making was undone, and with it every claim of a unique key.
    if (auto index = ordered_.find(it->first); index != ordered_.end()) {
      freed_ordered_.push_back(std::move(index->second));
      ordered_.erase(index);
    }
    if (it->second.kind == IndexKind::kEdgeType) freed_types_.push_back(it->second.type);
    build_positions_.erase(it->first);
    it = kept_.erase(it);
  }
  Refresh();
}

void IndexSet::Refresh() {
  property_indexes_.clear();
  requirements_.clear();
  edge_types_indexed_.clear();
  edge_types_online_.clear();
  for (const auto& [id, definition] : kept_) {
    if (definition.state == IndexState::kDropped) continue;
    switch (definition.kind) {
      case IndexKind::kLabelProperty:
      case IndexKind::kUnique:
        property_indexes_[definition.label].push_back(&definition);
        break;
      case IndexKind::kExists:
        requirements_[definition.label].push_back(&definition);
        break;
      case IndexKind::kEdgeType:
        edge_types_indexed_.insert(definition.type);
        if (definition.state == IndexState::kOnline) edge_types_online_.insert(definition.type);
        break;
    }
  }
}

bool IndexSet::CollectSome(Csn horizon, int64_t* units) {
  for (IndexId id : schema_.Collect(horizon)) {
    const auto kept = kept_.find(id);
    if (kept == kept_.end()) continue;
    if (auto index = ordered_.find(id); index != ordered_.end()) {
      freed_ordered_.push_back(std::move(index->second));
      ordered_.erase(index);
    }
    if (kept->second.kind == IndexKind::kEdgeType) freed_types_.push_back(kept->second.type);
    if (kept->second.kind == IndexKind::kUnique) freed_unique_.push_back(id);
    kept_.erase(kept);
    Refresh();
  }
  while (!freed_ordered_.empty()) {
    OrderedIndex* index = freed_ordered_.back().get();
    bool is_empty = false;
    ChangeOrdered(index, [&](OrderedIndex* ordered) { is_empty = ordered->ClearSome(units); });
    if (!is_empty) return false;
    ordered_bytes_ -= index->memory_bytes();
    freed_ordered_.pop_back();
  }
  while (!freed_types_.empty()) {
    const TypeId type = freed_types_.back();
    std::vector<uint64_t> some;
    while (!IsIndexed(type) && sources_.Count(type.value()) != 0) {
      if (--*units < 0) return false;
      some.clear();
      sources_.Scan(type.value(), 0, 1, &some);
      sources_.Erase(type.value(), some[0]);
    }
    freed_types_.pop_back();
  }
  while (!freed_unique_.empty()) {
    if (!unique_.DropIndex(freed_unique_.back(), units, &freed_unique_cursor_)) return false;
    freed_unique_cursor_.clear();
    freed_unique_.pop_back();
  }
  return true;
}

}  // namespace tidemark::storage
