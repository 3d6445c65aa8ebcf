// SPDX-License-Identifier: Apache-2.0
// What is promised when every process is killed while many clients write.
// TIDEMARK_TEST_SCALE=acceptance runs the full sizes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/ids.h"
#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

// 32 clients (at full size) insert the same keys under a uniqueness constraint.
class UniqueKeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
    const auto index = cluster_.client()->CreateIndex(UniqueIndex("User", "key"));
    ASSERT_TRUE(index.ok()) << index.status();
    EXPECT_EQ(index->state(), "online");
  }

  void InsertAll(int client) {
    const auto session = cluster_.client()->OpenSession();
    for (int key = 0; key < key_count_; ++key) {
      while (true) {
        api::Run run;
        AddInteger(AddVertex(&run, "User", "key", key)->mutable_properties(), "client", client);
        const auto result = session->Run(run);
        if (result.ok()) ++wins_[static_cast<size_t>(key)];
        if (result.ok() || result.status().code() == absl::StatusCode::kAlreadyExists) break;
        // An unknown outcome is found out by the next try: the key is taken, or it is not.
        ASSERT_TRUE(client::IsRetryable(result.status()) ||
                    result.status().code() == absl::StatusCode::kUnknown)
            << result.status();
        if (result.status().code() != absl::StatusCode::kAborted) SleepMs(5);
      }
      ++tried_;
    }
  }
  void RunClients() {
    std::vector<std::thread> threads;
    for (int i = 0; i < client_count_; ++i) {
      threads.emplace_back([this, i] { InsertAll(i); });
    }
    for (std::thread& thread : threads) thread.join();
  }
  // Every key is there once, by index and by scan, and is still taken.
  void CheckKeys() {
    const auto session = cluster_.client()->OpenSession();
    for (int key = 0; key < key_count_; ++key) {
      api::Run run;
      AddLookup(&run, "User", "key", key);
      const auto found = session->Run(run);
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_EQ(found->results(0).vertices_size(), 1) << key;
      api::Run again;
      AddVertex(&again, "User", "key", key);
      EXPECT_EQ(session->Run(again).status().code(), absl::StatusCode::kAlreadyExists);
    }
    api::Run scan;
    scan.add_operations()->mutable_scan_label()->set_label("User");
    const auto all = session->Run(scan);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(all->results(0).vertices_size(), key_count_);
  }

  const int client_count_ = AtAcceptanceScale() ? 32 : 8;
  const int key_count_ = AtAcceptanceScale() ? 1000 : 100;
  TestDirectory directory_;
  ClusterProcess cluster_{"cluster", directory_.path() + "/data", 3, {"--synchronous-commit"}};
  std::vector<std::atomic<int>> wins_ =
      std::vector<std::atomic<int>>(static_cast<size_t>(key_count_));
  std::atomic<int> tried_{0};
};

TEST_F(UniqueKeyTest, ExactlyOneOfManyInsertsWinsAlsoAfterACrashOfEverything) {
  RunClients();
  for (int key = 0; key < key_count_; ++key) EXPECT_EQ(wins_[static_cast<size_t>(key)], 1) << key;
  CheckKeys();
  cluster_.KillEverything();
  ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
  CheckKeys();
  std::printf("%d clients, %d keys: one winner each\n", client_count_, key_count_);
}

TEST_F(UniqueKeyTest, ACrashOfEverythingOnTheWayLetsNoKeyInTwice) {
  std::thread killer([this] {
    while (tried_ < client_count_ * key_count_ / 2) SleepMs(1);
    cluster_.KillEverything();
    ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
  });
  RunClients();
  killer.join();
  int unknown = 0;
  for (int key = 0; key < key_count_; ++key) {
    EXPECT_LE(wins_[static_cast<size_t>(key)], 1) << key;
    unknown += wins_[static_cast<size_t>(key)] == 0 ? 1 : 0;
  }
  CheckKeys();
  std::printf("%d keys of unknown outcome\n", unknown);
}

// What one client was told: its transactions have numbers from 1 on.
struct Acknowledged {
  std::vector<api::Bookmark> bookmarks;  // [number - 1]
  uint64_t anchor = 0;                   // keeps the newest number
};

