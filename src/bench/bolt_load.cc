// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_load.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "base/status.h"
#include "bench/bolt_server_cpu.h"
#include "bolt_client/failure.h"
#include "env/posix_clock.h"

namespace tidemark::bench {
namespace {

constexpr int64_t kFirstPauseMicros = 1'000;
constexpr int64_t kMaxPauseMicros = 100'000;

// One connection's part of a run. Threads: its own, until it has ended.
struct LoadWorker {
  std::unique_ptr<bolt_client::Connection> connection;
  std::unique_ptr<cli::SeededRandom> random;
  BoltLoadResult result;
};

// A transient failure is tried again after a pause that doubles, as drivers do it.
absl::Status RunOperation(const BoltSuite& suite, const BoltClient& client, int max_retries,
                          int64_t* retries) {
  int64_t pause_micros = kFirstPauseMicros;
  for (int attempt = 0;; ++attempt) {
    const absl::Status status = suite.run(client);
    if (!bolt_client::IsTransient(status) || attempt == max_retries) return status;
    ++*retries;
    const int64_t pause = pause_micros / 2 + client.random->Below(pause_micros);
    std::this_thread::sleep_for(std::chrono::microseconds(pause));
    pause_micros = std::min(2 * pause_micros, kMaxPauseMicros);
  }
}

void RunWorker(const BoltLoadOptions& options, const BoltSuite& suite, int64_t end_micros,
               LoadWorker* worker) {
  env::PosixClock clock;
  const BoltClient client{worker->connection.get(), worker->random.get(), options.vertices};
  BoltLoadResult* const result = &worker->result;
  int64_t start = clock.NowMicros();
  while (start < end_micros && !worker->connection->is_broken()) {
    const absl::Status status = RunOperation(suite, client, options.max_retries, &result->retries);
    const int64_t now = clock.NowMicros();
    if (status.ok()) {
      ++result->operations;
      result->latency_micros.Add(static_cast<double>(now - start));
    } else {
      ++result->errors;
      result->first_error.Update(status);
    }
    start = now;
  }
}

}  // namespace

absl::StatusOr<BoltLoadResult> RunBoltLoad(const BoltLoadOptions& options, const BoltSuite& suite) {
  std::vector<LoadWorker> workers(static_cast<size_t>(options.connections));
  uint64_t seed = options.seed;
  for (LoadWorker& worker : workers) {
    ASSIGN_OR_RETURN(worker.connection, bolt_client::Connection::Open(options.connection));
    worker.random = std::make_unique<cli::SeededRandom>(++seed);
  }
  env::PosixClock clock;
  ASSIGN_OR_RETURN(const double cpu_before, CpuSecondsOf(options.server_pids));
  const int64_t start = clock.NowMicros();
  const int64_t end = start + options.duration_ms * 1'000;
  std::vector<std::thread> threads;
  for (LoadWorker& worker : workers) {
    threads.emplace_back(
        [&options, &suite, end, &worker] { RunWorker(options, suite, end, &worker); });
  }
  for (std::thread& thread : threads) thread.join();
  BoltLoadResult sum;
  sum.seconds = static_cast<double>(clock.NowMicros() - start) / 1e6;
  ASSIGN_OR_RETURN(const double cpu_after, CpuSecondsOf(options.server_pids));
  sum.server_cpu_seconds = cpu_after - cpu_before;
  for (const LoadWorker& worker : workers) {
    sum.operations += worker.result.operations;
    sum.errors += worker.result.errors;
    sum.retries += worker.result.retries;
    sum.first_error.Update(worker.result.first_error);
    sum.latency_micros.values.insert(sum.latency_micros.values.end(),
                                     worker.result.latency_micros.values.begin(),
                                     worker.result.latency_micros.values.end());
  }
  return sum;
}

}  // namespace tidemark::bench
