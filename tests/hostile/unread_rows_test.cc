// SPDX-License-Identifier: Apache-2.0
// Clients that ask for rows without end and never read one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <vector>

#include "bolt_client/address.h"
#include "bolt_client/socket.h"
#include "tests/bolt/pack_text.h"
#include "tests/hostile/hostile_server.h"

namespace tidemark::hostile {
namespace {

using bolt_client::Socket;

constexpr int kClients = 20;
constexpr int kWatchedMs = 6'000;  // longer than their transactions may be open
// What each may cost the server: answers that wait, a batch or two, buffers of the socket.
constexpr int64_t kBytesPerClient = 4 << 20;

// Says hello and asks, all in one go.
std::unique_ptr<Socket> AskAndNeverRead(const std::string& address) {
  const bolt_client::Patience patience{.deadline_ms = bolt_client::MonotonicMillis() + 5'000};
  auto socket = Socket::Connect(*bolt_client::ParseAddress(address), "", patience);
  EXPECT_TRUE(socket.ok()) << socket.status();
  if (!socket.ok()) return nullptr;
  std::string bytes = bolt::Opening(5, 4);
  for (const char* request :
       {"HELLO {user_agent: 'hostile'}", "LOGON {scheme: 'none'}",
        "RUN 'UNWIND range(1, 1000000000000) AS x RETURN x, toString(x) AS text' {} {}",
        "PULL {n: -1}"}) {
    bytes += bolt::RequestBytes(request);
  }
  EXPECT_TRUE((*socket)->Write(bytes, patience).ok());
  return *std::move(socket);
}

TEST(UnreadRowsTest, CostLittleAndHoldUpNobody) {
  HostileServer server;
  const int64_t before = server.ResidentBytes();
  std::vector<std::unique_ptr<Socket>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(AskAndNeverRead(server.address()));
  server.reader().Take();
  integration::SleepMs(kWatchedMs);
  const ReadTimes beside = server.reader().Take();
  EXPECT_THAT(beside.mistakes, testing::IsEmpty());
  EXPECT_GT(beside.micros.size(), 100u);
  EXPECT_LT(beside.longest(), 2'000'000);
  const int64_t grown = server.ResidentBytes() - before;
  EXPECT_LT(grown, kClients * kBytesPerClient);
  std::cout << "p99 " << beside.Percentile(0.99) << " us, alone " << server.alone().Percentile(0.99)
            << " us; the server has grown by " << (grown >> 10) << " KiB for " << kClients
            << " clients\n";
  clients.clear();
  const auto connection = server.Open();
  ASSERT_NE(connection, nullptr);
  EXPECT_TRUE(connection->Query("RETURN 1", {}).ok());
  ASSERT_TRUE(server.Runs()) << server.output();
}

}  // namespace
}  // namespace tidemark::hostile
