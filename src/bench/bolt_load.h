// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "bench/bench_report.h"
#include "bolt_client/connection.h"
#include "cli/seeded_random.h"

namespace tidemark::bench {

// What the operations of a suite work with.
struct BoltClient {
  bolt_client::Connection* connection;
  cli::SeededRandom* random;
  int64_t vertices;
};

// One kind of operation. It is a transaction of its own, and is run again while its failure is
// transient.
struct BoltSuite {
  std::string_view name;
  absl::Status (*run)(const BoltClient& client);
  // It leaves vertices or edges that RemoveTemporary removes.
  bool leaves_temporary = false;
};
// All of them, in the order in which they run.
absl::Span<const BoltSuite> BoltSuites();

struct BoltLoadOptions {
  bolt_client::ConnectionOptions connection;
  int64_t vertices = 0;
  int64_t connections = 1;
  int64_t duration_ms = 0;
  int max_retries = 100;  // of one operation
  uint64_t seed = 1;
  std::vector<int64_t> server_pids;
};

// What one run of a suite over so many connections gave.
struct BoltLoadResult {
  int64_t operations = 0;  // that succeeded
  int64_t errors = 0;      // operations that were given up
  int64_t retries = 0;
  double seconds = 0;
  double server_cpu_seconds = 0;  // of all server_pids
  Samples latency_micros;         // of operations that succeeded, from their first attempt
  absl::Status first_error;
};

// Each connection runs one operation after the other until the time is over or it is broken.
// Errors: those of a connection that cannot be opened, and of a server process that is not there.
absl::StatusOr<BoltLoadResult> RunBoltLoad(const BoltLoadOptions& options, const BoltSuite& suite);

}  // namespace tidemark::bench
