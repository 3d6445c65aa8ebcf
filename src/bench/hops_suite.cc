// SPDX-License-Identifier: Apache-2.0
// Distinct vertices some hops from a vertex: the statement's operators beside a loop written by
// hand over the same storage. No network, no disk, one thread.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "bench/shard_graph.h"
#include "bench/shard_statement.h"
#include "bench/suites.h"

namespace tidemark::bench {
namespace {

constexpr int64_t kMaxVertices = 500'000;
constexpr int64_t kEdgesPerVertex = 10;
constexpr double kMostTimes = 2;
constexpr size_t kWindowCount = 64;
constexpr size_t kMaxNeighbours = 1 << 16;  // of one call

// Which vertices were met, a bit for each, by slot.
class VertexBits {
 public:
  explicit VertexBits(const std::vector<VertexId>& all) : slots_(kSlotCount) {
    for (const VertexId vertex : all) {
      std::vector<uint64_t>& words = slots_[vertex.slot().value()];
      words.resize(std::max<size_t>(words.size(), vertex.sequence() / 64 + 1));
    }
  }
  // Whether it is new.
  bool Add(VertexId vertex) {
    uint64_t& word = WordOf(vertex);
    const uint64_t bit = uint64_t{1} << (vertex.sequence() & 63);
    const bool is_new = (word & bit) == 0;
    word |= bit;
    return is_new;
  }
  void Clear(const std::vector<VertexId>& added) {
    for (const VertexId vertex : added) WordOf(vertex) = 0;
  }

 private:
  uint64_t& WordOf(VertexId vertex) {
    return slots_[vertex.slot().value()][vertex.sequence() / 64];
  }

  std::vector<std::vector<uint64_t>> slots_;
};

storage::View ReaderOf(ShardGraph* graph) { return {graph->csn(), TxId()}; }

// How many vertices are so many hops from a vertex, each counted once.
int64_t CountByHand(ShardGraph* graph, VertexId start, int hops, VertexBits* bits) {
  std::vector<VertexId> frontier = {start};
  storage::NeighbourColumns found;
  for (int hop = 0; hop < hops; ++hop) {
    std::vector<VertexId> next;
    for (size_t begin = 0; begin < frontier.size(); begin += kWindowCount) {
      const auto window = absl::MakeConstSpan(frontier).subspan(begin, kWindowCount);
      storage::Shard::BatchCursor cursor;
      while (cursor.next < window.size()) {
        found.vertices.clear();
        found.ends.clear();
        graph->shard()->ExpandBatch(ReaderOf(graph),
                                    {window, storage::Direction::kOut, {}, kMaxNeighbours}, &cursor,
                                    &found);
        for (const VertexId vertex : found.vertices) {
          if (bits->Add(vertex)) next.push_back(vertex);
        }
      }
    }
    bits->Clear(next);
    frontier = std::move(next);
  }
  return static_cast<int64_t>(frontier.size());
}

std::string StatementOf(int hops) {
  std::string text = "MATCH (n)";
  for (int hop = 1; hop < hops; ++hop) absl::StrAppend(&text, "-->()");
  return text + "-->(m) WHERE id(n) = $id RETURN count(DISTINCT m)";
}

struct HopRow {
  int hops;
  int count;  // of statements in a run
};

absl::Status AddHopRow(const BenchContext& context, ShardGraph* graph, const HopRow& hops) {
  ShardStatement statement(graph->shard(), StatementOf(hops.hops));
  VertexBits bits(graph->vertices());
  BenchRow row{"hops",
               absl::StrCat(hops.hops, " hops, count(DISTINCT)"),
               "us",
               {},
               "loop by hand",
               0,
               Goal{kMostTimes, true}};
  int64_t reached = 0;
  Samples by_hand;
  for (int64_t run = 0; run < context.options.runs; ++run) {
    int64_t counts[2] = {0, 0};  // by hand, by the statement
    const auto micros_of = [&](int which, const auto& count) {
      const int64_t begin = context.clock->NowMicros();
      for (int i = 0; i < hops.count; ++i) {
        const size_t at = (static_cast<size_t>(run) * 7919 + static_cast<size_t>(i) * 104'729) %
                          graph->vertices().size();
        counts[which] += count(graph->vertices()[at]);
      }
      return static_cast<double>(context.clock->NowMicros() - begin) / hops.count;
    };
    by_hand.Add(
        micros_of(0, [&](VertexId start) { return CountByHand(graph, start, hops.hops, &bits); }));
    row.figure.Add(micros_of(1, [&](VertexId start) {
      return statement.Run(ReaderOf(graph),
                           {graph::Value::Integer(static_cast<int64_t>(start.value()))});
    }));
    reached += counts[1];
    // The statement passes no edge twice, the loop may: the few that differ tell nothing.
    const int64_t difference = counts[0] - counts[1];
    CHECK(difference >= 0 && difference * 100 <= counts[0])
        << counts[0] << " by hand, " << counts[1] << " by the statement";
  }
  absl::StrAppend(&row.name, ", ", reached / (context.options.runs * hops.count), " reached");
  row.limit = by_hand.Median();
  context.report->Add(std::move(row));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunHopsSuite(const BenchContext& context) {
  BenchOptions options = context.options;
  options.vertices = std::min(options.vertices, kMaxVertices);
  options.edges = options.vertices * kEdgesPerVertex;
  ShardGraph graph(options, context.clock);
  graph.Fill(false);
  for (const HopRow& hops : {HopRow{2, 2000}, HopRow{3, 500}, HopRow{4, 50}}) {
    RETURN_IF_ERROR(AddHopRow(context, &graph, hops));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::bench
