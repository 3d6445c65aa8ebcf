// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/stored_count.h"

#include <algorithm>
#include <vector>

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
  // Of several types each counts once; those that do not exist have no edges.
  std::vector<uint32_t> names = plan.names;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.empty()) {
    names = {0};
  } else if (names[0] == 0) {
    names.erase(names.begin());
  }
  int64_t count = 0;
  for (const uint32_t name : names) {
    count += plan.is_of_edges ? shard.CountEdges(context().view, TypeId(name))
                              : shard.CountVertices(context().view, LabelId(name));
  }
  context().units -= kUnitsPerName * static_cast<int64_t>(names.size());
  CHECK_GE(count, 0);
  return static_cast<uint64_t>(count);
}

}  // namespace tidemark::exec
