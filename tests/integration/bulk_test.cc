// SPDX-License-Identifier: Apache-2.0
// Clients that move more than a stream may hold: the cluster stays open, and others go on.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/cluster_process.h"

namespace tidemark::integration {
namespace {

constexpr size_t kClientCount = 12;
constexpr size_t kTextBytes = 60'000;
constexpr size_t kVertexCount = 800;  // 48 MB in a batch

api::Run LargeVertices(size_t count) {
  api::Run run;
  for (size_t i = 0; i < count; ++i) {
    auto* const create = run.add_operations()->mutable_create_vertex();
    create->add_labels("Bulk");
    auto* const property = create->add_properties();
    property->set_key("text");
    property->mutable_value()->set_text(std::string(kTextBytes, 'x'));
  }
  return run;
}

api::Run Reads(uint64_t vertex, size_t count) {
  api::Run run;
  for (size_t i = 0; i < count; ++i) {
    run.add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(vertex);
  }
  return run;
}

class BulkTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { ASSERT_TRUE(cluster_.Start().ok()); }

  // Every client runs the batch once and is answered, or told of a limit; beside them another one
  // reads a vertex. The longest such read, in milliseconds.
  int64_t RunBesideReader(const api::Run& batch, uint64_t vertex) {
    std::atomic<size_t> ended{0};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kClientCount; ++i) {
      threads.emplace_back([&] {
        const auto result = cluster_.client()->OpenSession()->Run(batch);
        EXPECT_TRUE(result.ok() || result.status().code() == absl::StatusCode::kResourceExhausted)
            << result.status();
        if (result.ok()) ++ok_count_;
        ++ended;
      });
    }
    const auto reader = cluster_.client()->OpenSession();
    int64_t longest_ms = 0;
    while (ended.load() < kClientCount) {
      const auto begin = std::chrono::steady_clock::now();
      const auto result = reader->Run(Reads(vertex, 1));
      EXPECT_TRUE(result.ok()) << result.status();
      const auto took = std::chrono::steady_clock::now() - begin;
      longest_ms = std::max<int64_t>(
          longest_ms, std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    }
    for (std::thread& thread : threads) thread.join();
    return longest_ms;
  }

  const TestDirectory directory_;
  ClusterProcess cluster_{GetParam(), directory_.path() + "/data", 1};
  std::atomic<size_t> ok_count_{0};
};

TEST_P(BulkTest, LargeWritesAndLargeReadsOfManyClientsLeaveTheClusterOpen) {
  const auto first = cluster_.client()->OpenSession()->Run(LargeVertices(1));
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t vertex = first->results(0).vertex();
  const uint64_t epoch = cluster_.Status()->epoch();
  const int64_t write_ms = RunBesideReader(LargeVertices(kVertexCount), vertex);
  EXPECT_GE(ok_count_.load(), kClientCount / 2);
  const int64_t read_ms = RunBesideReader(Reads(vertex, kVertexCount), vertex);
  EXPECT_GE(ok_count_.load(), kClientCount);
  const auto status = cluster_.Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->state(), "open");
  EXPECT_EQ(status->epoch(), epoch) << "the cluster was closed in between";
  RecordProperty("longest_read_beside_writes_ms", static_cast<int>(write_ms));
  RecordProperty("longest_read_beside_reads_ms", static_cast<int>(read_ms));
}

INSTANTIATE_TEST_SUITE_P(Places, BulkTest, ::testing::Values("cluster", "server"));

}  // namespace
}  // namespace tidemark::integration
