// SPDX-License-Identifier: Apache-2.0
#include "rpc/greeting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<uint32_t> Greet(const GreetingSide& self, const GreetingSide& peer) {
  wire::Hello hello;
  FillGreeting(peer, &hello);
  return CheckGreeting(self, peer.name, hello);
}

TEST(GreetingTest, AgreesOnTheHighestCommonVersion) {
  const GreetingSide master{"master 127.0.0.1:7600", "0.2.0", "s3cret", 1, 3};
  const GreetingSide worker{"worker 2", "0.1.0", "s3cret", 1, 2};
  EXPECT_EQ(*Greet(master, worker), 2u);
  EXPECT_EQ(*Greet(worker, master), 2u);
  EXPECT_EQ(*Greet({"a", "1", ""}, {"b", "1", ""}), kWireVersionMax);
}

TEST(GreetingTest, RefusesWithoutACommonVersionAndNamesBothSides) {
  const GreetingSide master{"master 127.0.0.1:7600", "0.9.0", "", 3, 4};
  const GreetingSide worker{"worker 2", "0.1.0", "", 1, 2};
  const absl::Status status = Greet(master, worker).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(status),
            "master 127.0.0.1:7600 (build 0.9.0, wire versions 3 to 4) and worker 2 (build 0.1.0, "
            "wire versions 1 to 2) have no wire version in common; upgrade the older one");
  EXPECT_FALSE(CheckGreeting(worker, "master", wire::Hello()).ok());
}

TEST(GreetingTest, RefusesAnotherSecretWithoutTellingIt) {
  const GreetingSide master{"master 127.0.0.1:7600", "1", "alpha"};
  for (const char* secret : {"alphb", "alpha1", "alph", ""}) {
    const absl::Status status = Greet(master, {"worker 2", "1", secret}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << secret;
    EXPECT_THAT(MessageOf(status), HasSubstr("master 127.0.0.1:7600 and worker 2"));
    EXPECT_THAT(MessageOf(status), Not(HasSubstr("alph")));
  }
  EXPECT_THAT(MessageOf(Greet({"a", "1", ""}, {"b", "1", "x"}).status()),
              HasSubstr("only the second has a cluster secret"));
  EXPECT_THAT(MessageOf(Greet(master, {"b", "1", ""}).status()),
              HasSubstr("only the first has a cluster secret"));
}

TEST(GreetingTest, SecretsAreComparedAsAWhole) {
  EXPECT_TRUE(SecretsEqual("", ""));
  EXPECT_TRUE(SecretsEqual("abc", "abc"));
  EXPECT_FALSE(SecretsEqual("abc", "abd"));
  EXPECT_FALSE(SecretsEqual("abc", "bbc"));
  EXPECT_FALSE(SecretsEqual("abc", "ab"));
  EXPECT_FALSE(SecretsEqual(std::string("a\0b", 3), std::string("a\0c", 3)));
}

}  // namespace
}  // namespace tidemark::rpc
