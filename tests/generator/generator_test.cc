// SPDX-License-Identifier: Apache-2.0
// Random statements over random graphs: the engine, on one worker and on three, must answer as the
// reference evaluator does. TIDEMARK_GENERATOR_SEEDS=FIRST:COUNT runs others than the fixed ones.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "tests/generator/comparer.h"
#include "tests/generator/seeds.h"

namespace tidemark::generator {
namespace {

constexpr int kShownDifferences = 10;

// Runs the statements of these seeds; a seed has the same graph and statement in every run.
Tally RunSeeds(uint64_t first, uint64_t count, bool writes) {
  Tally tally;
  std::unique_ptr<Comparer> comparer;
  uint64_t graph_of = UINT64_MAX;
  int differences = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const uint64_t graph = seed / kStatementsPerGraph;
    if (comparer == nullptr || graph != graph_of) {
      Random random(graph * 2 + 1);
      comparer = std::make_unique<Comparer>(MakeGraph(&random), graph);
      graph_of = graph;
    }
    Random random(seed * 2);
    StatementMaker maker(&random);
    const Statement statement = writes ? maker.Write() : maker.Read();
    const bool commits = random.Chance(30);
    const std::string difference = comparer->Compare(statement, commits, &tally);
    if (difference.empty()) continue;
    if (++differences > kShownDifferences) continue;
    ADD_FAILURE() << "seed " << seed << (commits ? ", committed\n" : "\n")
                  << absl::StrJoin(comparer->plan().ToStatements(), ";\n") << ";\n"
                  << statement.Text() << "\n"
                  << difference << "\n"
                  << Shrink(comparer->plan(), statement, commits, seed);
  }
  EXPECT_EQ(differences, 0);
  std::cout << tally.Text() << "\n";
  return tally;
}

// Most statements must show something.
void ExpectMeaning(const Tally& tally) {
  int64_t not_covered = 0;
  for (const auto& [what, count] : tally.not_covered) not_covered += count;
  EXPECT_LT(not_covered * 20, tally.compared);
  EXPECT_GT(tally.with_rows * 3, tally.compared);
  EXPECT_LE(tally.in_another_order * 1000, tally.compared);
}

TEST(GeneratorTest, ReadsGiveWhatTheReferenceGives) {
  const auto [first, count] = SeedsToRun(2000);
  ExpectMeaning(RunSeeds(first, count, false));
}

TEST(GeneratorTest, WritesGiveWhatTheReferenceGives) {
  const auto [first, count] = SeedsToRun(1000);
  const Tally tally = RunSeeds(first, count, true);
  EXPECT_GT(tally.with_changes * 2, tally.compared);
}

}  // namespace
}  // namespace tidemark::generator
