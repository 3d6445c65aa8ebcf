// SPDX-License-Identifier: Apache-2.0
#include "bench/expansion.h"

#include <algorithm>

#include "absl/types/span.h"
#include "base/time_units.h"

namespace tidemark::bench {
namespace {

constexpr size_t kOffsetsAhead = 32;  // vertices
constexpr size_t kNeighboursAhead = 16;
constexpr size_t kIdsPerCacheLine = 8;
constexpr size_t kFrontierCount = 1024;
constexpr size_t kColumnCount = 1 << 16;
constexpr uint64_t kMinEdgeCount = 4'000'000;  // of one measurement

ExpansionRate RateOf(uint64_t edge_count, int64_t micros) {
  return {static_cast<double>(edge_count) / static_cast<double>(std::max<int64_t>(micros, 1)) *
              kMicrosPerSecond,
          edge_count};
}

void CopyFrontier(const Csr& csr, absl::Span<const uint32_t> some, std::vector<VertexId>* out) {
  for (size_t i = 0; i < some.size(); ++i) {
    if (i + kOffsetsAhead < some.size()) {
      __builtin_prefetch(&csr.offsets[some[i + kOffsetsAhead]]);
    }
    if (i + kNeighboursAhead < some.size()) {
      const uint64_t next = csr.offsets[some[i + kNeighboursAhead]];
      __builtin_prefetch(csr.neighbours.data() + next);
      __builtin_prefetch(csr.neighbours.data() + next + kIdsPerCacheLine);
    }
    const auto begin = csr.neighbours.begin();
    out->insert(out->end(), begin + static_cast<ptrdiff_t>(csr.offsets[some[i]]),
                begin + static_cast<ptrdiff_t>(csr.offsets[some[i] + 1]));
  }
}

}  // namespace

ExpansionRate TimeCsrCopy(const Csr& csr, const std::vector<uint32_t>& order, env::Clock* clock) {
  std::vector<VertexId> out;
  uint64_t count = 0;
  const int64_t begin = clock->NowMicros();
  do {
    for (size_t first = 0; first < order.size(); first += kFrontierCount) {
      out.clear();
      CopyFrontier(csr, absl::MakeConstSpan(order).subspan(first, kFrontierCount), &out);
      count += out.size();
    }
  } while (count < kMinEdgeCount);
  return RateOf(count, clock->NowMicros() - begin);
}

ExpansionRate TimeExpansion(const ShardExpansion& expansion, const std::vector<VertexId>& frontier,
                            env::Clock* clock) {
  storage::NeighbourColumns out;
  uint64_t count = 0;
  const int64_t begin = clock->NowMicros();
  do {
    for (size_t first = 0; first < frontier.size(); first += kFrontierCount) {
      const absl::Span<const VertexId> some =
          absl::MakeConstSpan(frontier).subspan(first, kFrontierCount);
      for (storage::Shard::BatchCursor cursor; cursor.next < some.size();) {
        out.vertices.clear();
        out.ends.clear();
        expansion.shard->ExpandBatch(expansion.view, {some, expansion.direction, {}, kColumnCount},
                                     &cursor, &out);
        count += out.vertices.size();
      }
    }
  } while (count < kMinEdgeCount);
  return RateOf(count, clock->NowMicros() - begin);
}

}  // namespace tidemark::bench
