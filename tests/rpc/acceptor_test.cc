// SPDX-License-Identifier: Apache-2.0
#include "rpc/acceptor.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "base/status.h"
#include "env/process_limits.h"
#include "rpc/listen_address.h"

namespace tidemark::rpc {
namespace {

// Keeps what it is given, and closes all at its end.
class Taker {
 public:
  ~Taker() { CloseAll(); }
  void Take(int fd) {
    const std::lock_guard<std::mutex> lock(mutex_);
    taken_.push_back(fd);
  }
  size_t count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return taken_.size();
  }
  bool Await(size_t wanted) {
    for (int i = 0; i < 1000 && count() < wanted; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return count() == wanted;
  }
  void CloseAll() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const int fd : taken_) close(fd);
    taken_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<int> taken_;
};

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  return fd;
}

bool IsClosedByPeer(int fd) {
  timeval wait = {5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  char byte = 0;
  return recv(fd, &byte, 1, 0) <= 0 && errno != EAGAIN;
}

TEST(AcceptorTest, HandsOverConnectionsUntilItIsStopped) {
  auto acceptor = Acceptor::Listen("127.0.0.1:0", 10);
  ASSERT_TRUE(acceptor.ok()) << acceptor.status();
  Taker taker;
  (*acceptor)->Start([&](int fd) { taker.Take(fd); });
  const int a = Connect((*acceptor)->port());
  const int b = Connect((*acceptor)->port());
  EXPECT_TRUE(taker.Await(2));
  (*acceptor)->Stop();
  (*acceptor)->Stop();
  close(a);
  close(b);
}

TEST(AcceptorTest, ABusyAddressIsNamed) {
  const auto first = Acceptor::Listen("127.0.0.1:0", 10);
  ASSERT_TRUE(first.ok());
  const auto second = Acceptor::Listen((*first)->address(), 10);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(MessageOf(second.status()).find((*first)->address()), std::string::npos);
}

TEST(AcceptorTest, AUnixSocketOfADeadProcessIsReplacedAndALivingOneIsNot) {
  const std::string address = absl::StrCat("unix:/tmp/tidemark-acceptor-", getpid());
  {
    const auto sockets = ListenOn(address);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    EXPECT_EQ(ListenOn(address).status().code(), absl::StatusCode::kUnavailable);
  }
  const auto again = ListenOn(address);  // the file is still there
  EXPECT_TRUE(again.ok()) << again.status();
  ReleaseAddress(address);
}

// The limit is this process's: lowered for the test.
class DescriptorLimitTest : public ::testing::Test {
 protected:
  DescriptorLimitTest() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = kLimit;
    setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimitTest() override {
    for (const int fd : clients_) close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  static constexpr rlim_t kLimit = 200;
  static constexpr uint64_t kReserve = 100;
  rlimit before_ = {};
  std::vector<int> clients_;
};

TEST_F(DescriptorLimitTest, ConnectionsLeaveTheReserveAndAreTakenAgainWhenOthersGo) {
  auto acceptor = Acceptor::Listen("127.0.0.1:0", kReserve);
  ASSERT_TRUE(acceptor.ok());
  Taker taker;
  (*acceptor)->Start([&](int fd) { taker.Take(fd); });
  // Each connection takes two descriptors here: its two ends.
  for (int i = 0; i < 60; ++i) clients_.push_back(Connect((*acceptor)->port()));
  EXPECT_TRUE(IsClosedByPeer(clients_.back()));
  EXPECT_LE(taker.count(), 50u);
  const int file = dup(0);
  EXPECT_GE(file, 0) << "no descriptor is left for a file";
  close(file);
  taker.CloseAll();
  for (const int fd : clients_) close(fd);
  clients_.clear();
  clients_.push_back(Connect((*acceptor)->port()));
  EXPECT_TRUE(taker.Await(1));
}

TEST_F(DescriptorLimitTest, AcceptsAgainAfterThereWasNoDescriptorAtAll) {
  auto acceptor = Acceptor::Listen("127.0.0.1:0", 0);
  ASSERT_TRUE(acceptor.ok());
  Taker taker;
  (*acceptor)->Start([&](int fd) { taker.Take(fd); });
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::vector<int> files;
  for (int fd = dup(0); fd >= 0; fd = dup(0)) files.push_back(fd);
  ASSERT_EQ(errno, EMFILE);
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>((*acceptor)->port()));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(taker.count(), 0u);
  for (const int fd : files) close(fd);
  EXPECT_TRUE(taker.Await(1));
  close(client);
}

}  // namespace
}  // namespace tidemark::rpc
