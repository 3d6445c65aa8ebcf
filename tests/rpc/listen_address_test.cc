// SPDX-License-Identifier: Apache-2.0
#include "rpc/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddressTest, LoopbackAndUnixSocketsNeedNoTls) {
  for (const char* address :
       {"127.0.0.1:7600", "127.3.2.1:0", "localhost:7600", "[::1]:7600", "unix:/tmp/s"}) {
    const absl::Status status = CheckListenAddress(address, false, false);
    EXPECT_TRUE(status.ok()) << address << ": " << status;
  }
}

TEST(ListenAddressTest, PublicAddressesNeedTlsOrPermission) {
  for (const char* address : {"0.0.0.0:7600", "[::]:7600", "192.0.2.7:7600", "128.0.0.1:1"}) {
    const absl::Status status = CheckListenAddress(address, false, false);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << address;
    EXPECT_THAT(MessageOf(status), HasSubstr(address));
    EXPECT_THAT(MessageOf(status), HasSubstr("--insecure"));
    EXPECT_TRUE(CheckListenAddress(address, true, false).ok()) << address;
    EXPECT_TRUE(CheckListenAddress(address, false, true).ok()) << address;
  }
}

TEST(ListenAddressTest, MalformedAddressesAreNamed) {
  for (const char* address : {"", ":", "7600", "localhost", "localhost:", ":7600", "localhost:port",
                              "localhost:65536", "localhost:-1", "::1:7600", "[]:7600"}) {
    const absl::Status status = CheckListenAddress(address, true, true);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(MessageOf(status), HasSubstr("\"" + std::string(address) + "\" is no address"));
  }
}

TEST(ListenAddressTest, AHostAndAPortAreJoinedWithTheBracketsOfIpv6) {
  EXPECT_EQ(JoinHostPort("127.0.0.1", 7), "127.0.0.1:7");
  EXPECT_EQ(JoinHostPort("::1", 7), "[::1]:7");
  EXPECT_EQ(JoinHostPort("[::1]", 7), "[::1]:7");
}

TEST(ListenAddressTest, TheFormOfAnAddressIsCheckedWithoutLookingItUp) {
  for (const char* good : {"no-such-host:7", "[::1]:7", "unix:/x"}) {
    EXPECT_TRUE(CheckAddressForm(good).ok()) << good;
  }
  for (const char* bad : {"127.0.0.1", "::1:7", "http://127.0.0.1:7", ":7", "a:70000"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckAddressForm(bad))) << bad;
  }
}

TEST(ListenAddressTest, AddressesOfOtherMachinesCannotBeListenedOn) {
  const absl::Status status = ProbeListenAddress("192.0.2.7:7600");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), HasSubstr("cannot listen on 192.0.2.7:7600: "));
  EXPECT_TRUE(ProbeListenAddress("127.0.0.1:0").ok());
  EXPECT_EQ(ProbeListenAddress("unix:" + std::string(200, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
}

// Whoever starts again right after a kill finds the port a moment later.
TEST(ListenAddressTest, APortThatIsGivenBackInAMomentIsWaitedFor) {
  absl::StatusOr<ListeningSockets> first = ListenOn("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = first->address;
  const absl::Status taken = ListenOn(address).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(taken.message().find("another process listens there"), absl::string_view::npos);
  std::thread ending([&] {
    absl::SleepFor(absl::Milliseconds(100));
    first->descriptors.clear();
  });
  EXPECT_TRUE(ListenOn(address).ok());
  ending.join();
}

TEST(ListenAddressTest, TheFolderOfAUnixSocketNeedNotBeThereYet) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "listen-", getpid());
  const std::string path = folder + "/nodes.sock";
  const std::string address = "unix:" + path;
  std::filesystem::remove_all(folder);
  const absl::Status free = ProbeListenAddress(address);
  EXPECT_TRUE(free.ok()) << free;
  EXPECT_FALSE(std::filesystem::exists(folder)) << "the question has left something";
  EXPECT_EQ(ListenOn(address).status().code(), absl::StatusCode::kUnavailable);
  std::filesystem::create_directory(folder);
  {
    const auto sockets = ListenOn(address);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    EXPECT_THAT(MessageOf(ProbeListenAddress(address)), HasSubstr("another process listens there"));
    EXPECT_EQ(ListenOn(address).status().code(), absl::StatusCode::kUnavailable);
  }
  // As a killed process leaves it.
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(ProbeListenAddress(address).ok());
  EXPECT_TRUE(std::filesystem::exists(path)) << "only who listens replaces it";
  EXPECT_TRUE(ListenOn(address).ok());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tidemark::rpc
