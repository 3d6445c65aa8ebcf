// SPDX-License-Identifier: Apache-2.0
// Reads of one shard that must not suffer from what happened before: expansion beside tombstones
// and own writes, an edge among many newer ones, a key among many indexes.
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/time_units.h"
#include "bench/degree_graph.h"
#include "bench/suites.h"
#include "cli/seeded_random.h"
#include "env/posix_clock.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value.h"
#include "graph/value_coding.h"

namespace tidemark::bench {
namespace {

constexpr uint32_t kSmallDegree = 15;
constexpr uint32_t kHubCount = 16;
constexpr uint32_t kHubDegree = 65536;
constexpr uint32_t kHubTargetCount = 100'000;
constexpr int64_t kKeysPerTransaction = 1000;
constexpr double kKeptSpeedGoal = 0.8;
constexpr uint32_t kNewerEdgeCount = 1'000'000;
constexpr uint32_t kNewerCommitCount = 1000;
constexpr int kOldReadCount = 10'000;
constexpr double kOldReadGoal = 10;
constexpr uint32_t kOtherIndexCount = 100;
constexpr int64_t kKeyCount = 100'000;
constexpr int kKeyReadCount = 100'000;
constexpr double kManyIndexesGoal = 1.25;
constexpr LabelId kKeyedLabel{1};
constexpr KeyId kKeyProperty{1};
constexpr IndexId kKeyIndex{1};

using storage::Direction;

// Each case of a graph is measured in turns with the clean one, in the same random order. Both
// graphs were made in the same way: a vertex has the same id in both.
class ExpandCases {
 public:
  ExpandCases(const BenchContext& context, std::string name, const DegreeGraph::Shape& shape)
      : context_(context), name_(std::move(name)), clean_(shape), changed_(shape) {}

  void Run() {
    MeasureClean();
    Measure("undirected", {clean_.shard(), clean_.Reader(), Direction::kAny});
    MeasureOwnWrites();
    const storage::View before = changed_.Reader();
    changed_.DeleteMiddleEdges();
    Measure("1 deletion per vertex", {changed_.shard(), changed_.Reader(), Direction::kOut});
    Measure("1 deletion per vertex, a reader from before",
            {changed_.shard(), before, Direction::kOut}, std::nullopt);
    changed_.Collect();
    Measure("1 deletion per vertex, collected",
            {changed_.shard(), changed_.Reader(), Direction::kOut});
  }

 private:
  std::vector<uint32_t> RandomOrder(int64_t run) const {
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < clean_.shape().vertex_count; ++i) order.push_back(i);
    cli::SeededRandom(static_cast<uint64_t>(run)).Shuffle(&order);
    return order;
  }
  double ExpandIn(const ShardExpansion& wanted, const std::vector<uint32_t>& order) const {
    std::vector<VertexId> frontier;
    for (const uint32_t number : order) frontier.push_back(clean_.vertices()[number]);
    return TimeExpansion(wanted, frontier, context_.clock).edges_per_second;
  }
  void MeasureClean() {
    const Csr csr = clean_.MakeCsr();
    BenchRow row{"reads", name_ + ": clean", "edges/s", {}, "CSR copying 8-byte ids", 0, {}};
    Samples bare;
    for (int64_t run = 0; run < context_.options.runs; ++run) {
      const std::vector<uint32_t> order = RandomOrder(run);
      bare.Add(TimeCsrCopy(csr, order, context_.clock).edges_per_second);
      row.figure.Add(ExpandIn({clean_.shard(), clean_.Reader(), Direction::kOut}, order));
    }
    row.limit = bare.Median();
    context_.report->Add(std::move(row));
  }
  void Measure(const std::string& name, const ShardExpansion& wanted,
               std::optional<Goal> goal = Goal{kKeptSpeedGoal, false}) {
    BenchRow row{"reads", name_ + ": " + name, "edges/s", {}, "clean", 0, goal};
    Samples clean;
    for (int64_t run = 0; run < context_.options.runs; ++run) {
      const std::vector<uint32_t> order = RandomOrder(run);
      clean.Add(ExpandIn({clean_.shard(), clean_.Reader(), Direction::kOut}, order));
      row.figure.Add(ExpandIn(wanted, order));
    }
    row.limit = clean.Median();
    context_.report->Add(std::move(row));
  }
  void MeasureOwnWrites() {
    storage::Shard* shard = clean_.shard();
    const storage::View writer = clean_.Begin();
    CHECK(shard
              ->CreateEdge(writer,
                           {EdgeId(), clean_.vertices()[0], clean_.vertices()[1], TypeId(1)}, {})
              .ok());
    Measure("own edge", {clean_.shard(), writer, Direction::kOut});
    CHECK(shard->DeleteEdge(writer, clean_.middle_edges()[0]).ok());
    Measure("own edge and own deletion", {clean_.shard(), writer, Direction::kOut});
    shard->Abort(writer.tx);
  }

