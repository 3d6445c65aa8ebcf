// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/stored_count.h"

#include "base/check.h"
#include "base/status.h"

namespace tidemark::exec {
namespace {

// A look at a map, and for old readers a binary search.
constexpr int64_t kUnitsPerName = 16;

}  // namespace

absl::StatusOr<Pulled> StoredCount::Next(query::BatchRef* batch) {
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
    if (pulled != Pulled::kBatch) return pulled;
    const uint64_t times = Count();
    context().units -= static_cast<int64_t>((*batch)->selected_count());
    (*batch)->MakeMultiplicity();
    (*batch)->Filter([&](uint16_t row) {
      if (times > 0) (*batch)->Multiply(row, times);
      return times > 0;
    });
    if (times > 0) return Pulled::kBatch;
  }
}

uint64_t StoredCount::Count() const {
  const auto& plan = query::plan::As<query::plan::StoredCount>(this->plan());
  const storage::Shard& shard = *context().shard;
  const auto count_of = [&](uint32_t name) {
    return plan.is_of_edges ? shard.CountEdges(context().view, TypeId(name))
                            : shard.CountVertices(context().view, LabelId(name));
  };
  int64_t count = plan.names.empty() ? count_of(0) : 0;
  for (const uint32_t name : plan.names) {
    if (name != 0) count += count_of(name);
  }
  context().units -= kUnitsPerName * static_cast<int64_t>(plan.names.size() + 1);
  CHECK_GE(count, 0);
  return static_cast<uint64_t>(count);
}

}  // namespace tidemark::exec
