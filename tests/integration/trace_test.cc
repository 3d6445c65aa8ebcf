// SPDX-License-Identifier: Apache-2.0
// Where the time of a commit goes, and what it costs in messages and syncs, on real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::HasSubstr;

uint64_t SumOf(const api::Trace& trace) {
  uint64_t sum = 0;
  for (const api::TraceStep& step : trace.steps()) sum += step.micros();
  return sum;
}

int Count(const api::Trace& trace, api::TraceKind kind) {
  int count = 0;
  for (const api::TraceStep& step : trace.steps()) count += step.kind() == kind ? 1 : 0;
  return count;
}

// The number behind each `"key": ` of a JSON text, in order.
std::vector<uint64_t> NumbersOf(const std::string& json, const std::string& key) {
  std::vector<uint64_t> numbers;
  const std::string wanted = "\"" + key + "\":";
  for (size_t at = json.find(wanted); at != std::string::npos; at = json.find(wanted, at + 1)) {
    numbers.push_back(std::stoull(json.substr(at + wanted.size())));
  }
  return numbers;
}

std::map<std::string, uint64_t> MessagesOf(ClusterProcess* cluster) {
  std::map<std::string, uint64_t> messages;
  const auto status = cluster->Status();
  EXPECT_TRUE(status.ok()) << status.status();
  for (const api::MessageCount& count : status->master().messages()) {
    messages[count.kind()] = count.sent() + count.received();
  }
  return messages;
}

struct Mode {
  const char* command;
  bool synchronous;
};
void PrintTo(const Mode& mode, std::ostream* out) {
  *out << mode.command << (mode.synchronous ? ", synchronous" : ", asynchronous");
}

class TraceTest : public ::testing::TestWithParam<Mode> {
 protected:
  void SetUp() override {
    std::vector<std::string> flags;
    if (GetParam().synchronous) flags.push_back("--synchronous-commit");
    cluster_ =
        std::make_unique<ClusterProcess>(GetParam().command, directory_.path() + "/data", 2, flags);
    const absl::Status started = cluster_->Start();
    ASSERT_TRUE(started.ok()) << started << cluster_->output();
  }
  int expected_syncs() const { return GetParam().synchronous ? 2 : 0; }

  TestDirectory directory_;
  std::unique_ptr<ClusterProcess> cluster_;
};

TEST_P(TraceTest, StepsCoverWhatTheServerDidAndNothingIsTracedUnasked) {
  const auto session = cluster_->client()->OpenSession();
  api::Run create;
  create.add_operations()->mutable_create_vertex();
  ASSERT_TRUE(session->Run(create).ok());
  EXPECT_EQ(session->trace().steps_size(), 0);

  session->SetTracing(true);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(session->Run(create).ok());
  const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  const api::Trace trace = session->trace();
  EXPECT_LE(SumOf(trace), static_cast<uint64_t>(waited.count())) << trace.DebugString();
  EXPECT_EQ(Count(trace, api::SYNC), expected_syncs()) << trace.DebugString();
  // Operations, commit and, when somebody waits for it, the flush go to a worker and back.
  EXPECT_EQ(Count(trace, api::HOP), 2 + expected_syncs() / 2) << trace.DebugString();
  for (const api::TraceStep& step : trace.steps()) {
    EXPECT_FALSE(step.what().empty());
    EXPECT_TRUE(step.kind() != api::SYNC || step.micros() > 0) << trace.DebugString();
  }

  // An explicit transaction: each request by itself.
  ASSERT_TRUE(session->Begin().ok());
  EXPECT_EQ(session->trace().steps_size(), 0);
  ASSERT_TRUE(session->Run(create).ok());
  EXPECT_EQ(Count(session->trace(), api::HOP), 1) << session->trace().DebugString();
  ASSERT_TRUE(session->Run(create).ok());
  const auto committed = session->Commit();
  ASSERT_TRUE(committed.ok()) << committed.status();
  const api::Trace commit_trace = session->trace();
  EXPECT_EQ(Count(commit_trace, api::HOP), 1 + expected_syncs() / 2) << commit_trace.DebugString();
  EXPECT_EQ(Count(commit_trace, api::SYNC), expected_syncs()) << commit_trace.DebugString();

  session->SetTracing(false);
  ASSERT_TRUE(session->Run(create).ok());
  EXPECT_EQ(session->trace().steps_size(), 0);
}

