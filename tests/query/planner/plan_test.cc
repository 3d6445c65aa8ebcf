// SPDX-License-Identifier: Apache-2.0
// Statements and their plans, as text: tests/query/planner/*.plan. A case is
//
//   > a statement, over one line or more that begin so
//   for 1 worker:
//     the plan
//   for 3 workers:
//     the plan
//
// The graph has an index of :A(x), an index of :B(x, y) and a uniqueness constraint of :A(id). With
// TIDEMARK_WRITE_PLANS=1 the files are written anew; read what has changed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "query/planner/planner.h"
#include "tests/query/binder/bind_fixture.h"
#include "tests/query/planner/plan_text.h"

namespace tidemark::query {
namespace {

constexpr Csn kOnlineSince{1};

void AddIndex(graph::IndexKind kind, LabelId label, std::vector<KeyId> keys,
              catalog::SchemaTable* schema) {
  graph::IndexDefinition wanted;
  wanted.kind = kind;
  wanted.label = label;
  wanted.keys = std::move(keys);
  const std::string name = absl::StrCat("index_", schema->all().size() + 1);
  absl::StatusOr<graph::IndexDefinition> planned = schema->Plan(wanted, name);
  CHECK(planned.ok()) << planned.status();
  planned->state = graph::IndexState::kOnline;
  schema->Apply(*planned, kOnlineSince);
}

const catalog::SchemaTable& Schema() {
  static const catalog::SchemaTable* const schema = [] {
    auto* made = new catalog::SchemaTable;
    AddIndex(graph::IndexKind::kLabelProperty, LabelId(1), {KeyId(2)}, made);
    AddIndex(graph::IndexKind::kLabelProperty, LabelId(2), {KeyId(2), KeyId(3)}, made);
    AddIndex(graph::IndexKind::kUnique, LabelId(1), {KeyId(1)}, made);
    return made;
  }();
  return *schema;
}

absl::StatusOr<plan::Plan> MakePlanOf(const bound::Statement& statement, uint32_t worker_count,
                                      const Statistics* statistics) {
  PlannerInput input;
  input.worker_count = worker_count;
  input.schema = &Schema();
  input.read_csn = kOnlineSince;
  input.statistics = statistics;
  return MakePlan(statement, input);
}

std::string PlanOf(const std::string& text, uint32_t worker_count,
                   const Statistics* statistics = nullptr) {
  const BoundText bound = BindText(text);
  if (!bound.status.ok()) return absl::StrCat(MessageOf(bound.status), "\n");
  const absl::StatusOr<plan::Plan> plan = MakePlanOf(*bound.statement, worker_count, statistics);
  if (!plan.ok()) return absl::StrCat(MessageOf(plan.status()), "\n");
  CheckPlan(*plan);
  return PlanText(*plan);
}

std::string BlockOf(const std::string& text, uint32_t worker_count) {
  std::string block =
      absl::StrCat("for ", worker_count, worker_count == 1 ? " worker:\n" : " workers:\n");
  for (const absl::string_view line :
       absl::StrSplit(PlanOf(text, worker_count), '\n', absl::SkipEmpty())) {
    absl::StrAppend(&block, "  ", line, "\n");
  }
  return block;
}

// The file as it should be.
std::string WriteAnew(const std::string& content) {
  std::string out;
  std::string statement;
  const auto flush = [&] {
    if (statement.empty()) return;
    SCOPED_TRACE(statement);
    absl::StrAppend(&out, BlockOf(statement, 1), BlockOf(statement, 3));
    statement.clear();
  };
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    const bool is_statement = !line.empty() && line[0] == '>';
    if (is_statement) {
      absl::StrAppend(&statement, statement.empty() ? "" : "\n", line.substr(2));
      absl::StrAppend(&out, line, "\n");
    } else if (line.empty() || line[0] == '#') {
      flush();
      absl::StrAppend(&out, line, "\n");
    }
  }
  flush();
  out.pop_back();
  return out;
}

// The operator that the plan begins with at the workers: the last but the Argument.
std::string FirstOf(const std::string& text, const Statistics& statistics) {
  const std::vector<std::string> lines = absl::StrSplit(PlanOf(text, 1, &statistics), '\n');
  for (size_t i = 1; i < lines.size(); ++i) {
    if (absl::StrContains(lines[i], "Argument")) {
      return std::string(absl::StripLeadingAsciiWhitespace(lines[i - 1]));
    }
  }
  return "";
}

TEST(Plans, FollowStatistics) {
  constexpr uint32_t kA = 1;
  constexpr uint32_t kB = 2;
  Statistics statistics;
  statistics.vertex_count = 1'000'000;
  statistics.label_counts = {{kA, 500'000}, {kB, 10}};
  const std::string text = "MATCH (a:A)-[:T]->(b:B) RETURN count(*)";
  EXPECT_EQ(FirstOf(text, statistics), "NodeByLabelScan  | b:B");
  statistics.label_counts = {{kA, 10}, {kB, 500'000}};
  EXPECT_EQ(FirstOf(text, statistics), "NodeByLabelScan  | a:A");
  // An index of a large label gives more than a small label has.
  const std::string indexed = "MATCH (a:A {x: 1})-[:T]->(b:B) RETURN count(*)";
  statistics.label_counts = {{kA, 500'000}, {kB, 10}};
  EXPECT_EQ(FirstOf(indexed, statistics), "NodeByLabelScan  | b:B");
  statistics.label_counts = {{kA, 500'000}, {kB, 400'000}};
  EXPECT_EQ(FirstOf(indexed, statistics), "NodeIndexSeek  | a:A by index_1 = 1");
  // There is none of a label that complete statistics do not name.
  statistics.label_counts = {{kA, 10'000}};
  EXPECT_EQ(FirstOf(text, statistics), "NodeByLabelScan  | a:A");
  statistics.is_complete = true;
  EXPECT_EQ(FirstOf(text, statistics), "NodeByLabelScan  | b:B");
  // There may be some by now: an index that gives few rows is better.
  statistics.label_counts = {{kA, 1'000}};
  EXPECT_EQ(FirstOf(indexed, statistics), "NodeIndexSeek  | a:A by index_1 = 1");
}

void AppendEstimates(const plan::Operator& node, std::string* text) {
  const plan::Fragment* const inner = InnerOf(node);
  if (inner != nullptr) AppendEstimates(*inner->root, text);
  for (const auto& input : node.inputs) AppendEstimates(*input, text);
  absl::StrAppend(text, ToAbsl(NameOf(node)), " ", node.estimated_rows, "; ");
}

// Every operator with the rows that it is expected to give; what comes first stands first.
std::string EstimatesOf(const std::string& text, uint32_t worker_count) {
  constexpr uint32_t kA = 1;
  constexpr uint32_t kT = 1;
  Statistics statistics;
  statistics.vertex_count = 10'000;
  statistics.edge_count = 40'000;
  statistics.label_counts = {{kA, 1'000}};
  statistics.type_counts = {{kT, 20'000}};
  statistics.is_complete = true;
  const BoundText bound = BindText(text);
  const absl::StatusOr<plan::Plan> plan = MakePlanOf(*bound.statement, worker_count, &statistics);
  std::string estimates;
  AppendEstimates(*plan->home.root, &estimates);
  return estimates;
}

TEST(Estimates, FollowStatistics) {
  EXPECT_EQ(EstimatesOf("UNWIND [1, 2, 3] AS x RETURN x SKIP 1 LIMIT 5", 1),
            "Values 1; Unwind 3; Skip 2; Limit 2; ");
  EXPECT_EQ(EstimatesOf("MATCH (a:A)-[:T]->(b) WHERE b.y = 1 RETURN a.x AS x, count(*) AS c", 1),
            "Argument 1; NodeByLabelScan 1000; Expand(All) 2000; CacheProperties 2000; Filter 200; "
            "CacheProperties 200; Aggregation 14.1421; Values 1; Remote 14.1421; ");
}

TEST(Estimates, OfWorkersAreThoseOfAllOfThem) {
  EXPECT_EQ(
      EstimatesOf("MATCH (a:A {k: 1})-[]-(b) RETURN b.x AS x", 3),
      "Argument 800; CacheProperties 800; Argument 1; NodeByLabelScan 1000; "
      "CacheProperties 1000; Filter 100; Expand(All) 800; Values 1; Remote 800; Remote 800; ");
  EXPECT_EQ(EstimatesOf("MATCH (a:A) OPTIONAL MATCH (a)-[:T*2]->(b:A) RETURN count(b) AS c", 3),
            "Argument 9000; Filter 900; Argument 1000; Expand(All) 2000; Argument 1000; "
            "Remote 2000; Argument 1000; VarLengthExpand(All) 9000; Remote 900; Argument 1; "
            "NodeByLabelScan 1000; Values 1; Remote 1000; OptionalApply 1000; Aggregation 1; ");
  EXPECT_EQ(EstimatesOf("MATCH (a:A) RETURN a.x AS x UNION ALL UNWIND $l AS x RETURN x", 3),
            "Argument 1; NodeByLabelScan 1000; CacheProperties 1000; Values 1; Remote 1000; "
            "Values 1; Unwind 10; Union 1010; ");
}

TEST(StatisticsTest, AreFarApartWhenACountIsTwiceTheOther) {
  Statistics a;
  a.vertex_count = 1'000;
  a.edge_count = 1'000;
  a.label_counts = {{1, 500}, {2, 1}};
  a.type_counts = {{1, 500}};
  Statistics b = a;
  EXPECT_FALSE(AreFarApart(a, b));
  b.vertex_count = 1'900;
  b.label_counts = {{1, 600}, {3, 100}};
  EXPECT_FALSE(AreFarApart(a, b)) << "what there is little of does not count";
  const auto expect_far = [&a](const Statistics& other) {
    EXPECT_TRUE(AreFarApart(a, other));
    EXPECT_TRUE(AreFarApart(other, a));
  };
  b.label_counts[3] = 200;
  expect_far(b);
  b = a;
  b.vertex_count = 2'100;
  expect_far(b);
  b = a;
  b.edge_count = 2'100;
  expect_far(b);
  b = a;
  b.type_counts.clear();
  expect_far(b);
}

TEST(Plans, TakeTheRarerEdgeFirst) {
  constexpr uint32_t kT = 1;
  constexpr uint32_t kU = 2;
  const std::string text = "MATCH (b)<-[:T]-(a:A)-[:U]->(c) RETURN count(*)";
  Statistics statistics;
  statistics.type_counts = {{kT, 100'000}, {kU, 10}};
  const std::string rare_u = PlanOf(text, 1, &statistics);
  EXPECT_LT(rare_u.find(":T]"), rare_u.find(":U]"));  // what comes first stands below
  statistics.type_counts = {{kT, 10}, {kU, 100'000}};
  const std::string rare_t = PlanOf(text, 1, &statistics);
  EXPECT_GT(rare_t.find(":T]"), rare_t.find(":U]"));
}

TEST(Plans, UseNoIndexThatTheReaderMayNotUse) {
  const BoundText bound = BindText("MATCH (a:A {id: 1}) RETURN a");
  PlannerInput input;
  input.schema = &Schema();
  input.read_csn = Csn(kOnlineSince.value() - 1);
  const absl::StatusOr<plan::Plan> plan = MakePlan(*bound.statement, input);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(absl::StrContains(PlanText(*plan), "Seek"));
}

TEST(Plans, AreNotMadeOfTooManyOperators) {
  std::string text = "MATCH (a)";
  for (int i = 0; i < 600; ++i) text += "-->()";
  EXPECT_TRUE(absl::StrContains(PlanOf(text + " RETURN a", 1), "more than 1000 operators"));
}

TEST(Plans, AreAsWritten) {
  const std::filesystem::path folder =
      std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests/query/planner";
  size_t file_count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".plan") continue;
    ++file_count;
    std::stringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    const std::string wanted = WriteAnew(content.str());
    if (std::getenv("TIDEMARK_WRITE_PLANS") != nullptr) {
      std::ofstream(entry.path()) << wanted;
    } else {
      EXPECT_EQ(content.str(), wanted) << entry.path();
    }
  }
  EXPECT_GE(file_count, 3u);
}

}  // namespace
}  // namespace tidemark::query
