// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_cluster.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace tidemark::sim {
namespace {

constexpr int64_t kSecond = 1'000'000;

// A cluster of a master and workers with empty directories. Threads: one.
class SimClusterTest : public testing::Test {
 protected:
  explicit SimClusterTest(uint32_t worker_count = 1)
      : cluster_(&scheduler_, {.worker_count = worker_count}, 1) {
    for (const NodeId node : cluster_.nodes()) {
      auto process = std::make_shared<Process>();
      process->node = node;
      SimFileSystem files(&scheduler_, &cluster_.disk(node), process);
      const std::string name =
          node == kMasterNode ? "master" : absl::StrCat("worker-", node.value());
      CHECK(files.MakeDirectory(name).ok() && files.SyncDirectory("").ok());
    }
  }
  void StartAll() {
    for (const NodeId node : cluster_.nodes()) cluster_.Start(node);
  }
  void Run(int64_t micros) { scheduler_.RunUntil(scheduler_.now_micros() + micros); }

  Scheduler scheduler_;
  SimCluster cluster_;
};

TEST_F(SimClusterTest, GreetingThatAMasterWithoutPowerDoesNotAnswer) {
  StartAll();
  Run(kSecond);
  ASSERT_TRUE(cluster_.IsOpen());
  cluster_.Stop(NodeId(1), Death::kKill);
  bool lost = false;
  cluster_.network().SetObserver([&](NodeId from, NodeId, const wire::Frame& frame) {
    if (lost || from != NodeId(1) || !frame.has_hello()) return;
    lost = true;
    scheduler_.After(0, [this] { cluster_.Stop(kMasterNode, Death::kPowerLoss); });
  });
  Run(kSecond);
  cluster_.Start(NodeId(1));
  Run(kSecond);
  ASSERT_TRUE(lost);
  cluster_.Start(kMasterNode);
  Run(10 * kSecond);
  EXPECT_TRUE(cluster_.IsOpen());
  EXPECT_TRUE(cluster_.violations().empty());
}

}  // namespace
}  // namespace tidemark::sim
