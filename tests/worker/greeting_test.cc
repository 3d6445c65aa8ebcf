// SPDX-License-Identifier: Apache-2.0
#include "worker/greeting.h"

#include <gtest/gtest.h>

#include "rpc/greeting.h"

namespace tidemark::worker {
namespace {

constexpr ClusterId kOwnCluster{1, 2};

Greeting Fresh() {
  txn::WorkerIdentity identity;
  identity.boot_id = BootId(9);
  identity.build = "test";
  return Greeting(identity);
}

Greeting Known() {
  Greeting greeting = Fresh();
  greeting.SetIdentity({kOwnCluster, NodeId(1)});
  return greeting;
}

wire::Hello MasterHello() {
  wire::Hello hello;
  rpc::FillGreeting({"the master", "test", ""}, &hello);
  hello.set_feature_level(1);
  hello.set_cluster_id_high(kOwnCluster.high);
  hello.set_cluster_id_low(kOwnCluster.low);
  hello.set_boot_id(77);
  hello.set_epoch(5);
  hello.set_assigned_node(1);
  hello.mutable_settings()->set_worker_count(1);
  hello.mutable_settings()->set_wal(true);
  return hello;
}

TEST(GreetingTest, AWorkerThatIsKnownAgreesAtOnce) {
  Greeting greeting = Known();
  ASSERT_TRUE(greeting.OnStreamOpened(/*disk_is_silent=*/false));
  EXPECT_EQ(greeting.MakeHello(Epoch(4)).epoch(), 4u);
  EXPECT_EQ(greeting.state(), Greeting::State::kAsked);
  ASSERT_TRUE(greeting.OnHello(MasterHello(), Epoch(4), /*has_joined=*/false).ok());
  EXPECT_TRUE(greeting.agreed());
  EXPECT_EQ(greeting.master_boot_id(), BootId(77));
  EXPECT_EQ(greeting.master_epoch(), Epoch(5));
  EXPECT_EQ(greeting.settings().worker_count(), 1u);
  greeting.CheckInvariants();
  greeting.OnStreamGone();
  EXPECT_EQ(greeting.state(), Greeting::State::kNoStream);
}

TEST(GreetingTest, AFreshWorkerEstablishesWhoItIsWhateverTheStreamsDo) {
  Greeting greeting = Fresh();
  ASSERT_TRUE(greeting.OnStreamOpened(false));
  greeting.MakeHello(Epoch());
  ASSERT_TRUE(greeting.OnHello(MasterHello(), Epoch(), false).ok());
  ASSERT_EQ(greeting.state(), Greeting::State::kEstablishing);
  EXPECT_EQ(greeting.assigned().node, NodeId(1));
  greeting.CheckInvariants();
  greeting.OnStreamGone();
  EXPECT_FALSE(greeting.OnStreamOpened(false)) << "who it is is not durable yet";
  EXPECT_EQ(greeting.state(), Greeting::State::kEstablishing);
  greeting.OnEstablished();
  EXPECT_EQ(greeting.state(), Greeting::State::kNoStream);
  EXPECT_EQ(greeting.node(), NodeId(1));
  ASSERT_TRUE(greeting.OnStreamOpened(false));
  const wire::Hello hello = greeting.MakeHello(Epoch());
  EXPECT_EQ(hello.cluster_id_low(), kOwnCluster.low);
  ASSERT_TRUE(greeting.OnHello(MasterHello(), Epoch(), false).ok());
  EXPECT_TRUE(greeting.agreed());
}

TEST(GreetingTest, AWorkerWhoseDiskIsSilentGreetsLater) {
  Greeting greeting = Known();
  EXPECT_FALSE(greeting.OnStreamOpened(/*disk_is_silent=*/true));
  EXPECT_EQ(greeting.state(), Greeting::State::kHeldBack);
  greeting.MakeHello(Epoch(4));
  EXPECT_EQ(greeting.state(), Greeting::State::kAsked);
}

TEST(GreetingTest, AMasterOfAnotherClusterIsNotServed) {
  Greeting greeting = Known();
  ASSERT_TRUE(greeting.OnStreamOpened(false));
  greeting.MakeHello(Epoch(4));
  wire::Hello hello = MasterHello();
  hello.set_cluster_id_low(3);
  EXPECT_EQ(greeting.OnHello(hello, Epoch(4), false).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(greeting.agreed());
}

TEST(GreetingTest, SettingsMayNotChangeUnderAWorkerThatHasJoined) {
  Greeting greeting = Known();
  ASSERT_TRUE(greeting.OnStreamOpened(false));
  greeting.MakeHello(Epoch(4));
  ASSERT_TRUE(greeting.OnHello(MasterHello(), Epoch(4), false).ok());
  for (const bool has_joined : {false, true}) {
    greeting.OnStreamGone();
    ASSERT_TRUE(greeting.OnStreamOpened(false));
    greeting.MakeHello(Epoch(4));
    wire::Hello hello = MasterHello();
    hello.mutable_settings()->set_wal(!greeting.settings().wal());
    const absl::Status status = greeting.OnHello(hello, Epoch(4), has_joined);
    EXPECT_EQ(status.ok(), !has_joined) << status;
    EXPECT_EQ(absl::IsUnavailable(status), has_joined);
  }
}

}  // namespace
}  // namespace tidemark::worker
