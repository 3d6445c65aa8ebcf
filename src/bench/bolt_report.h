// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/bench_report.h"
#include "bench/bolt_load.h"
#include "cli/json.h"

namespace tidemark::bench {

// The message of an error, behind the server's own code for it where it has one.
std::string MessageWithCode(const absl::Status& status);

// A suite over so many connections: a value of each figure for every run.
struct BoltRow {
  std::string suite;
  int64_t connections = 0;
  Samples per_second;
  Samples p50_micros;
  Samples p99_micros;
  Samples cpu_micros;  // of the server, for an operation; empty when it was not measured
  int64_t operations = 0;
  int64_t errors = 0;
  int64_t retries = 0;
  std::string first_error;

  // A run in which at least one operation succeeded.
  void Add(const BoltLoadResult& result, bool with_cpu);
};

// The head of the table, and a line of it; with a second one for the first error.
std::string BoltTableHead();
std::string BoltTableLine(const BoltRow& row);

void WriteBoltRow(const BoltRow& row, cli::JsonWriter* json);

}  // namespace tidemark::bench
