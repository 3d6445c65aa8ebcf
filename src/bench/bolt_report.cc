// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "bolt_client/failure.h"

namespace tidemark::bench {
namespace {

void WriteSamples(const char* key, const Samples& samples, cli::JsonWriter* json) {
  json->Key(key).BeginArray();
  for (const double value : samples.values) json->Number(value);
  json->EndArray();
}

// With a digit behind the point only where it matters.
std::string Figure(const Samples& samples) {
  if (samples.values.empty()) return "-";
  const double median = samples.Median();
  return absl::StrFormat(median < 1'000 ? "%.1f" : "%.0f", median);
}

}  // namespace

std::string MessageWithCode(const absl::Status& status) {
  const std::string code = bolt_client::ServerCode(status);
  return code.empty() ? MessageOf(status) : absl::StrCat(code, ": ", status.message());
}

void BoltRow::Add(const BoltLoadResult& result, bool with_cpu) {
  const auto count = static_cast<double>(result.operations);
  per_second.Add(count / result.seconds);
  p50_micros.Add(result.latency_micros.Quantile(0.5));
  p99_micros.Add(result.latency_micros.Quantile(0.99));
  if (with_cpu) cpu_micros.Add(result.server_cpu_seconds * 1e6 / count);
  operations += result.operations;
  errors += result.errors;
  retries += result.retries;
  if (first_error.empty()) first_error = MessageWithCode(result.first_error);
}

std::string BoltTableHead() {
  return absl::StrFormat("%-14s %11s %12s %10s %10s %10s %7s %7s", "suite", "connections",
                         "per second", "p50 us", "p99 us", "cpu us", "errors", "retries");
}

std::string BoltTableLine(const BoltRow& row) {
  std::string line =
      absl::StrFormat("%-14s %11d %12s %10s %10s %10s %7d %7d", row.suite, row.connections,
                      Figure(row.per_second), Figure(row.p50_micros), Figure(row.p99_micros),
                      Figure(row.cpu_micros), row.errors, row.retries);
  if (row.errors > 0) absl::StrAppend(&line, "\n    first error: ", row.first_error);
  return line;
}

void WriteBoltRow(const BoltRow& row, cli::JsonWriter* json) {
  json->BeginObject();
  json->Key("suite").String(row.suite);
  json->Key("connections").Number(row.connections);
  json->Key("operations").Number(row.operations);
  json->Key("errors").Number(row.errors);
  json->Key("retries").Number(row.retries);
  json->Key("first_error").String(row.first_error);
  WriteSamples("per_second", row.per_second, json);
  WriteSamples("p50_micros", row.p50_micros, json);
  WriteSamples("p99_micros", row.p99_micros, json);
  WriteSamples("server_cpu_micros", row.cpu_micros, json);
  json->EndObject();
}

}  // namespace tidemark::bench