  const BenchContext& context_;
  const std::string name_;
  DegreeGraph clean_;
  DegreeGraph changed_;
};

double MicrosOfEach(int64_t begin, int64_t end, int count) {
  return static_cast<double>(end - begin) / static_cast<double>(count);
}

// The oldest edge of a vertex, read as of its commit, when many commits have brought newer ones.
void MeasureOldEdge(const BenchContext& context) {
  DegreeGraph graph({1, 1, 2});
  const storage::View old = graph.Reader();
  const EdgeId edge = graph.middle_edges()[0];
  for (uint32_t i = 0; i < kNewerCommitCount; ++i) {
    const storage::View view = graph.Begin();
    for (uint32_t k = 0; k < kNewerEdgeCount / kNewerCommitCount; ++k) {
      CHECK(graph.shard()
                ->CreateEdge(view, {EdgeId(), graph.vertices()[0], graph.vertices()[1], TypeId(1)},
                             {})
                .ok());
    }
    graph.Commit(view.tx);
  }
  BenchRow row{"reads",
               "edge below 1 million newer ones, old csn",
               "us",
               {},
               "newest csn",
               0,
               Goal{kOldReadGoal, true}};
  Samples newest;
  const auto measure = [&](const storage::View& view) {
    const int64_t begin = context.clock->NowMicros();
    for (int i = 0; i < kOldReadCount; ++i) CHECK(graph.shard()->GetEdge(view, edge).has_value());
    return MicrosOfEach(begin, context.clock->NowMicros(), kOldReadCount);
  };
  for (int64_t run = 0; run < context.options.runs; ++run) {
    newest.Add(measure(graph.Reader()));
    row.figure.Add(measure(old));
  }
  row.limit = newest.Median();
  context.report->Add(std::move(row));
}

// Vertices with a number under a uniqueness constraint, beside indexes of other labels.
class KeyGraph {
 public:
  explicit KeyGraph(uint32_t other_index_count) : shard_(storage::ShardLimits(), 1, NodeId(1)) {
    AddIndex(kKeyIndex, graph::IndexKind::kUnique, kKeyedLabel);
    for (uint32_t i = 1; i <= other_index_count; ++i) {
      AddIndex(IndexId(kKeyIndex.value() + i), graph::IndexKind::kLabelProperty,
               LabelId(kKeyedLabel.value() + i));
    }
  }
  // Creates the vertices, claims their keys; vertices per second.
  double Fill(env::Clock* clock) {
    const int64_t begin = clock->NowMicros();
    for (int64_t i = 0; i < kKeyCount;) {
      const storage::View view{Csn(csn_), TxId(csn_ + 1)};
      for (const int64_t end = i + kKeysPerTransaction; i < std::min(end, kKeyCount); ++i) {
        std::vector<storage::KeyChange> changes;
        CHECK(shard_.CreateVertex(view, {std::nullopt, {kKeyedLabel}, PropertiesOf(i)}, &changes)
                  .ok());
        for (const storage::KeyChange& change : changes) CHECK(shard_.ChangeKey(view, change).ok());
      }
      Commit(view.tx);
    }
    shard_.SetHorizon(Csn(csn_));
    while (!shard_.CollectSome(std::numeric_limits<int64_t>::max())) {
    }
    return static_cast<double>(kKeyCount) / static_cast<double>(clock->NowMicros() - begin) *
           kMicrosPerSecond;
  }
  double MicrosOfFindKey(env::Clock* clock) {
    std::vector<std::string> keys;
    cli::SeededRandom random(1);
    for (int i = 0; i < kKeyReadCount; ++i) keys.push_back(KeyOf(random.Below(kKeyCount)));
    const int64_t begin = clock->NowMicros();
    for (const std::string& key : keys) {
      CHECK(shard_.FindKey({Csn(csn_), TxId()}, kKeyIndex, key).has_value());
    }
    return MicrosOfEach(begin, clock->NowMicros(), kKeyReadCount);
  }

