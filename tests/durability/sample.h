// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graph/mutation.h"

namespace tidemark::durability {

// Mutations that make `count` vertices in `slot`.
inline std::string SampleSlot(SlotId slot, uint32_t count) {
  std::string out;
  graph::AppendMutation({.kind = graph::MutationKind::kNextSequences,
                         .slot = slot,
                         .next_vertex = count + 1,
                         .next_edge = 1},
                        &out);
  for (uint32_t i = 1; i <= count; ++i) {
    const std::vector<LabelId> labels = {LabelId(1), LabelId(1 + i)};
    graph::AppendMutation(
        {.kind = graph::MutationKind::kCreateVertex, .vertex = VertexId(slot, i), .labels = labels},
        &out);
  }
  return out;
}

// Mutations that make `count` edges in `slot`, at both ends.
inline std::string SampleEdges(SlotId slot, uint32_t count) {
  std::string out;
  for (uint32_t i = 1; i <= count; ++i) {
    graph::AppendMutation({.kind = graph::MutationKind::kCreateEdge,
                           .vertex = VertexId(slot, i),
                           .target = VertexId(slot, 1),
                           .edge = EdgeId(slot, i),
                           .type = TypeId(4),
                           .sides = graph::kBoth},
                          &out);
  }
  return out;
}

}  // namespace tidemark::durability
