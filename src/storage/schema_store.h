// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/container/btree_map.h"
#include "base/ids.h"
#include "graph/index_definition.h"

namespace tidemark::storage {

// The definitions of indexes and constraints by commit. Threads: one.
class SchemaStore {
 public:
  // REQUIRES: csn is not below that of earlier calls; the index was not dropped before.
  void Apply(Csn csn, const graph::IndexDefinition& definition);
  // Forgets changes above `csn`.
  void RollbackTo(Csn csn);
  // Forgets versions that no reader >= horizon needs; returns indexes that are gone for everyone.
  std::vector<IndexId> Collect(Csn horizon);

  // The newest definitions by id; dropped ones are not among them.
  const std::vector<graph::IndexDefinition>& current() const { return current_; }
  std::vector<graph::IndexDefinition> AsOf(Csn csn) const;
  // The definition as of `csn`; null when there was none or it was dropped.
  const graph::IndexDefinition* FindAsOf(IndexId index, Csn csn) const;
  // The newest definition, dropped or not; null when there is none.
  const graph::IndexDefinition* FindNewest(IndexId index) const {
    const auto it = versions_.find(index);
    return it == versions_.end() ? nullptr : &it->second.back().definition;
  }

 private:
  struct Version {
    Csn csn;
    graph::IndexDefinition definition;
  };
  static const graph::IndexDefinition* AsOf(const std::vector<Version>& versions, Csn csn);
  void UpdateCurrent();

  absl::btree_map<IndexId, std::vector<Version>> versions_;  // ascending csn, never empty
  std::vector<graph::IndexDefinition> current_;
};

}  // namespace tidemark::storage
