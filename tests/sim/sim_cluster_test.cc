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

// A log of 20 s to read: the master hears the worker meanwhile.
TEST_F(SimClusterTest, AWorkerIsConnectedWhileItReadsItsFiles) {
  StartAll();
  Run(kSecond);
  ASSERT_TRUE(cluster_.IsOpen());
  cluster_.Stop(NodeId(1), Death::kKill);
  Run(kSecond);
  cluster_.Start(NodeId(1));
  cluster_.executor(NodeId(1))->options().start_job_micros = 20 * kSecond;
  for (int second = 2; second < 18; ++second) {
    Run(kSecond);
    EXPECT_TRUE(cluster_.AccessMaster().node->coordinator()->IsConnected(NodeId(1))) << second;
    EXPECT_FALSE(cluster_.IsOpen());
  }
  Run(40 * kSecond);
  EXPECT_TRUE(cluster_.IsOpen());
}

TEST_F(SimClusterTest, AStopDuringAStartEnds) {
  for (const int64_t delay_micros : {100, 1'000, 5'000, 200'000, 7'000'000}) {
    StartAll();
    cluster_.executor(NodeId(1))->options().start_job_micros = 20 * kSecond;
    Run(delay_micros);
    cluster_.StopCleanly();
    Run(kSecond);
    for (const NodeId node : cluster_.nodes()) EXPECT_FALSE(cluster_.IsUp(node)) << delay_micros;
  }
  EXPECT_TRUE(cluster_.violations().empty());
}

// The build waits for a transaction that nobody ends.
TEST_F(SimClusterTest, AStopAnswersWhoWaitsForAnIndex) {
  StartAll();
  Run(kSecond);
  ASSERT_TRUE(cluster_.IsOpen());
  absl::Status created = absl::UnknownError("no answer");
  const MasterAccess access = cluster_.AccessMaster();
  access.executor->Post([&, node = access.node] {
    ASSERT_TRUE(node->coordinator()->Begin(txn::AccessMode::kWrite).ok());
    master::IndexRequest wanted;
    wanted.label = "Marker";
    wanted.keys = {"key"};
    node->schema()->Create(wanted, [&](const auto& made) { created = made.status(); });
  });
  Run(kSecond);
  EXPECT_TRUE(absl::IsUnknown(created)) << created;
  cluster_.StopCleanly();
  Run(kSecond);
  EXPECT_TRUE(absl::IsUnavailable(created)) << created;
  EXPECT_FALSE(cluster_.IsUp(kMasterNode));
  EXPECT_TRUE(cluster_.violations().empty());
}

// The master gives the worker an id, and the worker dies before that is on its disk.
class FirstStartTest : public SimClusterTest, public testing::WithParamInterface<Death> {};

TEST_P(FirstStartTest, ANewWorkerThatDiesBeforeItHasItsIdentityComesBack) {
  bool died = false;
  cluster_.network().SetObserver([&](NodeId from, NodeId, const wire::Frame& frame) {
    if (died || from != kMasterNode || !frame.has_hello()) return;
    died = true;
    scheduler_.After(0, [this] { cluster_.Stop(NodeId(1), GetParam()); });
  });
  StartAll();
  Run(2 * kSecond);
  ASSERT_TRUE(died);
  ASSERT_FALSE(cluster_.IsOpen());
  cluster_.Start(NodeId(1));
  // A machine without power does not end its streams: then the time limit frees the id.
  Run(GetParam() == Death::kKill ? 2 * kSecond : txn::kIdentityLimitMicros + 3 * kSecond);
  EXPECT_TRUE(cluster_.IsOpen());
  EXPECT_TRUE(cluster_.violations().empty());
}

INSTANTIATE_TEST_SUITE_P(All, FirstStartTest, testing::Values(Death::kKill, Death::kPowerLoss));

class DiskHangTest : public SimClusterTest, public testing::WithParamInterface<NodeId> {};

// The disk of a node hangs and gives no error: the cluster says so, and goes on when it answers.
TEST_P(DiskHangTest, ClosesTheClusterUntilTheDiskAnswers) {
  StartAll();
  Run(kSecond);
  ASSERT_TRUE(cluster_.IsOpen());
  cluster_.disk(GetParam()).faults().hang_until_micros = scheduler_.now_micros() + 30 * kSecond;
  const MasterAccess access = cluster_.AccessMaster();
  access.executor->Post([node = access.node] {
    node->coordinator()->InternName(graph::NameKind::kType, "LINK", [](const auto&) {});
    graph::IndexDefinition definition;
    definition.id = IndexId(1);
    definition.kind = graph::IndexKind::kEdgeType;
    definition.state = graph::IndexState::kOnline;
    definition.type = TypeId(1);
    definition.name = "index";
    node->coordinator()->CommitSchema(definition, [](const auto&) {});
  });
  Run(4 * kSecond);
  EXPECT_TRUE(cluster_.IsOpen());
  Run(4 * kSecond);
  EXPECT_FALSE(cluster_.IsOpen());
  Run(20 * kSecond);
  EXPECT_FALSE(cluster_.IsOpen());
  Run(10 * kSecond);
  EXPECT_TRUE(cluster_.IsOpen());
  EXPECT_EQ(cluster_.recovery_count(), 2u);
  EXPECT_TRUE(cluster_.violations().empty());
}

INSTANTIATE_TEST_SUITE_P(All, DiskHangTest, testing::Values(kMasterNode, NodeId(1)));

// Whatever the build of an index is at when it is dropped: it stays dropped, everywhere.
TEST_F(SimClusterTest, AnIndexThatIsDroppedWhileItIsBuiltStaysDropped) {
  StartAll();
  Run(kSecond);
  ASSERT_TRUE(cluster_.IsOpen());
  int created_count = 0;
  int cut_short_count = 0;
  for (int64_t delay_micros = 0; delay_micros < 40'000; delay_micros += 250) {
    absl::Status created = absl::UnknownError("no answer");
    absl::Status dropped = created;
    const MasterAccess access = cluster_.AccessMaster();
    access.executor->Post([&, node = access.node] {
      master::IndexRequest wanted;
      wanted.name = "side";
      wanted.label = "Marker";
      wanted.keys = {"key"};
      node->schema()->Create(wanted, [&](const auto& made) { created = made.status(); });
    });
    // The name of the index exists when the names of its label and its key do.
    while (access.node->schema()->table().FindByName("side") == nullptr) Run(50);
    Run(delay_micros);
    access.executor->Post([&, node = access.node] {
      node->schema()->Drop("side", [&](const absl::Status& status) { dropped = status; });
    });
    Run(kSecond);
    ASSERT_TRUE(dropped.ok()) << dropped;
    ++(created.ok() ? created_count : cut_short_count);
    EXPECT_TRUE(created.ok() || absl::IsAborted(created)) << created;
    EXPECT_EQ(access.node->schema()->table().FindByName("side"), nullptr) << delay_micros;
    EXPECT_TRUE(cluster_.SchemasAgree()) << delay_micros;
  }
  EXPECT_GT(created_count, 0);
  EXPECT_GT(cut_short_count, 0);
  EXPECT_TRUE(cluster_.violations().empty());
}

}  // namespace
}  // namespace tidemark::sim