 private:
  static std::string PropertiesOf(int64_t number) {
    std::string packed;
    CHECK(graph::PackProperties({{kKeyProperty, graph::EncodeValue(graph::Value::Integer(number))}},
                                &packed)
              .ok());
    return packed;
  }
  static std::string KeyOf(int64_t number) {
    return graph::UniqueKeyOf(PropertiesOf(number), {kKeyProperty})->value();
  }
  void AddIndex(IndexId id, graph::IndexKind kind, LabelId label) {
    graph::IndexDefinition definition;
    definition.id = id;
    definition.kind = kind;
    definition.label = label;
    definition.name = absl::StrCat("index_", id.value());
    definition.keys = {kKeyProperty};
    definition.state = graph::IndexState::kOnline;
    const TxId tx(csn_ + 1);
    shard_.AddSchemaChange(tx, definition);
    Commit(tx);
  }
  void Commit(TxId tx) {
    shard_.TakePendingMutations(tx);
    shard_.Commit(tx, Csn(++csn_));
    int64_t units = std::numeric_limits<int64_t>::max();
    CHECK(shard_.ApplySome(&units));
  }

  storage::Shard shard_;
  uint64_t csn_ = 0;
};

void MeasureKeys(const BenchContext& context) {
  const std::string beside = absl::StrCat(" beside ", kOtherIndexCount, " other indexes");
  BenchRow find{"reads", "FindKey" + beside,          "us", {}, "no other index",
                0,       Goal{kManyIndexesGoal, true}};
  BenchRow fill{"reads", "vertices with a key" + beside,   "vertices/s", {}, "no other index",
                0,       Goal{1 / kManyIndexesGoal, false}};
  Samples find_alone;
  Samples fill_alone;
  for (int64_t run = 0; run < context.options.runs; ++run) {
    KeyGraph alone(0);
    KeyGraph many(kOtherIndexCount);
    fill_alone.Add(alone.Fill(context.clock));
    fill.figure.Add(many.Fill(context.clock));
    find_alone.Add(alone.MicrosOfFindKey(context.clock));
    find.figure.Add(many.MicrosOfFindKey(context.clock));
  }
  find.limit = find_alone.Median();
  fill.limit = fill_alone.Median();
  context.report->Add(std::move(find));
  context.report->Add(std::move(fill));
}

}  // namespace

absl::Status RunReadsSuite(const BenchContext& given) {
  env::ThreadClock clock;  // one thread that never waits
  BenchContext context = given;
  context.clock = &clock;
  const auto vertices = static_cast<uint32_t>(context.options.vertices);
  ExpandCases(context, absl::StrCat("degree ", kSmallDegree), {vertices, kSmallDegree, vertices})
      .Run();
  ExpandCases(context, absl::StrCat("degree ", kHubDegree),
              {kHubCount, kHubDegree, kHubTargetCount})
      .Run();
  MeasureOldEdge(context);
  MeasureKeys(context);
  return absl::OkStatus();
}

}  // namespace tidemark::bench
