// SPDX-License-Identifier: Apache-2.0
#include "storage/schema_store.h"

#include "base/check.h"

namespace tidemark::storage {

using graph::IndexDefinition;
using graph::IndexState;

void SchemaStore::Apply(Csn csn, const IndexDefinition& definition) {
  std::vector<Version>& versions = versions_[definition.id];
  CHECK(versions.empty() || versions.back().csn <= csn);
  CHECK(versions.empty() || versions.back().definition.state != IndexState::kDropped)
      << "index " << definition.id << " comes back after it was dropped";
  if (!versions.empty() && versions.back().csn == csn) versions.pop_back();
  versions.push_back({csn, definition});
  UpdateCurrent();
}

void SchemaStore::RollbackTo(Csn csn) {
  for (auto it = versions_.begin(); it != versions_.end();) {
    std::vector<Version>& versions = it->second;
    while (!versions.empty() && versions.back().csn > csn) versions.pop_back();
    it = versions.empty() ? versions_.erase(it) : std::next(it);
  }
  UpdateCurrent();
}

std::vector<IndexId> SchemaStore::Collect(Csn horizon) {
  std::vector<IndexId> gone;
  for (auto it = versions_.begin(); it != versions_.end();) {
    std::vector<Version>& versions = it->second;
    while (versions.size() > 1 && versions[1].csn <= horizon) versions.erase(versions.begin());
    if (versions.size() == 1 && versions[0].csn <= horizon &&
        versions[0].definition.state == IndexState::kDropped) {
      gone.push_back(it->first);
      it = versions_.erase(it);
    } else {
      ++it;
    }
  }
  return gone;
}

const IndexDefinition* SchemaStore::AsOf(const std::vector<Version>& versions, Csn csn) {
  for (size_t i = versions.size(); i-- > 0;) {
    if (versions[i].csn > csn) continue;
    const IndexDefinition& definition = versions[i].definition;
    return definition.state == IndexState::kDropped ? nullptr : &definition;
  }
  return nullptr;
}

const IndexDefinition* SchemaStore::FindAsOf(IndexId index, Csn csn) const {
  const auto it = versions_.find(index);
  return it == versions_.end() ? nullptr : AsOf(it->second, csn);
}

std::vector<IndexDefinition> SchemaStore::AsOf(Csn csn) const {
  std::vector<IndexDefinition> result;
  for (const auto& [id, versions] : versions_) {
    if (const IndexDefinition* definition = AsOf(versions, csn)) result.push_back(*definition);
  }
  return result;
}

void SchemaStore::UpdateCurrent() {
  current_.clear();
  for (const auto& [id, versions] : versions_) {
    if (versions.back().definition.state != IndexState::kDropped) {
      current_.push_back(versions.back().definition);
    }
  }
}

}  // namespace tidemark::storage
