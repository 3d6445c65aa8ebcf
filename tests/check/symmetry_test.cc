// SPDX-License-Identifier: Apache-2.0
// What the symmetry workload remembers of ids: docs/decisions/ids-of-undone-commits.md.
#include "check/workloads/symmetry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>

namespace tidemark::check {
namespace {

constexpr CommitPlace kPlanted{Epoch(1), Csn(10)};

class CountingRandom final : public env::Random {
 public:
  uint64_t Next() override { return generator_(); }

 private:
  std::mt19937_64 generator_{1};
};

// The workload, played by hand: what scripts ask for is answered with made-up ids. Threads: one.
class SymmetryTest : public testing::Test {
 protected:
  SymmetryTest() {
    std::unique_ptr<Script> plant = workload_.Setup();
    Play(plant.get());
    plant->Ended(Committed(kPlanted));
  }

  static Ending Committed(CommitPlace place) {
    Ending ending;
    ending.outcome = Outcome::kCommitted;
    ending.place = place;
    return ending;
  }
  static Ending Refused() {
    Ending ending;
    ending.status = absl::FailedPreconditionError("the bookmark names an undone commit");
    return ending;
  }

  // Answers the script's steps until it wants to end; returns the ids that it was given for new
  // vertices.
  std::set<VertexId> Play(Script* script) {
    std::set<VertexId> created;
    Step step = script->Next({});
    while (step.kind == Step::Kind::kRun) {
      Results results(step.operations.size());
      for (size_t i = 0; i < results.size(); ++i) {
        const Operation& operation = step.operations[i];
        NoteUse(operation);
        if (operation.kind == OperationKind::kGetVertex) {
          results[i].vertices.push_back({operation.vertex, {}});
        } else if (operation.kind == OperationKind::kCreateVertex) {
          results[i].vertex = VertexId(next_id_++);
          created.insert(results[i].vertex);
        }
      }
      step = script->Next(results);
    }
    return created;
  }
  void NoteUse(const Operation& operation) {
    used_.insert(operation.vertex);
    used_.insert(operation.target);
  }
  std::unique_ptr<Script> NextWriter() {
    std::unique_ptr<Script> script = workload_.NextTransaction(&random_);
    while (script->read_only()) script = workload_.NextTransaction(&random_);
    return script;
  }
  // A transaction that makes vertices, played up to its commit.
  std::unique_ptr<Script> NextGrowth(std::set<VertexId>* created) {
    while (true) {
      std::unique_ptr<Script> script = NextWriter();
      *created = Play(script.get());
      if (!created->empty()) return script;
    }
  }
  // Whether one of `ids` is used by the next transactions.
  bool IsUsed(const std::set<VertexId>& ids) {
    used_.clear();
    for (int i = 0; i < 200; ++i) Play(NextWriter().get());
    return std::any_of(ids.begin(), ids.end(), [this](VertexId id) { return used_.contains(id); });
  }

  SymmetryWorkload workload_;
  CountingRandom random_;
  uint64_t next_id_ = 1;
  std::set<VertexId> used_;
};

TEST_F(SymmetryTest, TransactionsBeginAfterTheCommitThatMadeTheirIds) {
  EXPECT_EQ(NextWriter()->after(), kPlanted);
  std::set<VertexId> created;
  NextGrowth(&created)->Ended(Committed({Epoch(1), Csn(11)}));
  EXPECT_EQ(NextWriter()->after(), (CommitPlace{Epoch(1), Csn(11)}));
  EXPECT_TRUE(IsUsed(created));
}

TEST_F(SymmetryTest, RefusedBeginEmptiesThePoolAndNewVerticesArePlanted) {
  const std::unique_ptr<Script> late = NextWriter();
  NextWriter()->Ended(Refused());
  used_.clear();
  std::unique_ptr<Script> plant = NextWriter();
  EXPECT_EQ(plant->after(), std::nullopt);
  const std::set<VertexId> created = Play(plant.get());
  EXPECT_FALSE(created.empty());
  EXPECT_EQ(used_, std::set<VertexId>{VertexId()});  // no id of before
  const CommitPlace place{Epoch(2), Csn(5)};
  plant->Ended(Committed(place));
  EXPECT_EQ(NextWriter()->after(), place);
  EXPECT_TRUE(IsUsed(created));
  // Another one of before is refused later: the new pool stays.
  late->Ended(Refused());
  EXPECT_EQ(NextWriter()->after(), place);
}

TEST_F(SymmetryTest, CommitThatIsNotProvenToIncludeTheNewestDoesNotJoin) {
  std::set<VertexId> unproven;
  const std::unique_ptr<Script> slow = NextGrowth(&unproven);
  std::set<VertexId> proven;
  const std::unique_ptr<Script> fast = NextGrowth(&proven);
  // It began after the newest of then, in an epoch of its own.
  const CommitPlace newest{Epoch(2), Csn(11)};
  fast->Ended(Committed(newest));
  EXPECT_EQ(NextWriter()->after(), newest);
  // This one is of the old epoch: whether `newest` includes it, nobody knows.
  slow->Ended(Committed({Epoch(1), Csn(12)}));
  EXPECT_EQ(NextWriter()->after(), newest);
  EXPECT_TRUE(IsUsed(proven));
  EXPECT_FALSE(IsUsed(unproven));
}

}  // namespace
}  // namespace tidemark::check
