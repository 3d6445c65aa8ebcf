// SPDX-License-Identifier: Apache-2.0
#include "storage/index/index_builder.h"

#include <optional>
#include <string>
#include <utility>

#include "storage/read/graph_reader.h"

namespace tidemark::storage {

namespace {

// A key that is made and put into its place takes as long as looking at so many records.
constexpr int64_t kUnitsPerKey = 100;

}  // namespace

bool BuildIndexSlice(GraphState* state, IndexId index, int64_t max_units,
                     const std::function<void(const KeyChange&)>& emit) {
  const graph::IndexDefinition* definition = state->indexes.FindDefinition(index);
  if (definition == nullptr || definition->state != graph::IndexState::kBuilding) return true;
  VertexId& position = state->indexes.build_position(index);
  while (true) {
    const std::optional<VertexId> vertex = NextVertex(state->vertices, position, &max_units);
    if (!vertex.has_value()) return true;
    position = *vertex;
    if (max_units < 0) return false;
    max_units -= kUnitsPerKey;
    bool broken = false;
    std::optional<std::string> key =
        state->indexes.BuildVertex(*definition, *vertex, state->vertices.Find(*vertex), &broken);
    if (key.has_value()) emit({index, *vertex, *std::move(key), true});
    if (broken) emit({index, *vertex, {}, false});
    position = VertexId(vertex->value() + 1);
  }
}

}  // namespace tidemark::storage
