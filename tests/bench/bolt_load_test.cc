// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_load.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string_view>

#include "bolt_client/failure.h"
#include "tests/bolt_client/test_server.h"

namespace tidemark::bench {
namespace {

absl::Status RunStatement(const BoltClient& client, std::string_view text) {
  return client.connection->Query(text, {}).status();
}

class BoltLoadTest : public testing::Test {
 protected:
  BoltLoadOptions Options() const {
    BoltLoadOptions options;
    options.connection.address = *bolt_client::ParseAddress(server_.address());
    options.vertices = 100;
    options.connections = 3;
    options.duration_ms = 200;
    return options;
  }

  bolt_client::TestServer server_;
};

TEST_F(BoltLoadTest, CountsWhatSucceeds) {
  static std::atomic<int64_t> calls;
  calls = 0;
  const auto result = RunBoltLoad(Options(), {.name = "one", .run = [](const BoltClient& client) {
                                                ++calls;
                                                EXPECT_EQ(client.vertices, 100);
                                                return RunStatement(client, "RETURN 1");
                                              }});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->operations, 3);
  EXPECT_EQ(result->operations, calls);
  EXPECT_EQ(result->latency_micros.values.size(), static_cast<size_t>(calls));
  EXPECT_EQ(result->errors + result->retries, 0);
  EXPECT_GE(result->seconds, 0.2);
  EXPECT_GT(result->latency_micros.Median(), 0);
  EXPECT_LT(result->latency_micros.Quantile(1), result->seconds * 1e6);
  EXPECT_EQ(result->server_cpu_seconds, 0);
}

// The latency of an operation begins with its first attempt, so it includes the pause.
TEST_F(BoltLoadTest, TriesTransientFailuresAgain) {
  static std::atomic<int64_t> calls;
  calls = 0;
  BoltLoadOptions options = Options();
  options.connections = 1;
  const auto result = RunBoltLoad(
      options, {.name = "conflict", .run = [](const BoltClient& client) {
                  return RunStatement(client, ++calls % 3 == 0 ? "RETURN 1" : "CONFLICT");
                }});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->operations, 1);
  EXPECT_EQ(result->retries, 2 * result->operations);
  EXPECT_EQ(result->errors, 0);
  // Half of the first pause and half of the second one at least.
  EXPECT_GE(result->latency_micros.Quantile(0), 500 + 1'000);
}

TEST_F(BoltLoadTest, GivesUpAfterTheLastRetry) {
  BoltLoadOptions options = Options();
  options.max_retries = 2;
  const auto result = RunBoltLoad(
      options, {.name = "conflict",
                .run = [](const BoltClient& client) { return RunStatement(client, "CONFLICT"); }});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->operations, 0);
  EXPECT_GE(result->errors, 3);
  EXPECT_EQ(result->retries, 2 * result->errors);
  EXPECT_TRUE(bolt_client::IsTransient(result->first_error)) << result->first_error;
}

TEST_F(BoltLoadTest, CountsOtherErrorsOnce) {
  const auto result =
      RunBoltLoad(Options(), {.name = "nonsense", .run = [](const BoltClient& client) {
                                return RunStatement(client, "NONSENSE");
                              }});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->operations, 0);
  EXPECT_EQ(result->retries, 0);
  EXPECT_GE(result->errors, 3);
  EXPECT_NE(result->first_error.message().find("NONSENSE"), absl::string_view::npos);
}

TEST_F(BoltLoadTest, NeedsTheServerAndItsProcesses) {
  const BoltSuite suite = BoltSuites()[0];
  BoltLoadOptions options = Options();
  options.server_pids = {2'000'000'000};
  EXPECT_EQ(RunBoltLoad(options, suite).status().code(), absl::StatusCode::kNotFound);
  options = Options();
  options.connection.address.port = "1";
  EXPECT_EQ(RunBoltLoad(options, suite).status().code(), absl::StatusCode::kUnavailable);
}

TEST(BoltSuites, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const BoltSuite& suite : BoltSuites()) names.insert(suite.name);
  EXPECT_EQ(names.size(), 11u);
}

}  // namespace
}  // namespace tidemark::bench
