// SPDX-License-Identifier: Apache-2.0
// One vertex with very many edges on real processes: whatever is done to it is linear in its
// degree. TIDEMARK_TEST_SCALE=acceptance runs a million edges.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"
#include "tests/integration/machine_control.h"

namespace tidemark::integration {
namespace {

constexpr int kSpokeCount = 1000;
constexpr int kPerTransaction = 2000;

// One life of a hub in a cluster of its own; how long each part took.
class HubLife {
 public:
  HubLife(int degree, bool with_steps)
      : degree_(degree),
        with_steps_(with_steps),
        cluster_("cluster", directory_.path() + "/data", 2, {"--synchronous-commit"}) {}

  void Run() {
    ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
    session_ = cluster_.client()->OpenSession();
    Measure("create", [&] { CreateEdges(); });
    const auto before = Snapshot();
    Measure("read", [&] { EXPECT_EQ(Degree(session_.get()), degree_); });
    Measure("delete half", [&] { DeleteEdges(edges_.size() / 2); });
    const auto after = Snapshot();
    Measure("read half-deleted", [&] { EXPECT_EQ(Degree(after.get()), degree_ / 2); });
    Measure("read as of before", [&] { EXPECT_EQ(Degree(before.get()), degree_); });
    ASSERT_TRUE(before->Rollback().ok());
    ASSERT_TRUE(after->Rollback().ok());
    Measure("delete the rest", [&] { DeleteEdges(edges_.size()); });
    EXPECT_EQ(Degree(session_.get()), 0);
    CreateEdges();
    Measure("detach delete", [&] { DetachDelete(); });
    EXPECT_EQ(DegreeOfSpokes(), 0);
    CreateEdges();
    if (with_steps_) CheckSteps("until the kill");
    cluster_.KillEverything();
    Measure("replay", [&] { ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output(); });
    session_ = cluster_.client()->OpenSession();
    EXPECT_EQ(Degree(session_.get()), degree_);
    EXPECT_EQ(DegreeOfSpokes(), degree_);
    if (with_steps_) CheckSteps("after the replay");
    EXPECT_EQ(cluster_.Stop(), 0) << cluster_.output();
  }

  const std::vector<std::pair<std::string, double>>& seconds() const { return seconds_; }
  const std::string& steps() const { return steps_; }

 private:
  template <typename Fn>
  void Measure(const std::string& what, Fn fn) {
    const auto start = std::chrono::steady_clock::now();
    fn();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    seconds_.emplace_back(what, taken.count());
  }

  // No step of a loop is long. What the machine adds makes some look so: those may be a thousandth
  // and a few. Only at acceptance scale: there are enough steps for a share, and only there a step
  // over all edges of the hub would be long.
  void CheckSteps(const std::string& when) {
    const ClusterProcess::Steps steps = cluster_.ReadSteps();
    EXPECT_GT(steps.count, 0u);
    if (AtAcceptanceScale()) {
      EXPECT_LE(steps.long_count, steps.count / 1000 + 10) << steps.text;
    }
    absl::StrAppend(&steps_, when, ", ", steps.long_count, " of ", steps.count,
                    " steps over 1 ms\n", steps.text);
  }

  // A hub and its spokes, then the edges from the hub to them.
  void CreateEdges() {
    api::Run vertices;
    for (int i = 0; i <= kSpokeCount; ++i) AddVertex(&vertices, "Node", "id", i);
    const auto made = session_->Run(vertices);
    ASSERT_TRUE(made.ok()) << made.status();
    hub_ = made->results(0).vertex();
    spokes_.clear();
    for (int i = 1; i <= kSpokeCount; ++i) spokes_.push_back(made->results(i).vertex());
    edges_.clear();
    for (int begin = 0; begin < degree_; begin += kPerTransaction) {
      api::Run run;
      for (int i = begin; i < std::min(begin + kPerTransaction, degree_); ++i) {
        AddEdge(&run, hub_, spokes_[static_cast<size_t>(i % kSpokeCount)], "TO");
      }
      const auto result = session_->Run(run);
      ASSERT_TRUE(result.ok()) << result.status();
      for (const auto& one : result->results()) edges_.push_back(one.edge());
    }
  }

