// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "bench/bench_report.h"
#include "env/clock.h"
#include "env/file_system.h"

namespace tidemark::bench {

struct BenchOptions {
  std::string data_dir;
  int64_t runs = 5;
  int64_t vertices = 1'000'000;
  int64_t edges = 17'700'000;
  int64_t workers = 2;
  int64_t clients = 64;
  int64_t duration_ms = 2000;  // of one measurement of throughput
  int64_t grpc_port = 7790;    // of the clusters it starts
};

// What every suite works with. `directory` is the suite's own and empty.
struct BenchContext {
  BenchOptions options;
  env::FileSystem* files;
  env::Clock* clock;
  std::string directory;
  BenchReport* report;
};

// Bare limits of this machine: fdatasync, a message between two threads, copying adjacency.
absl::Status RunLimitsSuite(const BenchContext& context);
// The lexer and the parser of statements.
absl::Status RunParseSuite(const BenchContext& context);
// A shard alone: expansion of a random frontier; inserts; bytes per entity; load and replay.
absl::Status RunExpandSuite(const BenchContext& context);
// A shard alone: reads that must not suffer from deletions, own writes, newer commits and indexes.
absl::Status RunReadsSuite(const BenchContext& context);
absl::Status RunInsertSuite(const BenchContext& context);
absl::Status RunMemorySuite(const BenchContext& context);
absl::Status RunRecoverySuite(const BenchContext& context);
// Rows of queries in memory: batches, their order, hash and bytes; exact sums and aggregates.
absl::Status RunRowsSuite(const BenchContext& context);
// A statement's operators over a shard beside loops written by hand.
absl::Status RunHopsSuite(const BenchContext& context);
// Real processes: latency of one client, throughput of many, writers beside a snapshot, reads
// beside a large commit, point reads on ten times the data.
absl::Status RunCommitSuite(const BenchContext& context);
absl::Status RunSnapshotSuite(const BenchContext& context);
absl::Status RunTurnsSuite(const BenchContext& context);
absl::Status RunGrowthSuite(const BenchContext& context);
// Import of the whole graph, start after everything was killed, memory of the processes.
absl::Status RunRestartSuite(const BenchContext& context);

}  // namespace tidemark::bench
