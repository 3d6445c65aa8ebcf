// SPDX-License-Identifier: Apache-2.0
#include "check/workload.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "base/check.h"
#include "check/runner.h"
#include "gtest/gtest.h"
#include "tests/check/fake_graph.h"

namespace tidemark::check {
namespace {

class TestRandom final : public env::Random {
 public:
  explicit TestRandom(uint64_t seed) : generator_(seed) {}
  uint64_t Next() override { return generator_(); }

 private:
  std::mt19937_64 generator_;
};

// Runs a workload with a few interleaved clients on a fake graph.
class Bench {
 public:
  Bench(std::string_view workload, FakeBug bug, uint64_t seed)
      : workload_(MakeWorkload(workload)), random_(seed) {
    for (size_t i = 0; i < kClientCount; ++i) {
      clients_.push_back(std::make_unique<FakeClient>(&graph_, static_cast<int>(i)));
      runners_.push_back(
          std::make_unique<Runner>(clients_.back().get(), [this] { return ++now_; }));
    }
    for (const auto& [label, key] : workload_->unique_keys()) {
      clients_[0]->CreateUnique(label, key, [](absl::Status) {});
    }
    while (auto script = workload_->Setup()) RunAlone(std::move(script));
    graph_.bug = bug;
  }

  std::vector<std::string> Run(int transactions) {
    for (int started = 0; started < transactions;) {
      const size_t i = random_.Next() % kClientCount;
      if (runners_[i]->idle()) {
        ++started;
        runners_[i]->Start(workload_->NextTransaction(&random_), [this](const Ending& ending) {
          if (ending.outcome == Outcome::kCommitted) ++committed_;
        });
      } else {
        clients_[i]->Deliver();
      }
    }
    for (size_t i = 0; i < kClientCount; ++i) {
      while (!runners_[i]->idle()) clients_[i]->Deliver();
    }
    RunAlone(workload_->FinalRead());
    return workload_->Check({});
  }
  int committed() const { return committed_; }

 private:
  static constexpr size_t kClientCount = 4;

  void RunAlone(std::unique_ptr<Script> script) {
    bool committed = false;
    runners_[1]->Start(std::move(script), [&committed](const Ending& ending) {
      committed = ending.outcome == Outcome::kCommitted;
    });
    while (clients_[1]->Deliver()) {
    }
    CHECK(committed);
  }

  std::unique_ptr<Workload> workload_;
  TestRandom random_;
  FakeGraph graph_;
  std::vector<std::unique_ptr<FakeClient>> clients_;
  std::vector<std::unique_ptr<Runner>> runners_;
  int64_t now_ = 0;
  int committed_ = 0;
};

TEST(WorkloadTest, AllWorkloadsAreContentWithARightGraph) {
  for (const std::string& name : WorkloadNames()) {
    for (uint64_t seed = 0; seed < 8; ++seed) {
      Bench bench(name, FakeBug::kNone, seed);
      const std::vector<std::string> violations = bench.Run(300);
      EXPECT_TRUE(violations.empty()) << name << ": " << absl::StrJoin(violations, "\n");
      EXPECT_GT(bench.committed(), 50) << name;
    }
  }
}

// In how many of some seeds the workload notices the bug.
int Noticed(std::string_view workload, FakeBug bug) {
  int noticed = 0;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Bench bench(workload, bug, seed);
    if (!bench.Run(300).empty()) ++noticed;
  }
  return noticed;
}

TEST(WorkloadTest, LostUpdatesAreNoticed) {
  EXPECT_EQ(Noticed("bank", FakeBug::kNoConflicts), 5);
  EXPECT_EQ(Noticed("list-append", FakeBug::kNoConflicts), 5);
}

TEST(WorkloadTest, ReadsOfSeveralStatesAreNoticed) {
  EXPECT_GT(
      Noticed("list-append", FakeBug::kReadsNewest) + Noticed("unique", FakeBug::kReadsNewest), 0);
}

TEST(WorkloadTest, StaleReadsAreNoticed) {
  EXPECT_EQ(Noticed("list-append", FakeBug::kStaleReads), 5);
  EXPECT_GT(Noticed("ledger", FakeBug::kStaleReads), 2);
}

TEST(WorkloadTest, LostCommitsAreNoticed) {
  EXPECT_EQ(Noticed("ledger", FakeBug::kLosesCommits), 5);
  EXPECT_EQ(Noticed("list-append", FakeBug::kLosesCommits), 5);
  EXPECT_EQ(Noticed("hub", FakeBug::kLosesCommits), 5);
}

TEST(WorkloadTest, HalfCommitsAreNoticed) {
  EXPECT_EQ(Noticed("ledger", FakeBug::kHalfCommits), 5);
  EXPECT_EQ(Noticed("bank", FakeBug::kHalfCommits), 5);
  EXPECT_EQ(Noticed("ring", FakeBug::kHalfCommits), 5);
}

TEST(WorkloadTest, AbortedWritesAreNoticed) {
  EXPECT_EQ(Noticed("bank", FakeBug::kKeepsAborted), 5);
}

TEST(WorkloadTest, OneEndedEdgesAreNoticed) {
  EXPECT_EQ(Noticed("symmetry", FakeBug::kOneEndedEdges), 5);
  EXPECT_EQ(Noticed("ring", FakeBug::kOneEndedEdges), 5);
}

TEST(WorkloadTest, DuplicateKeysAreNoticed) {
  EXPECT_EQ(Noticed("unique", FakeBug::kIgnoresUnique), 5);
}

}  // namespace
}  // namespace tidemark::check
