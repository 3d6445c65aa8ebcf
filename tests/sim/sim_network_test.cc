// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_network.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "gtest/gtest.h"
#include "sim/sim_transport.h"

namespace tidemark::sim {
namespace {

// One process with a transport that notes what it hears.
struct Peer final : rpc::TransportHandler {
  Peer(Scheduler* scheduler, SimNetwork* network, uint32_t node, bool server)
      : process(std::make_shared<Process>()), clock(scheduler, {}) {
    process->node = NodeId(node);
    executor = std::make_unique<SimExecutor>(scheduler, process, &clock, &disk, 1);
    transport = server ? network->MakeServer(process, executor.get())
                       : network->MakeClient(process, executor.get(), NodeId(0));
    transport->Start(this, [](const absl::Status& status) { CHECK(status.ok()) << status; });
  }

  void OnStreamOpened(rpc::StreamId stream, const std::string&) override {
    log.push_back(absl::StrCat("open ", stream.value()));
    newest = stream;
  }
  void OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) override {
    for (const wire::Frame& frame : envelope.frames()) {
      log.push_back(absl::StrCat(stream.value(), ":", frame.epoch()));
    }
    ++envelopes;
  }
  void OnStreamClosed(rpc::StreamId stream, const absl::Status&) override {
    log.push_back(absl::StrCat("closed ", stream.value()));
  }
  void Send(uint64_t number) {
    executor->Post([this, number] {
      wire::Frame frame;
      frame.set_epoch(number);
      transport->Send(newest, std::move(frame));
    });
  }

  std::shared_ptr<Process> process;
  SimClock clock;
  SimDisk disk{1, 1};
  std::unique_ptr<SimExecutor> executor;
  std::unique_ptr<rpc::Transport> transport;
  rpc::StreamId newest;
  std::vector<std::string> log;
  int envelopes = 0;
};

struct World {
  explicit World(uint64_t seed = 1) : network(&scheduler, seed) {
    master = std::make_unique<Peer>(&scheduler, &network, 0, true);
    worker = std::make_unique<Peer>(&scheduler, &network, 1, false);
    scheduler.RunUntil(100'000);
  }
  ~World() {
    master->process->Kill("end");
    worker->process->Kill("end");
  }
  void Run(int64_t micros) { scheduler.RunUntil(scheduler.now_micros() + micros); }

  Scheduler scheduler;
  SimNetwork network;
  std::unique_ptr<Peer> master;
  std::unique_ptr<Peer> worker;
};

TEST(SimNetworkTest, FramesOfATurnArriveInOrderInOneEnvelope) {
  World world;
  for (uint64_t i = 1; i <= 3; ++i) world.worker->Send(i);
  world.Run(50'000);
  EXPECT_EQ(world.master->log, (std::vector<std::string>{"open 1", "1:1", "1:2", "1:3"}));
  EXPECT_EQ(world.master->envelopes, 1);
}

TEST(SimNetworkTest, OneWayPartitionHoldsFramesUp) {
  World world;
  world.network.SetBlocked(NodeId(1), NodeId(0), true);
  world.worker->Send(1);
  world.master->Send(2);
  world.Run(3'000'000);
  EXPECT_EQ(world.master->log.size(), 1u);
  EXPECT_EQ(world.worker->log, (std::vector<std::string>{"open 1", "1:2"}));
  world.network.Heal();
  world.Run(50'000);
  EXPECT_EQ(world.master->log, (std::vector<std::string>{"open 1", "1:1"}));
}

TEST(SimNetworkTest, BothSidesHearACutAndTheWorkerDialsAgain) {
  World world;
  world.network.Cut(NodeId(0), NodeId(1));
  world.Run(2'000'000);
  EXPECT_EQ(world.master->log, (std::vector<std::string>{"open 1", "closed 1", "open 2"}));
  EXPECT_EQ(world.worker->log, (std::vector<std::string>{"open 1", "closed 1", "open 2"}));
}

TEST(SimNetworkTest, FramesOfAnOldStreamArriveWhileItsSuccessorIsOpen) {
  World world;
  world.network.Stall(NodeId(1), NodeId(0), 200'000);
  world.worker->Send(1);
  world.worker->executor->Post(
      [&] { world.worker->transport->Close(rpc::StreamId(1), absl::UnavailableError("silence")); });
  world.Run(1'000'000);
  EXPECT_EQ(world.master->log, (std::vector<std::string>{"open 1", "open 2", "1:1", "closed 1"}));
  EXPECT_EQ(world.worker->log, (std::vector<std::string>{"open 1", "open 2"}));
}

TEST(SimNetworkTest, AKilledProcessIsHeardOfAndAPowerLossIsNot) {
  for (const bool silent : {false, true}) {
    World world;
    world.worker->process->Kill("kill");
    world.network.ProcessDied(*world.worker->process, silent);
    world.Run(10'000'000);
    EXPECT_EQ(world.master->log.back(), silent ? "open 1" : "closed 1");
  }
}

TEST(SimNetworkTest, ACrashAtAnEnvelopeLosesItOrNot) {
  int arrived = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    World world(seed);
    world.network.CrashAtEnvelope(NodeId(1), 1, [&] {
      world.worker->process->Kill("crash");
      world.network.ProcessDied(*world.worker->process, false);
    });
    world.worker->Send(7);
    world.Run(1'000'000);
    if (std::count(world.master->log.begin(), world.master->log.end(), "1:7") == 1) ++arrived;
    EXPECT_FALSE(world.worker->process->alive);
  }
  EXPECT_GT(arrived, 5);
  EXPECT_LT(arrived, 35);
}

TEST(SimNetworkTest, TheSameSeedGivesTheSameTrace) {
  uint64_t hashes[3];
  for (int run = 0; run < 3; ++run) {
    World world(run == 2 ? 8 : 7);
    for (uint64_t i = 1; i <= 100; ++i) {
      world.worker->Send(i);
      world.master->Send(i);
      world.Run(500);
      if (i % 30 == 0) world.network.Cut(NodeId(0), NodeId(1));
    }
    world.Run(1'000'000);
    hashes[run] = world.scheduler.trace().hash();
  }
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[0], hashes[2]);
}

}  // namespace
}  // namespace tidemark::sim
