// SPDX-License-Identifier: Apache-2.0
// What every transport promises, over memory, TCP and unix sockets.
#include "rpc/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <numeric>

#include "base/status.h"
#include "rpc/grpc_transport.h"
#include "rpc/memory_transport.h"
#include "tests/rpc/test_node.h"

namespace tidemark::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Wire { kMemory, kTcp, kUnix };

std::string NameOf(Wire wire) {
  if (wire == Wire::kMemory) return "Memory";
  return wire == Wire::kTcp ? "Tcp" : "Unix";
}

class TransportTest : public ::testing::TestWithParam<Wire> {
 protected:
  // A server on any free address, or on the one that an earlier server of the test had.
  std::unique_ptr<TestNode> MakeServer() {
    auto node = std::make_unique<TestNode>([this](const env::Env& env) {
      if (GetParam() == Wire::kMemory) return hub_.MakeServer(env, Address());
      return std::unique_ptr<Transport>(
          std::make_unique<GrpcServerTransport>(env, GrpcServerOptions{Address(), {}, false}));
    });
    server_ = node.get();
    return node;
  }
  void StartServer(TestNode* node) {
    const absl::Status status = node->Start();
    ASSERT_TRUE(status.ok()) << status;
    if (GetParam() == Wire::kTcp) {
      address_ = static_cast<GrpcServerTransport*>(node->transport())->address();
    }
  }
  std::unique_ptr<TestNode> MakeClient() {
    return std::make_unique<TestNode>([this](const env::Env& env) {
      if (GetParam() == Wire::kMemory) return hub_.MakeClient(env, Address());
      return std::unique_ptr<Transport>(
          std::make_unique<GrpcClientTransport>(env, GrpcClientOptions{Address(), {}}));
    });
  }

  std::string Address() {
    if (!address_.empty()) return address_;
    if (GetParam() == Wire::kTcp) return "127.0.0.1:0";
    static std::atomic<int> next = 0;
    address_ = "unix:" + ::testing::TempDir() + "tidemark-rpc-" + std::to_string(getpid()) + "-" +
               std::to_string(next++);
    return address_;
  }

  MemoryHub hub_;
  std::string address_;
  TestNode* server_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Wires, TransportTest,
                         ::testing::Values(Wire::kMemory, Wire::kTcp, Wire::kUnix),
                         [](const auto& info) { return NameOf(info.param); });

TEST_P(TransportTest, CarriesFramesInOrderBothWays) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  const StreamId down = server->WaitForStream();
  std::vector<uint64_t> csns(5000);
  std::iota(csns.begin(), csns.end(), 1);
  for (size_t i = 0; i < csns.size(); i += 50) {
    const std::vector<uint64_t> turn(csns.begin() + i, csns.begin() + i + 50);
    client->SendCsns(up, turn);
    server->SendCsns(down, turn);
  }
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == csns.size(); }));
  EXPECT_TRUE(client->WaitUntil([&] { return client->csns.size() == csns.size(); }));
  EXPECT_EQ(server->csns, csns);
  EXPECT_EQ(client->csns, csns);
}

// Also measures: the median time there and back of one small frame is a property of the test.
TEST_P(TransportTest, AnswersOneByOne) {
  constexpr uint64_t kRoundCount = 300;
  env::PosixClock clock;
  std::vector<int64_t> round_micros;
  const auto server = MakeServer();
  server->on_envelope = [&](StreamId stream, const wire::Envelope& envelope) {
    server_->transport()->Send(stream, wire::Frame(envelope.frames(0)));
  };
  StartServer(server.get());
  const auto client = MakeClient();
  int64_t sent_micros = 0;
  client->on_envelope = [&](StreamId stream, const wire::Envelope& envelope) {
    const int64_t now_micros = clock.NowMicros();
    round_micros.push_back(now_micros - sent_micros);
    sent_micros = now_micros;
    const uint64_t csn = envelope.frames(0).flush().csn();
    if (csn < kRoundCount) client->transport()->Send(stream, TestNode::FlushFrame(csn + 1));
  };
  ASSERT_TRUE(client->Start().ok());
  client->SendCsns(client->WaitForStream(), {1});
  EXPECT_TRUE(client->WaitUntil([&] { return client->csns.size() == kRoundCount; }));
  EXPECT_EQ(client->csns.back(), kRoundCount);
  std::sort(round_micros.begin(), round_micros.end());
  RecordProperty("median_round_trip_micros", std::to_string(round_micros[kRoundCount / 2]));
}

