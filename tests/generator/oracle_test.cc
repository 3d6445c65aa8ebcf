// SPDX-License-Identifier: Apache-2.0
// Random statements at the engine and at another server that speaks Bolt, such as Neo4j, whose
// address (HOST:PORT, without a password) is in TIDEMARK_ORACLE_ADDRESS; its graph is deleted.
// Columns, rows, counters, the graph behind a statement and the codes of errors must be the same,
// but for the differences that docs/cypher.md names. Of those, statements still meet NaN in groups,
// range() with a step from a number down to a lower one, -x of a zero, ids that stand twice in a
// list, paths of one bound vertex behind OPTIONAL MATCH, and patterns in the properties of MERGE.
// TIDEMARK_GENERATOR_SEEDS=FIRST:COUNT runs others than the fixed ones.
#include "tests/generator/oracle.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/generator/comparer.h"
#include "tests/generator/seeds.h"

namespace tidemark::generator {
namespace {

// What Neo4j refuses to read although it says what it means.
bool IsRefused(const Answer& answer) {
  return answer.error_text.starts_with("Mixing label expression symbols") ||
         answer.error_text.starts_with("Invalid input 'Infinity'") ||
         answer.error_text.starts_with(
             "Variable length relationships must not use relationship type expressions");
}

bool IsSameError(const Answer& ours, const Answer& theirs) {
  if (ours.error_code == theirs.error_code) return true;
  // An edge that is to be made at null.
  return ours.error_code == "Neo.ClientError.Statement.TypeError" &&
         theirs.error_text.starts_with("Failed to create relationship");
}

// There SET counts properties that are null and were not there, and a key that is set twice once.
Answer WithoutPropertyCount(Answer answer) {
  const size_t begin = answer.counters.find(", properties ");
  if (begin == std::string::npos) return answer;
  answer.counters.erase(begin, answer.counters.find(", labels") - begin);
  return answer;
}

class OracleTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* address = std::getenv("TIDEMARK_ORACLE_ADDRESS");
    if (address == nullptr) GTEST_SKIP() << "TIDEMARK_ORACLE_ADDRESS names no server";
    oracle_ = std::make_unique<Oracle>(address);
  }

  void RunSeeds(uint64_t count, bool writes);

 private:
  void MakeBoth(const GraphPlan& plan, uint64_t seed);
  // Empty: they agree.
  std::string Compare(const Statement& statement);

  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<Engine> engine_;
  int64_t compared_ = 0;
  int64_t errors_ = 0;
  int64_t refused_ = 0;
};

void OracleTest::MakeBoth(const GraphPlan& plan, uint64_t seed) {
  engine_ = std::make_unique<Engine>(1, seed);
  oracle_->Run("MATCH (n) DETACH DELETE n", {});
  // Its indexes would make no difference.
  GraphPlan data = plan;
  data.schema.clear();
  for (const std::string& text : data.ToStatements()) {
    ASSERT_EQ(engine_->Run(text, {}).error_text, "");
    ASSERT_EQ(oracle_->Run(text, {}).error_text, "");
  }
}

std::string OracleTest::Compare(const Statement& statement) {
  const TextStyle style{statement.has_bags, statement.loose_numbers};
  engine_->Begin();
  oracle_->Begin();
  const Answer ours = engine_->Run(statement.Text(), style);
  const Answer theirs = oracle_->Run(statement.Text(), style);
  std::vector<std::string> our_graph, their_graph;
  if (statement.writes && ours.error_code.empty() && theirs.error_code.empty()) {
    our_graph = engine_->Graph();
    their_graph = oracle_->Graph();
  }
  engine_->Rollback();
  oracle_->Rollback();
  // There an edge without an end is an error of the commit.
  if (IsRefused(theirs) || ours.error_detail == "DeleteConnectedNode") {
    ++refused_;
    return "";
  }
  ++compared_;
  errors_ += ours.error_code.empty() ? 0 : 1;
  const bool is_same =
      ours.error_code.empty() && theirs.error_code.empty()
          ? SameRows(statement, WithoutPropertyCount(ours), WithoutPropertyCount(theirs))
          : IsSameError(ours, theirs);
  if (!is_same) return absl::StrCat("ours: ", TextOf(ours), "\ntheirs: ", TextOf(theirs));
  if (our_graph == their_graph) return "";
  return absl::StrCat("our graph:\n  ", absl::StrJoin(our_graph, "\n  "), "\ntheirs:\n  ",
                      absl::StrJoin(their_graph, "\n  "));
}

void OracleTest::RunSeeds(uint64_t count, bool writes) {
  int differences = 0;
  uint64_t graph_of = UINT64_MAX;
  GraphPlan plan;
  const auto [first, seed_count] = SeedsToRun(count);
  for (uint64_t seed = first; seed < first + seed_count; ++seed) {
    const uint64_t graph = seed / kStatementsPerGraph;
    if (graph != graph_of) {
      Random random(graph * 2 + 1);
      plan = MakeGraph(&random);
      MakeBoth(plan, graph);
      graph_of = graph;
    }
    Random random(seed * 2);
    StatementMaker maker(&random);
    const Statement statement = writes ? maker.Write() : maker.Read();
    const std::string difference = Compare(statement);
    if (difference.empty()) continue;
    ++differences;
    ADD_FAILURE() << "seed " << seed << "\n"
                  << absl::StrJoin(plan.ToStatements(), ";\n") << ";\n"
                  << statement.Text() << "\n"
                  << difference;
  }
  std::cout << compared_ << " compared, " << errors_ << " of them failed, " << refused_
            << " are left out, " << differences << " differ\n";
}

TEST_F(OracleTest, ReadsGiveWhatTheOtherServerGives) { RunSeeds(3000, false); }
TEST_F(OracleTest, WritesGiveWhatTheOtherServerGives) { RunSeeds(2000, true); }

}  // namespace
}  // namespace tidemark::generator
