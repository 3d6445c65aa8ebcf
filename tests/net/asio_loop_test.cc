// SPDX-License-Identifier: Apache-2.0
// Client sockets on the thread of a loop: real connections on the loopback.
#include "net/asio_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/listen_address.h"
#include "tests/net/echo_server.h"
#include "tests/net/plain_client.h"

namespace tidemark::net {
namespace {

bool Eventually(const std::function<bool()>& what) {
  for (int i = 0; i < 1'000; ++i) {
    if (what()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(AsioLoopTest, BytesGoBothWays) {
  EchoServer server;
  PlainClient client(server.port());
  for (const size_t size : {1u, 3u, 4u, 1'000u, 100'000u, 1'000'000u}) {
    const std::string text(size, 'a');
    std::thread sender([&] { client.Send(text); });
    EXPECT_EQ(client.Receive(size), text);
    sender.join();
  }
}

// "GE" could become "GET "; only what cannot is handed on.
TEST(AsioLoopTest, FirstBytesThatLookLikeHttpAreNotLost) {
  EchoServer server;
  PlainClient client(server.port());
  client.Send("GE");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  client.Send("Tx1");
  EXPECT_EQ(client.Receive(5), "GETx1");
}

TEST(AsioLoopTest, ManyConnections) {
  EchoServer server;
  std::vector<std::unique_ptr<PlainClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<PlainClient>(server.port()));
    clients.back()->Send("hello");
  }
  for (const auto& client : clients) EXPECT_EQ(client->Receive(5), "hello");
  EXPECT_EQ(server.open_count(), 200);
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return server.open_count() == 0; }));
  EXPECT_EQ(server.closed_count(), 200);
}

// A socket that is closed with unread bytes breaks the connection off, and its last words may be
// lost: the stream waits for the client.
TEST(AsioLoopTest, LastWordsArriveWhateverTheClientStillSends) {
  EchoServer server;
  for (int i = 0; i < 20; ++i) {
    PlainClient client(server.port());
    client.Send("close" + std::string(1'000'000, 'x'));
    EXPECT_EQ(client.ReceiveAll(), "bye");
    EXPECT_EQ(client.error(), boost::asio::error::eof);
  }
}

TEST(AsioLoopTest, AClientThatDoesNotReadHoldsNobodyUp) {
  EchoServer server;
  PlainClient slow(server.port());
  // So the system holds far less than the flood, and it cannot leave the server in one piece.
  slow.socket().set_option(boost::asio::socket_base::receive_buffer_size(64 << 10));
  slow.Send("flood");
  EXPECT_EQ(slow.Receive(1), "x");
  PlainClient other(server.port());
  other.Send("hello");
  EXPECT_EQ(other.Receive(5), "hello");
  constexpr size_t kPartBytes = EchoServer::kFloodBytes / 4;
  EXPECT_EQ(slow.Receive(kPartBytes), std::string(kPartBytes, 'x'));
  EXPECT_TRUE(Eventually([&] { return server.sent_count() > 0; }));
  constexpr size_t kRestBytes = EchoServer::kFloodBytes - kPartBytes - 1;
  EXPECT_EQ(slow.Receive(kRestBytes), std::string(kRestBytes, 'x'));
  EXPECT_TRUE(Eventually([&] { return server.sent_count() > 1; }));
}

TEST(AsioLoopTest, WhatIsWrittenAndWhatIsGivenComesInItsOrder) {
  EchoServer server;
  PlainClient client(server.port());
  std::string all;
  for (const std::string& piece : EchoServer::Pieces()) all += piece;
  for (int i = 0; i < 10; ++i) {
    client.Send("pieces");
    EXPECT_TRUE(client.Receive(all.size()) == all);
  }
}

// Takes what comes, and how much.
class Taker : public ByteStream::Receiver {
 public:
  explicit Taker(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {
    stream_->Start(this);
  }
  void OnBytes(std::string_view bytes) override { taken_bytes += bytes.size(); }
  void OnSent() override {}
  void OnClosed(const absl::Status&) override {}

  size_t taken_bytes = 0;

 private:
  std::unique_ptr<ByteStream> stream_;
};

// Between two turns of the loop only so much of a large message is taken, however much is there.
TEST(AsioLoopTest, ALargeMessageIsTakenByAndBy) {
  constexpr size_t kMessageBytes = 4 << 20;
  constexpr size_t kMostAtOnce = 256 << 10;
  AsioLoop asio;
  absl::StatusOr<rpc::ListeningSockets> sockets = rpc::ListenOn("127.0.0.1:0");
  ASSERT_TRUE(sockets.ok());
  const auto listener = asio.Listen(std::move(sockets->descriptors), {});
  ASSERT_TRUE(listener.ok());
  std::unique_ptr<Taker> taker;
  (*listener)->Start([&](std::unique_ptr<ByteStream> stream) {
    taker = std::make_unique<Taker>(std::move(stream));
  });
  std::thread sender([port = sockets->port] {
    PlainClient client(port);
    client.Send(std::string(kMessageBytes, 'x'));
    client.ReceiveAll();
  });
  size_t most = 0;
  while (taker == nullptr || taker->taken_bytes < kMessageBytes) {
    const size_t before = taker == nullptr ? 0 : taker->taken_bytes;
    asio.Poll();
    const size_t after = taker == nullptr ? 0 : taker->taken_bytes;
    most = std::max(most, after - before);
  }
  taker = nullptr;
  for (int i = 0; i < 100; ++i) asio.Poll();
  sender.join();
  EXPECT_LE(most, kMostAtOnce);
}

TEST(AsioLoopTest, ReadingStopsAndGoesOn) {
  EchoServer server;
  PlainClient client(server.port());
  client.Send("pause");
  EXPECT_EQ(client.Receive(5), "pause");
  client.Send("hello");
  EXPECT_EQ(client.Receive(10), "againhello");
}

TEST(AsioLoopTest, StoppingWithOpenConnectionsEndsThem) {
  auto server = std::make_unique<EchoServer>();
  PlainClient client(server->port());
  client.Send("flood");
  PlainClient idle(server->port());
  idle.Send("hello");
  EXPECT_EQ(idle.Receive(5), "hello");
  server.reset();
  EXPECT_EQ(idle.ReceiveAll(), "");
}

// The loop sleeps in the sockets, and everything else still wakes it.
TEST(AsioLoopTest, PostsAndTimersWakeTheLoop) {
  EchoServer server;
  for (int i = 0; i < 200; ++i) server.OnLoop([] {});
  env::Notice fired;
  const auto start = std::chrono::steady_clock::now();
  server.OnLoop([&] { server.executor().RunAfter(20'000, [&] { fired.Give(); }); });
  fired.Wait();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(20));
}

// The node's files need descriptors, too.
TEST(AsioLoopTest, ClientsDoNotTakeTheLastDescriptors) {
  EchoServer server({.max_descriptor = 2});
  PlainClient client(server.port());
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_EQ(server.open_count(), 0);
}

TEST(AsioLoopTest, PeerIsNamed) {
  rpc::ListeningSockets sockets = rpc::ListenOn("127.0.0.1:0").value();
  AsioLoop loop;
  const auto listener = loop.Listen(std::move(sockets.descriptors), {}).value();
  std::string peer;
  listener->Start([&](std::unique_ptr<ByteStream> stream) { peer = stream->peer(); });
  PlainClient client(sockets.port);
  for (int i = 0; i < 100 && peer.empty(); ++i) loop.Wait(10'000);
  EXPECT_EQ(peer, "127.0.0.1:" + std::to_string(client.socket().local_endpoint().port()));
}

}  // namespace
}  // namespace tidemark::net