  // A spread of them: what is left is all over the array.
  void DeleteEdges(size_t count) {
    std::vector<uint64_t> rest;
    api::Run run;
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (count < edges_.size() && i % 2 == 0) {
        rest.push_back(edges_[i]);
        continue;
      }
      run.add_operations()->mutable_delete_edge()->set_edge(edges_[i]);
      if (run.operations_size() == kPerTransaction) Flush(&run);
    }
    if (run.operations_size() > 0) Flush(&run);
    edges_ = std::move(rest);
  }

  void DetachDelete() {
    api::Run run;
    run.add_operations()->mutable_delete_vertex()->mutable_vertex()->set_id(hub_);
    run.mutable_operations(0)->mutable_delete_vertex()->set_detach(true);
    Flush(&run);
  }

  void Flush(api::Run* run) {
    const auto result = session_->Run(*run);
    ASSERT_TRUE(result.ok()) << result.status();
    run->Clear();
  }

  // A transaction that sees what is committed now.
  std::unique_ptr<client::ClientSession> Snapshot() {
    auto session = cluster_.client()->OpenSession();
    api::Begin begin;
    begin.set_read_only(true);
    EXPECT_TRUE(session->Begin(begin).ok());
    return session;
  }

  int Degree(client::ClientSession* session) {
    api::Run run;
    run.add_operations()->mutable_expand()->mutable_vertex()->set_id(hub_);
    return ReadAll(session, run).neighbours_size();
  }
  int DegreeOfSpokes() {
    api::Run run;
    for (const uint64_t spoke : spokes_) {
      run.add_operations()->mutable_expand()->mutable_vertex()->set_id(spoke);
    }
    const auto results = client::RunToEnd(session_.get(), run);
    EXPECT_TRUE(results.ok()) << results.status();
    if (!results.ok()) return -1;
    int degree = 0;
    for (const api::OperationResult& one : *results) degree += one.neighbours_size();
    return degree;
  }

  const int degree_;
  const bool with_steps_;
  TestDirectory directory_;
  ClusterProcess cluster_;
  std::unique_ptr<client::ClientSession> session_;
  uint64_t hub_ = 0;
  std::vector<uint64_t> spokes_;
  std::vector<uint64_t> edges_;
  std::vector<std::pair<std::string, double>> seconds_;
  std::string steps_;
};

TEST(HubLifeTest, EachPartIsLinearInTheDegree) {
  constexpr int kFactor = 4;
  // Linear is kFactor and quadratic its square; what does not depend on the degree (the start of
  // processes) makes it less, the noise of a busy machine more.
  constexpr double kMaxRatio = 10;
  constexpr double kNoiseSeconds = 0.5;
  const int degree = AtAcceptanceScale() ? 1'000'000 : 32'000;
  HubLife small(degree / kFactor, false), large(degree, true);
  small.Run();
  MachineControl control;
  large.Run();
  control.Stop();
  ASSERT_EQ(small.seconds().size(), large.seconds().size());
  for (size_t i = 0; i < large.seconds().size(); ++i) {
    const auto& [what, seconds] = large.seconds()[i];
    const double fewer = small.seconds()[i].second;
    std::printf("%-18s %8d edges %7.3f s %8d edges %7.3f s  x %.1f\n", what.c_str(),
                degree / kFactor, fewer, degree, seconds, seconds / fewer);
    EXPECT_LT(seconds, kMaxRatio * fewer + kNoiseSeconds) << what;
  }
  std::printf("%s%s", large.steps().c_str(), control.text().c_str());
}

}  // namespace
}  // namespace tidemark::integration
