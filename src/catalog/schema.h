// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/index_definition.h"

namespace tidemark::catalog {

inline constexpr size_t kMaxIndexCount = 1024;

// The indexes and constraints of the graph, by id. Holds the newest state of each, and from which
// csn on readers may use it; dropped ones are forgotten, their ids are not used again.
// Owner: the master. Threads: one.
class SchemaTable {
 public:
  // What a new definition would become: an id, a name if it has none, state building.
  // kInvalidArgument when it makes no sense (no label, no key, repeated key ...), kAlreadyExists
  // when its name is taken or an equal definition exists under another name.
  absl::StatusOr<graph::IndexDefinition> Plan(graph::IndexDefinition wanted,
                                              std::string_view made_up_name) const;
  // Takes over a definition in its new state, committed with `csn`.
  void Apply(const graph::IndexDefinition& definition, Csn csn);
  // Becomes the other table; its version is one that it never had.
  void ReplaceWith(SchemaTable other);
  // Its dropping is about to be committed: no lookup is planned with it from now on, because
  // writers that see the drop maintain it no more. `retired` = false takes that back.
  void SetRetired(IndexId id, bool retired);
  bool IsRetired(IndexId id) const { return retired_.contains(id); }

  // Another one after each change. Readers at or above all_online_since() may use all indexes that
  // are online in it.
  uint64_t version() const { return version_; }
  Csn all_online_since() const { return all_online_since_; }

  const graph::IndexDefinition* FindByName(std::string_view name) const;
  const graph::IndexDefinition* FindById(IndexId id) const;
  // The same kind over the same label or type and keys; nullptr when there is none.
  const graph::IndexDefinition* FindEqual(const graph::IndexDefinition& wanted) const;
  // True when a reader of `read_csn` finds in the index what a scan shows it: it was online at or
  // below that csn. One that came online later may lack what was there before it.
  bool IsUsable(IndexId id, Csn read_csn) const;
  // An index over `label` and `keys`: best one that a reader of `read_csn` may use, unique ones
  // first, else one that it may not use (yet); nullptr when there is none.
  const graph::IndexDefinition* FindForLookup(LabelId label, absl::Span<const KeyId> keys,
                                              Csn read_csn) const;
  // Uniqueness constraints (building or online) over `label`, lowest id first.
  std::vector<const graph::IndexDefinition*> UniqueOf(LabelId label) const;
  // Whether a uniqueness constraint, building or online, has the key, or is over the label.
  bool has_unique() const { return !unique_keys_.empty(); }
  bool IsUniqueKey(KeyId key) const { return unique_keys_.contains(key); }
  bool IsUniqueLabel(LabelId label) const { return unique_labels_.contains(label); }
  const std::vector<graph::IndexDefinition>& all() const { return definitions_; }

 private:
  void FindUnique();

  uint64_t version_ = 0;
  Csn all_online_since_;
  std::vector<graph::IndexDefinition> definitions_;  // ascending id
  std::map<IndexId, Csn> online_since_;
  std::set<IndexId> retired_;
  absl::flat_hash_set<KeyId> unique_keys_;
  absl::flat_hash_set<LabelId> unique_labels_;
  IndexId next_id_{1};
};

}  // namespace tidemark::catalog
