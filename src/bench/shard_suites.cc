// SPDX-License-Identifier: Apache-2.0
// The suites that measure a shard alone: no network, no disk, one thread.
#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/time_units.h"
#include "bench/expansion.h"
#include "bench/shard_graph.h"
#include "bench/suites.h"

namespace tidemark::bench {
namespace {

constexpr int64_t kSnapshotUnits = 16384;
constexpr double kExpandGoal = 0.6;
constexpr double kInsertGoalPerSecond = 1.5e6;
constexpr double kInsertWithIndexGoalPerSecond = 1e6;
constexpr double kBytesGoal = 56;
constexpr double kBytesWithIndexGoal = 64;
constexpr double kReplayGoalPerSecond = 1e6;
constexpr double kLoadGoalPerSecond = 5e6;

double PerSecond(size_t count, int64_t micros) {
  return static_cast<double>(count) / static_cast<double>(std::max<int64_t>(micros, 1)) *
         kMicrosPerSecond;
}

double ReplayLog(const ShardGraph& graph, env::Clock* clock) {
  storage::Shard fresh(storage::ShardLimits(), 1, NodeId(1));
  size_t count = 0;
  const int64_t begin = clock->NowMicros();
  for (size_t i = 0; i < graph.log().size(); ++i) {
    count += *fresh.Replay(Csn(i + 1), graph.log()[i]);
  }
  fresh.FinishRecovery(graph.csn());
  return PerSecond(count, clock->NowMicros() - begin);
}

std::string SnapshotOf(ShardGraph* graph) {
  std::string bytes;
  for (uint32_t slot = 0; slot < kSlotCount; ++slot) {
    storage::Shard::SnapshotCursor cursor;
    while (!graph->shard()->SnapshotSlot({graph->csn(), SlotId(static_cast<uint16_t>(slot)),
                                          kSnapshotUnits, std::numeric_limits<size_t>::max()},
                                         &cursor, &bytes)) {
    }
  }
  return bytes;
}

double LoadSnapshot(const ShardGraph& graph, const std::string& bytes, env::Clock* clock) {
  storage::Shard fresh(storage::ShardLimits(), 1, NodeId(1));
  const int64_t begin = clock->NowMicros();
  CHECK(fresh.Replay(graph.csn(), bytes).ok());
  fresh.FinishRecovery(graph.csn());
  const int64_t micros = clock->NowMicros() - begin;
  CHECK_EQ(fresh.stats().edges, graph.edge_count());
  return PerSecond(graph.edge_count(), micros);
}

void AddMemoryRow(const BenchContext& context, bool with_index) {
  ShardGraph graph(context.options, context.clock);
  graph.Fill(with_index);
  BenchRow row{"memory",     with_index ? "with a label+property index" : "without indexes",
               "B/entity",   {},
               "goal",       with_index ? kBytesWithIndexGoal : kBytesGoal,
               Goal{1, true}};
  row.figure.Add(static_cast<double>(graph.shard()->stats().memory_bytes) /
                 static_cast<double>(graph.vertices().size() + graph.edge_count()));
  context.report->Add(std::move(row));
}

}  // namespace

absl::Status RunExpandSuite(const BenchContext& context) {
  ShardGraph graph(context.options, context.clock);
  graph.Fill(false);
  const Csr csr = graph.MakeCsr();
  Samples bare;
  BenchRow row{"expand", "random frontier into batches", "edges/s", {}, "CSR copying 8-byte ids",
               0,        Goal{kExpandGoal, false}};
  for (int64_t run = 0; run < context.options.runs; ++run) {
    const std::vector<uint32_t> order = graph.RandomOrder(static_cast<uint64_t>(run) + 1);
    bare.Add(TimeCsrCopy(csr, order, context.clock).edges_per_second);
    std::vector<VertexId> frontier;
    for (const uint32_t number : order) frontier.push_back(graph.vertices()[number]);
    const ExpansionRate rate =
        TimeExpansion({graph.shard(), {graph.csn(), TxId()}}, frontier, context.clock);
    CHECK_EQ(rate.edge_count % graph.edge_count(), 0u);
    row.figure.Add(rate.edges_per_second);
  }
  row.limit = bare.Median();
  context.report->Add(std::move(row));
  return absl::OkStatus();
}

absl::Status RunInsertSuite(const BenchContext& context) {
  ShardGraph graph(context.options, context.clock);
  for (const bool with_index : {false, true}) {
    BenchRow row{"insert",      with_index ? "storage with one index" : "storage alone",
                 "edges/s",     {},
                 "goal",        with_index ? kInsertWithIndexGoalPerSecond : kInsertGoalPerSecond,
                 Goal{1, false}};
    for (int64_t run = 0; run < context.options.runs; ++run) {
      row.figure.Add(graph.Fill(with_index));
    }
    context.report->Add(std::move(row));
  }
  BenchRow step{"insert", "longest transaction of 100 edges", "us", {}, "", 0, std::nullopt};
  step.figure.Add(static_cast<double>(graph.longest_step_micros()));
  context.report->Add(std::move(step));
  return absl::OkStatus();
}

absl::Status RunMemorySuite(const BenchContext& context) {
  AddMemoryRow(context, false);
  AddMemoryRow(context, true);
  return absl::OkStatus();
}

absl::Status RunRecoverySuite(const BenchContext& context) {
  ShardGraph graph(context.options, context.clock);
  graph.Fill(false);
  const std::string snapshot = SnapshotOf(&graph);
  BenchRow replay{"recovery", "WAL replay into a shard", "mutations/s", {},
                  "goal",     kReplayGoalPerSecond,      Goal{1, false}};
  BenchRow load{"recovery", "snapshot load into a shard", "edges/s",     {},
                "goal",     kLoadGoalPerSecond,           Goal{1, false}};
  for (int64_t run = 0; run < context.options.runs; ++run) {
    replay.figure.Add(ReplayLog(graph, context.clock));
    load.figure.Add(LoadSnapshot(graph, snapshot, context.clock));
  }
  context.report->Add(std::move(replay));
  context.report->Add(std::move(load));
  return absl::OkStatus();
}

}  // namespace tidemark::bench
