// SPDX-License-Identifier: Apache-2.0
#include "txn/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/status.h"

namespace tidemark::txn {
namespace {

using testing::HasSubstr;

constexpr ClusterId kGreetedCluster{1, 2};

class MembershipTest : public testing::Test {
 protected:
  MembershipTest() : members_(2, kGreetedCluster, {"the master", "1.0", "secret"}) {
    Apply(durability::ClusterRecord{kGreetedCluster, 2, 1});
    Apply(durability::EpochRecord{Epoch(5), Csn(0)});
  }

  void Apply(const durability::MasterLogRecord& record) { ASSERT_TRUE(log_.Apply(record).ok()); }

  static WorkerIdentity Identity(uint32_t node, ClusterId cluster, uint64_t boot) {
    WorkerIdentity identity;
    identity.cluster_id = cluster;
    identity.node = NodeId(node);
    identity.boot_id = BootId(boot);
    identity.pid = 77;
    identity.address = "10.0.0.1:7601";
    identity.build = "1.0";
    identity.credential = "secret";
    return identity;
  }
  static wire::Hello Hello(uint32_t node, ClusterId cluster = kGreetedCluster, uint64_t boot = 9,
                           uint64_t epoch = 5) {
    return MakeWorkerHello(Identity(node, cluster, boot), Epoch(epoch));
  }
  Greeting Judge(const wire::Hello& hello, uint64_t stream = 1) {
    return members_.Judge(StreamId(stream), hello, log_);
  }