TEST_P(TraceTest, TheStepsOfTheCommandAddUpToWhatTheClientWaited) {
  for (const int participants : {1, 2}) {
    const CommandResult traced =
        RunTidemark({"trace", "--address=" + cluster_->address(),
                     absl::StrCat("--participants=", participants), "--count=20", "--json"});
    ASSERT_EQ(traced.exit_code, 0) << traced.err;
    uint64_t sum = 0;
    for (const uint64_t micros : NumbersOf(traced.out, "micros")) sum += micros;
    EXPECT_GT(sum, 0u);
    EXPECT_EQ(NumbersOf(traced.out, "total_micros"), std::vector<uint64_t>{sum}) << traced.out;
  }
  EXPECT_THAT(RunTidemark({"trace", "--address=" + cluster_->address(), "--count=3"}).out,
              HasSubstr("all that the client waited"));
  const CommandResult refused =
      RunTidemark({"trace", "--address=" + cluster_->address(), "--participants=3"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("the cluster has only 2 workers"));
  // What it wrote it has removed.
  const auto session = cluster_->client()->OpenSession();
  api::Run scan;
  scan.add_operations()->mutable_scan_label();
  const auto left = session->Run(scan);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->results(0).vertices_size(), 0);
}

TEST_P(TraceTest, ACommitIsTwoMessagesPerParticipantAndAReadNone) {
  const auto session = cluster_->client()->OpenSession();
  api::Run create;
  create.add_operations()->mutable_create_vertex();
  auto before = MessagesOf(cluster_.get());
  constexpr uint64_t kCount = 10;
  uint64_t vertex = 0;
  for (uint64_t i = 0; i < kCount; ++i) {  // batches go to the workers by turns: both take part
    ASSERT_TRUE(session->Begin().ok());
    ASSERT_TRUE(session->Run(create).ok());
    const auto result = session->Run(create);
    ASSERT_TRUE(result.ok());
    vertex = result->results(0).vertex();
    ASSERT_TRUE(session->Commit().ok());
  }
  auto after = MessagesOf(cluster_.get());
  EXPECT_EQ(after["commit"] - before["commit"], 2 * kCount);
  EXPECT_EQ(after["applied"] - before["applied"], 2 * kCount);

  api::Begin read_only;
  read_only.set_read_only(true);
  api::Run get;
  AddGet(&get, vertex);
  before = after;
  ASSERT_TRUE(session->Begin(read_only).ok());
  ASSERT_TRUE(session->Run(get).ok());
  ASSERT_TRUE(session->Commit().ok());
  after = MessagesOf(cluster_.get());
  EXPECT_EQ(after["execute"] - before["execute"], 1u);
  for (const char* kind : {"commit", "applied", "abort"}) EXPECT_EQ(after[kind], before[kind]);
}

TEST_P(TraceTest, SynchronousCommitsOfOneClientAreSyncedOneByOne) {
  const auto session = cluster_->client()->OpenSession();
  api::Run create;
  create.add_operations()->mutable_create_vertex();
  const auto before = cluster_->Status();
  ASSERT_TRUE(before.ok());
  constexpr uint64_t kCount = 20;
  for (uint64_t i = 0; i < kCount; ++i) ASSERT_TRUE(session->Run(create).ok());
  const uint64_t expected = GetParam().synchronous ? kCount : 0;
  const auto after = cluster_->Status();
  ASSERT_TRUE(after.ok());
  EXPECT_GE(after->master().log_syncs(), before->master().log_syncs() + expected);
  uint64_t worker_syncs = 0;
  for (int i = 0; i < 100 && worker_syncs < expected; ++i) {  // heartbeats bring their figures
    const auto status = cluster_->Status();
    ASSERT_TRUE(status.ok());
    worker_syncs = 0;
    for (const api::WorkerInfo& worker : status->workers()) worker_syncs += worker.wal_syncs();
    SleepMs(50);
  }
  EXPECT_GE(worker_syncs, expected);
}

INSTANTIATE_TEST_SUITE_P(, TraceTest,
                         ::testing::Values(Mode{"cluster", true}, Mode{"cluster", false},
                                           Mode{"server", true}, Mode{"server", false}),
                         [](const auto& info) {
                           return absl::StrCat(info.param.command, info.param.synchronous
                                                                       ? "Synchronous"
                                                                       : "Asynchronous");
                         });

}  // namespace
}  // namespace tidemark::integration
