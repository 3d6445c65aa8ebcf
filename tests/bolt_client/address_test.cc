// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/address.h"

#include <gtest/gtest.h>

namespace tidemark::bolt_client {
namespace {

Address Parsed(std::string_view text) {
  const absl::StatusOr<Address> address = ParseAddress(text);
  EXPECT_TRUE(address.ok()) << address.status();
  return address.ok() ? *address : Address{};
}

TEST(Address, HasAllForms) {
  EXPECT_EQ(Parsed("localhost").ToString(), "localhost:7687");
  EXPECT_EQ(Parsed("10.0.0.1:17").ToString(), "10.0.0.1:17");
  EXPECT_EQ(Parsed("bolt://h:1").tls, TlsMode::kNone);
  EXPECT_EQ(Parsed("bolt+s://h:1").tls, TlsMode::kVerified);
  EXPECT_EQ(Parsed("bolt+ssc://h:1/").tls, TlsMode::kUnverified);
  EXPECT_EQ(Parsed("neo4j://h:1").tls, TlsMode::kNone);
  EXPECT_EQ(Parsed("neo4j+s://h").ToString(), "h:7687");
  EXPECT_EQ(Parsed("[::1]:9").host, "::1");
  EXPECT_EQ(Parsed("bolt://[::1]").ToString(), "[::1]:7687");
}

TEST(Address, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", ":7687", "http://h", "h:0", "h:65536", "h:x", "[::1", "bolt://"}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace tidemark::bolt_client
