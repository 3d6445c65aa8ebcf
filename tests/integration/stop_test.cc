// SPDX-License-Identifier: Apache-2.0
// A stop ends soon whatever is under way, and one worker that cannot go on stops nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kStopLimitMs = 5000;

int64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

class StopTest : public ::testing::TestWithParam<std::string> {
 protected:
  void Start(int workers) {
    cluster_ = std::make_unique<ClusterProcess>(GetParam(), directory_.path() + "/data", workers);
    ASSERT_TRUE(cluster_->Start().ok()) << cluster_->output();
    session_ = cluster_->client()->OpenSession();
  }
  void ExpectFastStop() {
    const int64_t begin_ms = NowMs();
    EXPECT_EQ(cluster_->Stop(), 0) << cluster_->output();
    EXPECT_LT(NowMs() - begin_ms, kStopLimitMs);
  }

  TestDirectory directory_;
  std::unique_ptr<ClusterProcess> cluster_;
  std::unique_ptr<client::ClientSession> session_;
};

// The build waits for an open transaction, and its client for the build.
TEST_P(StopTest, WhoWaitsForAnIndexIsAnswered) {
  Start(2);
  api::Run run;
  AddVertex(&run, "L", "k", 1);
  ASSERT_TRUE(session_->Run(run).ok());
  ASSERT_TRUE(session_->Begin().ok());
  ASSERT_TRUE(session_->Run(run).ok());
  absl::StatusOr<api::Index> made = absl::UnknownError("no answer");
  std::thread waiting([&] {
    api::Index index;
    index.set_kind(api::LABEL_PROPERTY);
    index.set_label("L");
    index.add_keys("k");
    made = cluster_->client()->CreateIndex(index);
  });
  SleepMs(500);
  ExpectFastStop();
  waiting.join();
  EXPECT_EQ(made.status().code(), absl::StatusCode::kUnavailable) << made.status();
  EXPECT_THAT(std::string(made.status().message()), HasSubstr("the cluster is being stopped"));
}

TEST_P(StopTest, AStopWhileItStartsEndsSoonToo) {
  Start(2);
  ExpectFastStop();
  for (const int delay_ms : {0, 20, 50, 100, 200, 400}) {
    cluster_->Launch();
    SleepMs(delay_ms);
    const int64_t begin_ms = NowMs();
    const int code = cluster_->Stop();
    // A process that has not looked at its flags yet knows nothing of signals.
    EXPECT_TRUE(code == 0 || code == 128 + SIGTERM) << code << cluster_->output();
    EXPECT_LT(NowMs() - begin_ms, kStopLimitMs) << delay_ms;
  }
}

TEST_P(StopTest, AHangupIsACleanStop) {
  Start(1);
  for (int i = 0; i < 200; ++i) {
    api::Run run;
    AddVertex(&run, "L", "k", i);
    ASSERT_TRUE(session_->Run(run).ok());
  }
  cluster_->SignalParent(SIGHUP);
  EXPECT_EQ(cluster_->WaitForExit(), 0) << cluster_->output();
  ASSERT_TRUE(cluster_->Start().ok()) << cluster_->output();
  session_ = cluster_->client()->OpenSession();
  api::Run scan;
  scan.add_operations()->mutable_scan_label()->set_label("L");
  const auto all = RunToEnd(session_.get(), scan);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ((*all)[0].vertices_size(), 200);
  ExpectFastStop();
}

INSTANTIATE_TEST_SUITE_P(Commands, StopTest, ::testing::Values("server", "cluster"));

// A worker whose log is damaged while the others run.
TEST(RefusedWorkerTest, LeavesTheOthersAliveAndIsNamed) {
  TestDirectory directory;
  ClusterProcess cluster("cluster", directory.path() + "/data", 3, {"--synchronous-commit"});
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  // What ends before that ends the whole cluster.
  ASSERT_TRUE(cluster.WaitForOutput("ready grpc://")) << cluster.output();
  const auto session = cluster.client()->OpenSession();
  for (int i = 0; i < 30; ++i) {
    api::Run run;
    AddVertex(&run, "L", "k", i);
    ASSERT_TRUE(session->Run(run).ok());
  }
  const auto before = cluster.Status();
  ASSERT_TRUE(before.ok()) << before.status();
  const std::string log = cluster.data_dir() + "/worker-2/wal/000000000001.wal";
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(200);
  file << "damage";
  file.close();
  cluster.Signal(2, SIGKILL);
  EXPECT_TRUE(cluster.WaitForOutput("it is tried again every 60 s")) << cluster.output();
  SleepMs(500);
  const auto after = cluster.Status();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_THAT(after->detail(), HasSubstr(log));
  EXPECT_EQ(after->workers(1).state(), "refused");
  EXPECT_EQ(after->master().pid(), before->master().pid());
  for (const int other : {0, 2}) {
    EXPECT_EQ(after->workers(other).pid(), before->workers(other).pid());
  }
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
}

}  // namespace
}  // namespace tidemark::integration
