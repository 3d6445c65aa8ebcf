// SPDX-License-Identifier: Apache-2.0
// The suites that measure a cluster with an imported graph: writers beside a snapshot and beside an
// index build, point reads as the graph grows, recovery after everything was killed.
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "bench/bench_cluster.h"
#include "bench/suites.h"
#include "cli/exit_code.h"
#include "cli/seeded_random.h"
#include "host/child_process.h"
#include "host/remove_tree.h"
#include "import/generate/generate_command.h"

namespace tidemark::bench {
namespace {

constexpr int kPollMicros = 2000;
constexpr int kWriterCount = 4;
constexpr int kPointReadCount = 2000;
constexpr int kGrowthSteps = 3;
constexpr int kGrowthFactor = 10;
constexpr double kTailGoal = 2;
constexpr double kDipGoal = 0.9;
constexpr double kGrowthGoal = 1.3;

// Generates a graph and imports it into directory/data. Gives the seconds of the import.
absl::StatusOr<double> ImportGraph(const BenchContext& context, int64_t vertices, int64_t edges) {
  csv_import::GenerateOptions graph;
  graph.output = context.directory + "/csv";
  graph.vertices = vertices;
  graph.edges = edges;
  RETURN_IF_ERROR(context.files->MakeDirectory(graph.output));
  RETURN_IF_ERROR(csv_import::GenerateGraph(context.files, graph));
  host::ChildProcess import("import",
                            {"import", "--data-dir=" + context.directory + "/data",
                             absl::StrCat("--workers=", context.options.workers),
                             "--nodes=Person=" + graph.output + "/nodes.csv",
                             "--relationships=FOLLOWS=" + graph.output + "/relationships.csv"},
                            context.directory + "/import.log");
  const int64_t begin = context.clock->NowMicros();
  RETURN_IF_ERROR(import.Start());
  std::optional<host::ProcessEnd> end;
  while (!(end = import.Poll()).has_value()) usleep(kPollMicros);
  const int64_t micros = context.clock->NowMicros() - begin;
  host::RemoveTree(graph.output);
  if (end->by_signal || end->code != kExitOk) {
    return absl::InternalError(
        absl::StrCat("the import ended with ", end->ToString(), "\n", import.LogTail()));
  }
  return static_cast<double>(micros) / kMicrosPerSecond;
}

// What writers see alone and while `beside` runs again and again.
absl::Status MeasureBeside(const BenchContext& context, client::Client* client,
                           const std::string& what, const std::function<absl::Status()>& beside) {
  BenchRow tail{"snapshot",           "p99 of writers beside " + what, "us", {}, "alone", 0,
                Goal{kTailGoal, true}};
  BenchRow rate{"snapshot",           "rate of writers beside " + what, "commits/s", {}, "alone", 0,
                Goal{kDipGoal, false}};
  Samples alone_tail;
  Samples alone_rate;
  const double seconds = static_cast<double>(context.options.duration_ms) / kMsPerSecond;
  for (int64_t run = 0; run < context.options.runs; ++run) {
    ASSIGN_OR_RETURN(const Samples alone, RunClients(context, client, kWriterCount,
                                                     context.options.duration_ms, CreateOne));
    alone_tail.Add(alone.Quantile(0.99));
    alone_rate.Add(static_cast<double>(alone.values.size()) / seconds);
    std::atomic<bool> stop{false};
    absl::Status beside_status;
    std::thread other([&] {
      while (!stop && beside_status.ok()) beside_status = beside();
    });
    const absl::StatusOr<Samples> both =
        RunClients(context, client, kWriterCount, context.options.duration_ms, CreateOne);
    stop = true;
    other.join();
    RETURN_IF_ERROR(both.status());
    RETURN_IF_ERROR(beside_status);
    tail.figure.Add(both->Quantile(0.99));
    rate.figure.Add(static_cast<double>(both->values.size()) / seconds);
  }
  tail.limit = alone_tail.Median();
  rate.limit = alone_rate.Median();
  context.report->Add(std::move(tail));
  context.report->Add(std::move(rate));
  return absl::OkStatus();
}

absl::Status BuildAndDropIndex(client::Client* client) {
  api::Index index;
  index.set_name("bench_age");
  index.set_kind(api::LABEL_PROPERTY);
  index.set_label("Person");
  index.add_keys("age");
  RETURN_IF_ERROR(client->CreateIndex(index).status());
  return client->DropIndex(index.name());
}

absl::StatusOr<double> TimePointRead(const BenchContext& context, client::Client* client,
                                     int64_t vertices) {
  api::Index index;
  index.set_kind(api::UNIQUE);
  index.set_label("Person");
  index.add_keys("id");
  RETURN_IF_ERROR(client->CreateIndex(index).status());
  cli::SeededRandom random(1);
  ASSIGN_OR_RETURN(const Samples micros,
                   TimeOneClient(context, client, kPointReadCount,
                                 [&](client::ClientSession* session, uint64_t) {
                                   api::Run run;
                                   api::Lookup* lookup = run.add_operations()->mutable_lookup();
                                   lookup->set_label("Person");
                                   lookup->add_keys("id");
                                   lookup->add_equal()->set_integer(random.Below(vertices));
                                   return session->Run(run).status();
                                 }));
  return micros.Median();
}

}  // namespace

absl::Status RunSnapshotSuite(const BenchContext& context) {
  RETURN_IF_ERROR(ImportGraph(context, context.options.vertices, context.options.edges).status());
  ASSIGN_OR_RETURN(const auto cluster,
                   StartCluster(context, "cluster", context.directory + "/data", {}));
  client::Client* client = cluster->client();
  RETURN_IF_ERROR(MeasureBeside(context, client, "snapshots",
                                [client] { return client->SnapshotNow().status(); }));
  return MeasureBeside(context, client, "index builds",
                       [client] { return BuildAndDropIndex(client); });
}

absl::Status RunGrowthSuite(const BenchContext& context) {
  double before = 0;
  int64_t factor = 1;
  for (int step = 1; step < kGrowthSteps; ++step) factor *= kGrowthFactor;
  for (; factor > 0; factor /= kGrowthFactor) {
    const int64_t vertices = context.options.vertices / factor;
    RETURN_IF_ERROR(ImportGraph(context, vertices, context.options.edges / factor).status());
    {
      ASSIGN_OR_RETURN(const auto cluster,
                       StartCluster(context, "cluster", context.directory + "/data", {}));
      ASSIGN_OR_RETURN(const double micros, TimePointRead(context, cluster->client(), vertices));
      BenchRow row{
          "growth",    absl::StrCat("read by unique key, ", vertices, " vertices"), "us", {}, "", 0,
          std::nullopt};
      row.figure.Add(micros);
      if (before > 0) {
        row.limit_name = "a tenth of the data";
        row.limit = before;
        row.goal = Goal{kGrowthGoal, true};
      }
      context.report->Add(std::move(row));
      before = micros;
    }
    host::RemoveTree(context.directory + "/data");
  }
  return absl::OkStatus();
}

absl::Status RunRestartSuite(const BenchContext& context) {
  const auto entities = static_cast<double>(context.options.vertices + context.options.edges);
  ASSIGN_OR_RETURN(const double import_seconds,
                   ImportGraph(context, context.options.vertices, context.options.edges));
  BenchRow import{"restart", "import", "edges/s", {}, "", 0, std::nullopt};
  import.figure.Add(static_cast<double>(context.options.edges) / import_seconds);
  context.report->Add(std::move(import));
  BenchRow open{"restart",   "open after everything was killed", "entities/s", {}, "", 0,
                std::nullopt};
  BenchRow memory{"restart", "resident memory of the workers", "B/entity", {}, "", 0, std::nullopt};
  for (int64_t run = 0; run < context.options.runs; ++run) {
    const int64_t begin = context.clock->NowMicros();
    ASSIGN_OR_RETURN(const auto cluster,
                     StartCluster(context, "cluster", context.directory + "/data", {}));
    const int64_t micros = context.clock->NowMicros() - begin;
    open.figure.Add(entities / static_cast<double>(micros) * kMicrosPerSecond);
    sleep(1);  // until the next heartbeats have told what the workers hold
    ASSIGN_OR_RETURN(const api::StatusResponse status, cluster->client()->Status());
    double bytes = 0;
    for (const api::WorkerInfo& worker : status.workers()) {
      bytes += static_cast<double>(worker.resident_bytes());
    }
    memory.figure.Add(bytes / entities);
    RETURN_IF_ERROR(cluster->KillEverything());
  }
  context.report->Add(std::move(open));
  context.report->Add(std::move(memory));
  return absl::OkStatus();
}

}  // namespace tidemark::bench
