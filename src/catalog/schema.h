// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/index_definition.h"

namespace tidemark::catalog {

inline constexpr size_t kMaxIndexCount = 1024;

// The indexes and constraints of the graph, by id. Holds the newest state of each; dropped ones are
// forgotten, their ids are not used again.
// Owner: the master. Threads: one.
class SchemaTable {
 public:
  // What a new definition would become: an id, a name if it has none, state building.
  // kInvalidArgument when it makes no sense (no label, no key, repeated key ...), kAlreadyExists
  // when its name is taken or an equal definition exists under another name.
  absl::StatusOr<graph::IndexDefinition> Plan(graph::IndexDefinition wanted,
                                              std::string_view made_up_name) const;
  // Takes over a committed definition in its new state.
  void Apply(const graph::IndexDefinition& definition);

  const graph::IndexDefinition* FindByName(std::string_view name) const;
  const graph::IndexDefinition* FindById(IndexId id) const;
  // The same kind over the same label or type and keys; nullptr when there is none.
  const graph::IndexDefinition* FindEqual(const graph::IndexDefinition& wanted) const;
  // An online index that answers a lookup by `label` and `keys`, unique ones first; nullptr when
  // there is none.
  const graph::IndexDefinition* FindForLookup(LabelId label, absl::Span<const KeyId> keys) const;
  // Uniqueness constraints (building or online) over `label`, lowest id first.
  std::vector<const graph::IndexDefinition*> UniqueOf(LabelId label) const;
  const std::vector<graph::IndexDefinition>& all() const { return definitions_; }

 private:
  std::vector<graph::IndexDefinition> definitions_;  // ascending id
  IndexId next_id_{1};
};

}  // namespace tidemark::catalog
