// SPDX-License-Identifier: Apache-2.0
// Statements that ask for more than there is: each ends with rows or with an error of its own, what
// failed has written nothing, and a client beside it is answered all the time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <utility>

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
// A p99 of fewer reads says little: a statement that ends sooner is run again and again. And what
// it should be at most, in times of what it is compared with.
constexpr size_t kEnoughReads = 500;
constexpr int64_t kMostRepeatMicros = 2'500'000;
constexpr double kMostTimes = 2;
// What the median beside one long statement is at most, whatever else the machine does: in times of
// the greatest of the three that it is compared with, and of what a median is on an idle machine.
constexpr int64_t kMedianTimes = 3;
constexpr int64_t kIdleMedianMicros = 100;
// Other work on the machine slows single reads, and memory that the process touches for the first
// time does: the best of so many runs of a statement counts, beside what the machine does then.
constexpr int kMostRuns = 2;
// What the process may ever have, by far: its clients' memory and that of two workers' statements.
constexpr int64_t kMostBytes = int64_t{4} << 30;

class HostileTest : public testing::TestWithParam<HostileCase> {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<HostileServer>(); }
  static void TearDownTestSuite() {
    const int64_t peak_bytes = server_->PeakBytes();
    server_ = nullptr;
    EXPECT_GT(peak_bytes, 0);
    EXPECT_LT(peak_bytes, kMostBytes);
    std::cout << "The server had " << (peak_bytes >> 20) << " MiB at most\n";
    EXPECT_GT(tally_.cases, 0);
    EXPECT_GE(2 * tally_.any, tally_.cases) << "most statements slow a client beside them";
    std::cout << "Of " << tally_.cases << " cases with at least " << kEnoughReads
              << " reads beside them the p99 of the best run is below " << kMostTimes
              << " times of that alone in " << tally_.alone << ", of that beside a program in "
              << tally_.program << ", of that beside a long statement in " << tally_.statement
              << "\n";
  }

  // What is in the graph, and what no statement that failed may have changed.
  static std::string Graph() {
    const auto connection = server_->Open();
    if (connection == nullptr) return "no connection";
    std::string text;
    for (const char* counts :
         {"MATCH (n) RETURN count(n), sum(n.number), count(n.hostile)",
          "MATCH ()-[r]->() RETURN count(r)", "MATCH (n:Hostile) RETURN count(n)"}) {
      const auto result = connection->Query(counts, {});
      EXPECT_TRUE(result.ok()) << counts << "\n" << result.status();
      if (!result.ok()) return "unknown";
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
  static std::string Run(const std::string& text, const graph::Value& parameters, bool prints) {
    const auto connection = server_->Open();
    if (connection == nullptr) return "no connection";
    auto columns = connection->Run(text, parameters);
    absl::Status status = columns.status();
    if (status.ok()) status = connection->Pull(Connection::kAllRows, [](auto) {}).status();
    if (status.ok()) return kDone;
    if (prints) std::cout << std::string(MessageOf(status).substr(0, 200)) << "\n";
    const std::string code = bolt_client::ServerCode(status);
    return code.empty() ? status.ToString() : code;
  }

  // Runs the statement until there are enough reads beside it, and counts how often.
  static ReadTimes ReadBeside(const HostileCase& one, int* sent_count) {
    const std::string text = one.text();
    const graph::Value parameters = one.parameters();
    ReadTimes beside;
    const int64_t end_micros = NowMicros() + kMostRepeatMicros;
    for (int i = 0; i == 0 || (beside.micros.size() < kEnoughReads && NowMicros() < end_micros);
         ++i) {
      *sent_count = i + 1;
      server_->reader().Take();
      const std::string end = Run(text, parameters, /*prints=*/i == 0);
      EXPECT_THAT(one.ends, testing::Contains(end));
      beside.Add(server_->reader().Take());
      if (end == kDone) Clear();
      if (testing::Test::HasFailure()) break;
    }
    return beside;
  }

  // The client beside is answered, and in time. Prints how it fares.
  static void CheckReader(const ReadTimes& beside) {
    EXPECT_THAT(beside.mistakes, testing::IsEmpty());
    EXPECT_FALSE(beside.micros.empty());
    EXPECT_LT(beside.longest(), kLongestAnswerMicros);
    const double of_alone = Share(beside, server_->alone());
    const double of_program = Share(beside, server_->beside_program());
    const double of_statement = Share(beside, server_->beside_statement());
    std::cout << beside.micros.size() << " reads beside it: p50 " << beside.Percentile(0.5)
              << " us, p99 " << beside.Percentile(0.99) << " us (" << of_alone
              << " times of that alone, " << of_program << " of that beside a program, "
              << of_statement << " of that beside a long statement), longest " << beside.longest()
              << " us\n";
  }

  // True when another run of the statement should show whether it was the statement.
  static bool IsSlowed(const ReadTimes& beside) {
    return beside.micros.size() >= kEnoughReads &&
           (Share(beside, server_->alone()) >= kMostTimes ||
            beside.Percentile(0.5) >= kMedianTimes * ControlMedian());
  }

  static void CheckBest(const ReadTimes& best, bool is_one_statement) {
    if (best.micros.size() < kEnoughReads) return;
    if (is_one_statement) {
      EXPECT_LT(best.Percentile(0.5), kMedianTimes * ControlMedian());
    }
    ++tally_.cases;
    const double of_any =
        std::min({Share(best, server_->alone()), Share(best, server_->beside_program()),
                  Share(best, server_->beside_statement())});
    tally_.any += of_any < kMostTimes ? 1 : 0;
    tally_.alone += Share(best, server_->alone()) < kMostTimes ? 1 : 0;
    tally_.program += Share(best, server_->beside_program()) < kMostTimes ? 1 : 0;
    tally_.statement += Share(best, server_->beside_statement()) < kMostTimes ? 1 : 0;
  }

  static int64_t ControlMedian() {
    return std::max({kIdleMedianMicros, server_->alone().Percentile(0.5),
                     server_->beside_program().Percentile(0.5),
                     server_->beside_statement().Percentile(0.5)});
  }

  static double Share(const ReadTimes& beside, const ReadTimes& control) {
    return static_cast<double>(beside.Percentile(0.99)) /
           static_cast<double>(std::max<int64_t>(1, control.Percentile(0.99)));
  }

  // In how many cases the client beside fared well, by what it is compared with.
  struct Tally {
    int cases = 0;
    int any = 0;  // of the three, the one that fared worst
    int alone = 0;
    int program = 0;
    int statement = 0;
  };

  static std::unique_ptr<HostileServer> server_;
  static Tally tally_;
};

std::unique_ptr<HostileServer> HostileTest::server_;
HostileTest::Tally HostileTest::tally_;

TEST_P(HostileTest, EndsWithinItsLimits) {
  const HostileCase& one = GetParam();
  const std::string before = Graph();
  ReadTimes best;
  int sent_count = 0;
  for (int i = 0; i < kMostRuns && (i == 0 || IsSlowed(best)); ++i) {
    ReadTimes beside = ReadBeside(one, &sent_count);
    CheckReader(beside);
    if (i == 0 || beside.Percentile(0.99) < best.Percentile(0.99)) best = std::move(beside);
  }
  if (IsSlowed(best)) server_->MeasureAgain();
  CheckBest(best, sent_count == 1);
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
