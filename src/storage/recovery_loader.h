// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/ids.h"
#include "graph/mutation.h"
#include "storage/graph_state.h"

namespace tidemark::storage {

// Applies the mutations of a log or a snapshot to a shard that nobody reads: no conflicts, no
// versions, no undo. Threads: one. Errors: kDataLoss when a mutation does not fit what is there.
class RecoveryLoader {
 public:
  explicit RecoveryLoader(GraphState* state) : state_(*state) {}

  absl::Status Apply(Csn csn, const graph::Mutation& mutation);

 private:
  absl::Status CreateVertex(const graph::Mutation& mutation);
  absl::Status DeleteVertex(const graph::Mutation& mutation);
  absl::Status ChangeVertex(const graph::Mutation& mutation);
  absl::Status CreateEdge(Csn csn, const graph::Mutation& mutation);
  absl::Status DeleteEdge(Csn csn, const graph::Mutation& mutation);
  absl::Status Bury(Csn csn, const graph::Mutation& mutation, bool incoming);
  absl::Status SetEdgeProperty(const graph::Mutation& mutation);
  absl::Status ApplySchema(Csn csn, const graph::Mutation& mutation);
  void Build(const graph::IndexDefinition& definition);

  GraphState& state_;
};

}  // namespace tidemark::storage