TEST_P(TransportTest, FramesOfATurnTravelInOneEnvelope) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  client->SendCsns(up, {1, 2, 3});
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == 3; }));
  EXPECT_EQ(server->envelopes.size(), 1u);
}

// A log is written at the end of a turn and acknowledged after that, in the same envelope.
TEST_P(TransportTest, WhatTheTurnEndSendsTravelsAlong) {
  const auto server = MakeServer();
  StartServer(server.get());
  std::unique_ptr<TestNode> client;
  env::Executor* executor = nullptr;
  client = std::make_unique<TestNode>([&](const env::Env& env) -> std::unique_ptr<Transport> {
    executor = env.executor;
    if (GetParam() == Wire::kMemory) return hub_.MakeClient(env, Address());
    return std::make_unique<GrpcClientTransport>(env, GrpcClientOptions{Address(), {}});
  });
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  client->OnLoop([&] {
    client->transport()->Send(up, TestNode::FlushFrame(1));
    executor->AtTurnEnd([&] { client->transport()->Send(up, TestNode::FlushFrame(2)); });
  });
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == 2; }));
  EXPECT_EQ(server->envelopes.size(), 1u);
}

TEST_P(TransportTest, CarriesBigMessages) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  const std::string bytes(5 << 20, 'x');
  client->OnLoop([&] {
    for (int i = 0; i < 2; ++i) {
      wire::Frame frame;
      frame.mutable_execute()->set_call(bytes);
      client->transport()->Send(up, std::move(frame));
      client->transport()->Send(up, TestNode::FlushFrame(i));
    }
  });
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == 2; }));
  EXPECT_THAT(server->csns, ElementsAre(0, 1));
  int found = 0;
  for (const wire::Envelope& envelope : server->envelopes) {
    for (const wire::Frame& frame : envelope.frames()) {
      if (frame.has_execute()) found += frame.execute().call() == bytes;
    }
  }
  EXPECT_EQ(found, 2);
}

TEST_P(TransportTest, AFrameAboveTheLimitClosesTheStreamWithAClearError) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  client->OnLoop([&] {
    wire::Frame frame;
    frame.mutable_execute()->set_call(std::string(kMaxFrameBytes, 'x'));
    client->transport()->Send(up, std::move(frame));
    client->transport()->Send(up, TestNode::FlushFrame(1));
    const std::lock_guard<std::mutex> lock(client->mutex);
    EXPECT_TRUE(client->closed.empty());
  });
  EXPECT_TRUE(client->WaitUntil([&] { return !client->closed.empty(); }));
  EXPECT_EQ(client->closed[0].stream, up);
  EXPECT_EQ(client->closed[0].reason.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(client->closed[0].reason), HasSubstr("is above the limit of"));
  EXPECT_TRUE(server->WaitUntil([&] { return !server->closed.empty(); }));
  EXPECT_TRUE(server->csns.empty());
}

TEST_P(TransportTest, ClosingDeliversWhatWasSentAndTheReason) {
  const auto server = MakeServer();
  server->on_opened = [&](StreamId stream) {
    server_->transport()->Send(stream, TestNode::FlushFrame(7));
    server_->transport()->Close(stream, absl::PermissionDeniedError("secrets differ"));
    server_->transport()->Send(stream, TestNode::FlushFrame(8));
  };
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  EXPECT_TRUE(client->WaitUntil([&] { return client->closed.size() >= 2; }));
  client->Kill();
  EXPECT_EQ(client->csns[0], 7u);
  EXPECT_EQ(client->csns[1], 7u);
  EXPECT_NE(client->opened[0], client->opened[1]);
  EXPECT_EQ(client->closed[0].stream, client->opened[0]);
  EXPECT_EQ(client->closed[0].reason.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(MessageOf(client->closed[0].reason), HasSubstr("secrets differ"));
  EXPECT_TRUE(server->closed.empty());
}

TEST_P(TransportTest, AClientThatClosesIsHeardAndDialsAgain) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId first = client->WaitForStream();
  client->OnLoop([&] {
    client->transport()->Send(first, TestNode::FlushFrame(1));
    client->transport()->Close(first, absl::CancelledError("changed its mind"));
  });
  EXPECT_TRUE(server->WaitUntil([&] { return server->closed.size() == 1; }));
  EXPECT_THAT(server->csns, ElementsAre(1));
  const StreamId second = client->WaitForStream(2);
  EXPECT_NE(first, second);
  client->SendCsns(first, {2});
  client->SendCsns(second, {3});
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == 2; }));
  EXPECT_THAT(server->csns, ElementsAre(1, 3));
  EXPECT_TRUE(client->closed.empty());
}

