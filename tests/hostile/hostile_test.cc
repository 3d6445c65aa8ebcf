// SPDX-License-Identifier: Apache-2.0
// Statements that ask for more than there is: each ends with rows or with an error of its own, what
// failed has written nothing, and a client beside it is answered all the time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "bolt_client/connection.h"
#include "bolt_client/failure.h"
#include "tests/hostile/hostile_case.h"
#include "tests/hostile/hostile_server.h"
#include "tests/integration/process.h"

namespace tidemark::hostile {
namespace {

using bolt_client::Connection;
using integration::SleepMs;

// The longest answer to the client beside it. On an idle machine it takes a few milliseconds; this
// is what even a machine that does much else keeps to.
constexpr int64_t kLongestAnswerMicros = 2'000'000;

class HostileTest : public testing::TestWithParam<HostileCase> {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<HostileServer>(); }
  static void TearDownTestSuite() { server_ = nullptr; }

  // What is in the graph, and what no statement that failed may have changed.
  static std::string Graph() {
    const auto connection = server_->Open();
    if (connection == nullptr) return "no connection";
    std::string text;
    for (const char* counts :
         {"MATCH (n) RETURN count(n), sum(n.number), count(n.hostile)",
          "MATCH ()-[r]->() RETURN count(r), 0, 0", "MATCH (n:Hostile) RETURN count(n), 0, 0"}) {
      const auto result = connection->Query(counts, {});
      if (!result.ok()) return absl::StrCat(counts, ": ", result.status().ToString());
      for (const auto& value : result->rows[0]) {
        absl::StrAppend(&text, value.integer_or(-1), " ");
      }
    }
    return text;
  }

  // Removes what a case has made, piece by piece.
  static void Clear() {
    const auto connection = server_->Open();
    ASSERT_NE(connection, nullptr);
    for (const char* text : {"MATCH ()-[r:HOSTILE]->() WITH r LIMIT 5000 DELETE r RETURN 1",
                             "MATCH (n:Hostile) WITH n LIMIT 5000 DETACH DELETE n RETURN 1"}) {
      while (true) {
        const auto result = connection->Query(text, {});
        ASSERT_TRUE(result.ok()) << result.status();
        if (result->rows.empty()) break;
      }
    }
  }

  // How the statement ended: kDone, or the code of its error.
  static std::string Run(const HostileCase& one) {
    const auto connection = server_->Open();
    if (connection == nullptr) return "no connection";
    auto columns = connection->Run(one.text(), one.parameters());
    absl::Status status = columns.status();
    if (status.ok()) status = connection->Pull(Connection::kAllRows, [](auto) {}).status();
    if (status.ok()) return kDone;
    std::cout << std::string(MessageOf(status).substr(0, 200)) << "\n";
    const std::string code = bolt_client::ServerCode(status);
    return code.empty() ? status.ToString() : code;
  }

  // The client beside is answered, and in time. Prints how it fares.
  static void CheckReader(int64_t least_reads) {
    ReadTimes beside = server_->reader().Take();
    for (int i = 0; i < 50 && static_cast<int64_t>(beside.micros.size()) < least_reads; ++i) {
      SleepMs(100);
      const ReadTimes more = server_->reader().Take();
      beside.micros.insert(beside.micros.end(), more.micros.begin(), more.micros.end());
      beside.mistakes.insert(beside.mistakes.end(), more.mistakes.begin(), more.mistakes.end());
    }
    EXPECT_THAT(beside.mistakes, testing::IsEmpty());
    EXPECT_GE(static_cast<int64_t>(beside.micros.size()), least_reads);
    EXPECT_LT(beside.longest(), kLongestAnswerMicros);
    const double ratio =
        static_cast<double>(beside.Percentile(0.99)) /
        static_cast<double>(std::max<int64_t>(1, server_->alone().Percentile(0.99)));
    std::cout << beside.micros.size() << " reads beside it: p50 " << beside.Percentile(0.5)
              << " us, p99 " << beside.Percentile(0.99) << " us (" << ratio
              << " times of that alone), longest " << beside.longest() << " us\n";
  }

  static std::unique_ptr<HostileServer> server_;
};

std::unique_ptr<HostileServer> HostileTest::server_;

TEST_P(HostileTest, EndsWithinItsLimits) {
  const HostileCase& one = GetParam();
  const std::string before = Graph();
  server_->reader().Take();
  const std::string end = Run(one);
  EXPECT_THAT(one.ends, testing::Contains(end));
  CheckReader(1);
  if (end == kDone) Clear();
  EXPECT_EQ(Graph(), before);
  ASSERT_TRUE(server_->Runs()) << server_->output();
}

std::vector<HostileCase> AllCases() {
  std::vector<HostileCase> all;
  for (const auto& some : {TextCases(), RowCases(), ValueCases(), WriteCases()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Statement, HostileTest, testing::ValuesIn(AllCases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tidemark::hostile