  durability::MasterLogState log_;
  Membership members_;
};

TEST_F(MembershipTest, FreshWorkersGetFreeIds) {
  EXPECT_EQ(Judge(Hello(0, {}, 9), 1).node, NodeId(1));
  EXPECT_EQ(Judge(Hello(0, {}, 8), 2).node, NodeId(2));
  EXPECT_EQ(Judge(Hello(0, {}, 7), 3).kind, Greeting::Kind::kTryLater);
  members_.ForgetStream(StreamId(1));  // it never came back
  EXPECT_EQ(Judge(Hello(0, {}, 7), 3).node, NodeId(1));
}

TEST_F(MembershipTest, TheIdOfAWorkerThatDoesNotComeBackIsFree) {
  ASSERT_EQ(Judge(Hello(1, {}, 9), 1).kind, Greeting::Kind::kAssign);
  EXPECT_TRUE(members_.TakeOverdue(100, 50).empty());
  EXPECT_TRUE(members_.TakeOverdue(149, 50).empty());
  EXPECT_EQ(Judge(Hello(1, {}, 8), 2).kind, Greeting::Kind::kTryLater);
  EXPECT_EQ(members_.TakeOverdue(150, 50), std::vector<StreamId>{StreamId(1)});
  EXPECT_EQ(Judge(Hello(1, {}, 8), 2).kind, Greeting::Kind::kAssign);
}

TEST_F(MembershipTest, EmptyDirectoryIsRefusedWhereAMemberIsExpected) {
  Apply(durability::MemberRecord{NodeId(1)});
  const Greeting wanted = Judge(Hello(1, {}));
  EXPECT_EQ(wanted.kind, Greeting::Kind::kRefuse);
  EXPECT_THAT(wanted.reason, HasSubstr("directory is empty"));
  Apply(durability::MemberRecord{NodeId(2)});
  const Greeting any = Judge(Hello(0, {}));
  EXPECT_EQ(any.kind, Greeting::Kind::kRefuse);
  EXPECT_THAT(any.reason, HasSubstr("has its 2 workers already"));
}

TEST_F(MembershipTest, MemberRecordComesBeforeUse) {
  EXPECT_EQ(Judge(Hello(1)).kind, Greeting::Kind::kAddMember);
  Apply(durability::MemberRecord{NodeId(1)});
  EXPECT_EQ(Judge(Hello(1)).kind, Greeting::Kind::kAccept);
}

TEST_F(MembershipTest, WrongClusterNamesBoth) {
  const Greeting greeting = Judge(Hello(1, {7, 7}));
  EXPECT_EQ(greeting.kind, Greeting::Kind::kRefuse);
  EXPECT_THAT(greeting.reason, HasSubstr(kGreetedCluster.ToString()));
  EXPECT_THAT(greeting.reason, HasSubstr((ClusterId{7, 7}).ToString()));
}

TEST_F(MembershipTest, WrongSecretAndVersionAreRefused) {
  wire::Hello hello = Hello(1);
  hello.set_credential("other");
  EXPECT_EQ(Judge(hello).kind, Greeting::Kind::kRefuse);
  hello = Hello(1);
  hello.set_wire_version_min(99);
  hello.set_wire_version_max(99);
  EXPECT_EQ(Judge(hello).kind, Greeting::Kind::kRefuse);
  EXPECT_EQ(Judge(Hello(3)).kind, Greeting::Kind::kRefuse);
}

TEST_F(MembershipTest, TwoWorkersWithOneId) {
  Apply(durability::MemberRecord{NodeId(1)});
  members_.Connect(StreamId(1), Hello(1), 0);
  const Greeting second = Judge(Hello(1, kGreetedCluster, 10), 2);
  EXPECT_EQ(second.kind, Greeting::Kind::kTryLater);
  EXPECT_THAT(second.reason, HasSubstr("process 77 at 10.0.0.1:7601"));
  // The same process on a new stream gave its old one up.
  EXPECT_EQ(Judge(Hello(1), 2).kind, Greeting::Kind::kAccept);
  members_.CheckInvariants();
}

TEST_F(MembershipTest, LaterEpochMeansThatTheMasterIsOld) {
  EXPECT_EQ(Judge(Hello(1, kGreetedCluster, 9, 6)).kind, Greeting::Kind::kStepDown);
}

TEST_F(MembershipTest, SilenceIsMeasuredFromTheLastFrame) {
  members_.Connect(StreamId(1), Hello(1), 1000);
  EXPECT_TRUE(members_.Silent(5999, 5000).empty());
  EXPECT_TRUE(members_.Silent(6000, 5000).Contains(NodeId(1)));
  members_.Forgive(6000);
  EXPECT_TRUE(members_.Silent(6000, 5000).empty());
  EXPECT_THAT(members_.DescribeMissing(0), HasSubstr("worker 2 (has not come yet)"));
  members_.NoteMissing(5 * kMicrosPerSecond);
  members_.NoteMissing(6 * kMicrosPerSecond);
  EXPECT_THAT(members_.DescribeMissing(25 * kMicrosPerSecond),
              HasSubstr("worker 2 (has not come yet; missing for 20 s)"));
}

TEST_F(MembershipTest, WorkerChecksTheMaster) {
  wire::Hello hello = Hello(0);
  hello.set_assigned_node(1);
  const WorkerIdentity self = Identity(1, kGreetedCluster, 9);
  EXPECT_TRUE(CheckMasterHello(hello, self, Epoch(5)).ok());
  EXPECT_THAT(MessageOf(CheckMasterHello(hello, self, Epoch(6))),
              HasSubstr("another master took over, or the master"));
  EXPECT_FALSE(CheckMasterHello(hello, Identity(2, kGreetedCluster, 9), Epoch(5)).ok());
  EXPECT_FALSE(CheckMasterHello(hello, Identity(1, {7, 7}, 9), Epoch(5)).ok());
  EXPECT_TRUE(CheckMasterHello(hello, Identity(0, {}, 9), Epoch(0)).ok());
  hello.set_credential("other");
  EXPECT_FALSE(CheckMasterHello(hello, self, Epoch(5)).ok());
}

// Whoever reaches the port may send anything; who does not know the secret learns nothing else and
// moves nothing.
TEST_F(MembershipTest, StrangeGreetingsAreRefusedOrFit) {
  Apply(durability::MemberRecord{NodeId(1)});
  std::mt19937_64 random(4);
  const auto number = [&]() -> uint64_t {
    constexpr uint64_t kNumbers[] = {0, 1, 2, 3, 5, 6, 64, 65, UINT32_MAX, UINT64_MAX};
    return kNumbers[random() % std::size(kNumbers)];
  };
  int refused = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    wire::Hello hello = Hello(1 + random() % 2);
    if (random() % 2 == 0) hello.set_node(static_cast<uint32_t>(number()));
    if (random() % 2 == 0) hello.set_fresh(random() % 2 == 0);
    if (random() % 4 == 0) hello.set_boot_id(number());
    if (random() % 4 == 0) hello.set_epoch(number());
    if (random() % 8 == 0) hello.set_cluster_id_low(number());
    if (random() % 8 == 0) hello.set_feature_level(static_cast<uint32_t>(number()));
    if (random() % 8 == 0) hello.set_wire_version_min(static_cast<uint32_t>(number()));
    if (random() % 8 == 0) hello.set_wire_version_max(static_cast<uint32_t>(number()));
    if (random() % 8 == 0) hello.set_credential(std::string(number() % 100, 's'));
    const Greeting greeting = Judge(hello, i + 1);
    members_.ForgetStream(StreamId(i + 1));
    const bool knows_secret = hello.credential() == "secret";
    refused += greeting.kind == Greeting::Kind::kRefuse ? 1 : 0;
    switch (greeting.kind) {
      case Greeting::Kind::kRefuse:
        ASSERT_FALSE(greeting.reason.empty());
        break;
      case Greeting::Kind::kTryLater:
      case Greeting::Kind::kStepDown:
        ASSERT_TRUE(knows_secret);
        ASSERT_FALSE(greeting.reason.empty());
        break;
      case Greeting::Kind::kAssign:
      case Greeting::Kind::kAddMember:
      case Greeting::Kind::kAccept:
        ASSERT_TRUE(knows_secret);
        ASSERT_NE(hello.boot_id(), 0u);
        ASSERT_TRUE(greeting.node == NodeId(1) || greeting.node == NodeId(2)) << greeting.node;
        ASSERT_EQ(hello.fresh(), greeting.kind == Greeting::Kind::kAssign);
    }
    members_.CheckInvariants();
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 19'000);
}

}  // namespace
}  // namespace tidemark::txn
