// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_report.h"

#include <gtest/gtest.h>

#include "bolt_client/failure.h"

namespace tidemark::bench {
namespace {

BoltLoadResult Result(int64_t operations, double cpu_seconds) {
  BoltLoadResult result;
  result.operations = operations;
  result.seconds = 2;
  result.server_cpu_seconds = cpu_seconds;
  for (int i = 1; i <= 100; ++i) result.latency_micros.Add(i);
  return result;
}

TEST(BoltReport, GivesMediansOfRuns) {
  BoltRow row{.suite = "point-read", .connections = 8};
  row.Add(Result(2'000, 0.1), true);
  row.Add(Result(8'000, 0.2), true);
  row.Add(Result(4'000, 0.1), true);
  EXPECT_EQ(row.operations, 14'000);
  EXPECT_EQ(BoltTableHead(),
            "suite          connections   per second     p50 us     p99 us     cpu us  errors "
            "retries");
  EXPECT_EQ(BoltTableLine(row),
            "point-read               8         2000       50.5       99.0       25.0       0 "
            "      0");
}

TEST(BoltReport, ShowsTheFirstErrorAndWhatWasNotMeasured) {
  BoltRow row{.suite = "transfer", .connections = 1};
  BoltLoadResult result = Result(10, 0);
  result.errors = 3;
  result.retries = 4;
  result.first_error = absl::InternalError("the server said no");
  row.Add(result, false);
  row.Add(Result(10, 0), false);
  EXPECT_EQ(BoltTableLine(row),
            "transfer                 1          5.0       50.5       99.0          -       3 "
            "      4\n    first error: the server said no");
  cli::JsonWriter json;
  WriteBoltRow(row, &json);
  EXPECT_EQ(json.text(),
            R"({"suite":"transfer","connections":1,"operations":20,"errors":3,"retries":4,)"
            R"("first_error":"the server said no","per_second":[5,5],"p50_micros":[50.5,50.5],)"
            R"("p99_micros":[99.01,99.01],"server_cpu_micros":[]})");
}

TEST(BoltReport, NamesTheServersCode) {
  EXPECT_EQ(MessageWithCode(absl::InternalError("broken")), "broken");
  bolt_client::Value metadata{.kind = bolt_client::Kind::kMap};
  metadata.entries = {{"code", {.scalar = graph::Value::String("Neo.ClientError.A.B")}},
                      {"message", {.scalar = graph::Value::String("no")}}};
  EXPECT_EQ(MessageWithCode(bolt_client::StatusOfFailure(metadata)), "Neo.ClientError.A.B: no");
}

}  // namespace
}  // namespace tidemark::bench
