// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/distinct_vertices.h"

#include <utility>

#include "base/status.h"
#include "exec/operators/for_each_row.h"

namespace tidemark::exec {

absl::StatusOr<Pulled> DistinctVertices::Next(query::BatchRef* batch) {
  const uint32_t slot = query::plan::As<query::plan::DistinctVertices>(plan()).vertex;
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
    if (pulled != Pulled::kBatch) return pulled;
    if ((*batch)->has_multiplicity()) {
      *batch = query::Gather(context().pool, **batch);
      (*batch)->DropMultiplicity();
    }
    const size_t count = (*batch)->selected_count();
    context().units -= static_cast<int64_t>(count);
    RETURN_IF_ERROR(VerticesOf(**batch, slot, {0, count}, &vertices_));
    const size_t before = seen_.memory_bytes();
    size_t next = 0;
    (*batch)->Filter([&](uint16_t) {
      const VertexId vertex = vertices_[next++];
      return vertex.valid() ? seen_.Insert(vertex) : !std::exchange(has_seen_null_, true);
    });
    RETURN_IF_ERROR(kept_.Add(context().account, seen_.memory_bytes() - before));
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

}  // namespace tidemark::exec