TEST_P(TransportTest, ReconnectsAfterTheServerIsGone) {
  auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId first = client->WaitForStream();
  server->WaitForStream();
  server->Kill();
  EXPECT_TRUE(client->WaitUntil([&] { return client->closed.size() == 1; }));
  EXPECT_EQ(client->closed[0].stream, first);
  server = MakeServer();
  StartServer(server.get());
  const StreamId second = client->WaitForStream(2);
  EXPECT_NE(first, second);
  client->SendCsns(second, {5});
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == 1; }));
}

TEST_P(TransportTest, TheServerHearsOfAClientThatDies) {
  const auto server = MakeServer();
  StartServer(server.get());
  auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  client->WaitForStream();
  const StreamId down = server->WaitForStream();
  client->Kill();
  EXPECT_TRUE(server->WaitUntil([&] { return server->closed.size() == 1; }));
  EXPECT_EQ(server->closed[0].stream, down);
}

TEST_P(TransportTest, ManyClientsHaveStreamsOfTheirOwn) {
  const auto server = MakeServer();
  server->on_envelope = [&](StreamId stream, const wire::Envelope& envelope) {
    for (const wire::Frame& frame : envelope.frames()) {
      server_->transport()->Send(stream, wire::Frame(frame));
    }
  };
  StartServer(server.get());
  std::vector<std::unique_ptr<TestNode>> clients;
  for (uint64_t i = 0; i < 5; ++i) {
    clients.push_back(MakeClient());
    ASSERT_TRUE(clients.back()->Start().ok());
  }
  for (uint64_t i = 0; i < 5; ++i) clients[i]->SendCsns(clients[i]->WaitForStream(), {i});
  for (uint64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(clients[i]->WaitUntil([&] { return clients[i]->csns.size() == 1; }));
    EXPECT_THAT(clients[i]->csns, ElementsAre(i));
  }
}

// The server's loop hangs: what is sent to it is bounded, and the sender is told.
TEST_P(TransportTest, APeerThatDoesNotReadIsGivenUp) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  server->WaitForStream();
  env::Notice release;
  std::thread hang([&] { server->OnLoop([&] { release.Wait(); }); });
  const size_t chunk_bytes = size_t{8} << 20;
  for (size_t sent = 0; sent < kMaxQueuedBytes + (size_t{64} << 20); sent += chunk_bytes) {
    client->OnLoop([&] {
      wire::Frame frame;
      frame.mutable_execute()->set_call(std::string(chunk_bytes, 'x'));
      client->transport()->Send(up, std::move(frame));
    });
  }
  EXPECT_TRUE(client->WaitUntil([&] { return !client->closed.empty(); }));
  release.Give();
  hang.join();
  EXPECT_EQ(client->closed[0].reason.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(client->closed[0].reason), HasSubstr("does not read"));
}

TEST_P(TransportTest, AStoppedTransportIsSilent) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  const StreamId up = client->WaitForStream();
  server->WaitForStream();
  client->OnLoop([&] {
    client->transport()->Send(up, TestNode::FlushFrame(9));
    client->transport()->Stop();
  });
  EXPECT_TRUE(server->WaitUntil([&] { return server->closed.size() == 1; }));
  EXPECT_THAT(server->csns, ElementsAre(9));
  server->OnLoop([&] { server->transport()->Stop(); });
  client->Kill();
  server->Kill();
  EXPECT_EQ(client->opened.size(), 1u);
  EXPECT_TRUE(client->closed.empty());
  EXPECT_EQ(server->opened.size(), 1u);
}

TEST_P(TransportTest, AnAddressInUseIsNamed) {
  const auto server = MakeServer();
  StartServer(server.get());
  const auto second = MakeServer();
  const absl::Status status = second->Start();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), HasSubstr("cannot listen on " + address_));
  const auto client = MakeClient();
  ASSERT_TRUE(client->Start().ok());
  server->WaitForStream();
}

}  // namespace
}  // namespace tidemark::rpc