// Asynchronous commits: a client per worker writes numbered markers, each with a change of the
// client's anchor, which is on its own worker: most transactions have two participants.
class AsynchronousTest : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr int kWorkers = 3;

  // Puts the client's anchor on worker `client` + 1.
  void MakeAnchor(int client) {
    const auto session = cluster_.client()->OpenSession();
    while (true) {
      api::Run run;
      AddVertex(&run, "Anchor", "last", 0);
      const auto made = session->Run(run);
      ASSERT_TRUE(made.ok()) << made.status();
      const VertexId id(made->results(0).vertex());
      told_[client].anchor = id.value();
      if (OwnerOfSlot(id.slot(), kWorkers) == NodeId(static_cast<uint32_t>(client) + 1)) return;
    }
  }
  void Write(int client) {
    const auto session = cluster_.client()->OpenSession();
    Acknowledged& told = told_[client];
    while (true) {
      const auto number = static_cast<int64_t>(told.bookmarks.size()) + 1;
      api::Run run;
      AddInteger(AddVertex(&run, "Marker", "number", number)->mutable_properties(), "client",
                 client);
      SetInteger(&run, told.anchor, "last", number);
      const auto done = session->Run(run);
      if (!done.ok()) return;  // everything was killed
      told.bookmarks.push_back(done->bookmark());
    }
  }
  // The numbers of the markers that are there, ascending, for each client.
  std::vector<std::vector<int64_t>> ReadMarkers() {
    std::vector<std::vector<int64_t>> numbers(kWorkers);
    const auto session = cluster_.client()->OpenSession();
    api::Run run;
    run.add_operations()->mutable_scan_label()->set_label("Marker");
    const api::OperationResult found = ReadAll(session.get(), run);
    for (const api::Vertex& vertex : found.vertices()) {
      numbers[static_cast<size_t>(IntegerOf(vertex, "client"))].push_back(
          IntegerOf(vertex, "number"));
    }
    for (auto& one : numbers) std::sort(one.begin(), one.end());
    return numbers;
  }
  void CheckAnchor(int client, int64_t newest) {
    const auto session = cluster_.client()->OpenSession();
    api::Run run;
    AddGet(&run, told_[client].anchor);
    const auto found = session->Run(run);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(IntegerOf(found->results(0).vertices(0), "last"), newest) << client;
  }
  // Whether a transaction can begin at the bookmark: the commit is not undone.
  bool IsAlive(const api::Bookmark& bookmark) {
    api::Begin begin;
    *begin.mutable_bookmark() = bookmark;
    const auto session = cluster_.client()->OpenSession();
    const absl::Status status = session->Begin(begin).status();
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kFailedPrecondition) << status;
    return status.ok();
  }

  TestDirectory directory_;
  ClusterProcess cluster_{
      GetParam(), directory_.path() + "/data", kWorkers, {"--wal-flush-interval-ms=500"}};
  Acknowledged told_[kWorkers];
};

TEST_P(AsynchronousTest, WhatIsMissingAfterAKillOfEverythingIsTheNewestEndAboveTheWatermark) {
  ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
  for (int client = 0; client < kWorkers; ++client) MakeAnchor(client);
  ASSERT_TRUE(cluster_.client()->FlushNow().ok());
  std::vector<std::thread> clients;
  for (int client = 0; client < kWorkers; ++client) {
    clients.emplace_back([this, client] { Write(client); });
  }
  SleepMs(AtAcceptanceScale() ? 20'000 : 2'300);
  const auto before = cluster_.Status();
  ASSERT_TRUE(before.ok()) << before.status();
  cluster_.KillEverything();
  for (std::thread& thread : clients) thread.join();
  ASSERT_TRUE(cluster_.Start().ok()) << cluster_.output();
  const auto after = cluster_.Status();
  ASSERT_TRUE(after.ok()) << after.status();
  const uint64_t watermark = after->watermark();
  EXPECT_GE(watermark, before->watermark());
  EXPECT_EQ(after->visible_csn(), watermark);
  const auto markers = ReadMarkers();
  size_t acknowledged = 0;
  size_t missing = 0;
  for (int client = 0; client < kWorkers; ++client) {
    const std::vector<int64_t>& numbers = markers[static_cast<size_t>(client)];
    const auto there = static_cast<int64_t>(numbers.size());
    // No gaps: the oldest `there` ones.
    EXPECT_TRUE(numbers.empty() || (numbers.front() == 1 && numbers.back() == there)) << client;
    CheckAnchor(client, there);
    const std::vector<api::Bookmark>& bookmarks = told_[client].bookmarks;
    for (size_t i = 0; i < bookmarks.size(); ++i) {
      const bool is_there = static_cast<int64_t>(i) < there;
      ++acknowledged;
      missing += is_there ? 0 : 1;
      ASSERT_EQ(is_there, bookmarks[i].csn() <= watermark) << client << " " << i + 1;
      const bool near_the_end = static_cast<int64_t>(i) + 3 > there;
      if (near_the_end && static_cast<int64_t>(i) < there + 3) {
        EXPECT_EQ(IsAlive(bookmarks[i]), is_there);
      }
    }
  }
  EXPECT_GT(acknowledged, 20u);
  EXPECT_GE(after->undone_count(), missing);
  std::printf("%zu acknowledged, %zu missing, all above watermark %lu; undone: csn %lu to %lu\n",
              acknowledged, missing, watermark, after->undone_first_csn(),
              after->undone_last_csn());
  EXPECT_EQ(cluster_.Stop(), 0) << cluster_.output();
}

INSTANTIATE_TEST_SUITE_P(Commands, AsynchronousTest, ::testing::Values("server", "cluster"));

}  // namespace
}  // namespace tidemark::integration
