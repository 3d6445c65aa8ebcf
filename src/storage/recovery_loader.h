// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/mutation.h"
#include "storage/graph_state.h"

namespace tidemark::storage {

// Applies the mutations of a log or a snapshot to a shard that nobody reads: no conflicts, no
// versions, no undo. Threads: one. Errors: kDataLoss when a mutation is malformed or does not fit
// what is there.
class RecoveryLoader {
 public:
  explicit RecoveryLoader(GraphState* state) : state_(*state) {}

  // How many mutations there were; each edge of a run counts as one.
  absl::StatusOr<uint64_t> Apply(Csn csn, std::string_view mutations);

 private:
  // As many as are decoded ahead, so that the memory they change is there when they are applied.
  static constexpr size_t kWindowCount = 64;

  absl::StatusOr<size_t> FillWindow(graph::MutationReader* reader);
  void PrefetchWindow(absl::Span<const graph::Mutation> window) const;
  absl::Status ApplyOne(Csn csn, const graph::Mutation& mutation);
  absl::Status CreateVertex(const graph::Mutation& mutation);
  absl::Status DeleteVertex(const graph::Mutation& mutation);
  absl::Status ChangeVertex(const graph::Mutation& mutation);
  // So many vertices more with these labels, so many edges more of this type.
  void CountLabels(uint32_t label_set, int64_t change);
  void CountEdges(TypeId type, int64_t change);
  absl::Status CreateEdge(Csn csn, const graph::Mutation& mutation);
  absl::Status CreateEdges(Csn csn, const graph::Mutation& mutation);
  // The group that entries are appended to now, for `mutation`.
  absl::StatusOr<AdjacencyGroup*> GroupFor(const GroupKey& key, const graph::Mutation& mutation);
  absl::Status DeleteEdge(Csn csn, const graph::Mutation& mutation);
  absl::Status Bury(Csn csn, const graph::Mutation& mutation, bool incoming);
  absl::Status SetEdgeProperty(const graph::Mutation& mutation);
  absl::Status ApplySchema(Csn csn, const graph::Mutation& mutation);
  void Build(const graph::IndexDefinition& definition);

  GraphState& state_;
  std::array<graph::Mutation, kWindowCount> window_;
};

}  // namespace tidemark::storage
