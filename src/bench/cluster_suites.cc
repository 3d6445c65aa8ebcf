// SPDX-License-Identifier: Apache-2.0
// The suites that measure real processes through the client API.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "bench/bench_cluster.h"
#include "bench/commit_counts.h"
#include "bench/probes.h"
#include "bench/suites.h"

namespace tidemark::bench {
namespace {

constexpr int kOneClientCount = 1000;
constexpr uint32_t kDegree = 10;
constexpr double kSyncCommitGoal = 1.5;
constexpr double kSyncThroughputGoal = 0.7;
constexpr double kSyncsPerCommitGoal = 0.1;

// What this machine needs at least for the parts of a commit, in microseconds.
struct Limits {
  double sync = 0;
  double hop = 0;
};

absl::StatusOr<Limits> MeasureLimits(const BenchContext& context) {
  ASSIGN_OR_RETURN(const Samples sync,
                   MeasureSync(context.files, context.clock, context.directory, true));
  ASSIGN_OR_RETURN(const Samples hop, MeasureHop(context.clock, "127.0.0.1:0"));
  return Limits{sync.Median(), hop.Median()};
}

// A vertex with some neighbours; its id.
absl::StatusOr<uint64_t> CreateStar(client::Client* client) {
  api::Run run;
  for (uint64_t i = 0; i <= kDegree; ++i) AddCreate(i, &run);
  for (uint32_t i = 1; i <= kDegree; ++i) {
    api::CreateEdge* edge = run.add_operations()->mutable_create_edge();
    edge->mutable_source()->set_created_by(0);
    edge->mutable_target()->set_created_by(i);
    edge->set_type("NEXT");
  }
  ASSIGN_OR_RETURN(const api::RunResult result, client->OpenSession()->Run(run));
  return result.results(0).vertex();
}

api::Run Get(uint64_t id) {
  api::Run run;
  run.add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(id);
  return run;
}

api::Run Expand(uint64_t id) {
  api::Run run;
  run.add_operations()->mutable_expand()->mutable_vertex()->set_id(id);
  return run;
}

absl::StatusOr<Samples> TimeRun(const BenchContext& context, client::Client* client,
                                const api::Run& run) {
  return TimeOneClient(
      context, client, kOneClientCount,
      [&run](client::ClientSession* session, uint64_t) { return session->Run(run).status(); });
}

// One figure: the median of many times, as the only sample, with the 99th percentile beside it.
void AddLatency(const BenchContext& context, BenchRow row, const Samples& micros) {
  row.unit = "us";
  row.figure.Add(micros.Median());
  context.report->Add(row);
  BenchRow tail{row.suite, row.name + ", p99", "us", {}, "", 0, std::nullopt};
  tail.figure.Add(micros.Quantile(0.99));
  context.report->Add(std::move(tail));
}

// Transactions per second of many clients that create vertices.
absl::StatusOr<Samples> Throughput(const BenchContext& context, client::Client* client) {
  Samples rates;
  for (int64_t run = 0; run < context.options.runs; ++run) {
    ASSIGN_OR_RETURN(const Samples micros, RunClients(context, client, context.options.clients,
                                                      context.options.duration_ms, CreateOne));
    rates.Add(static_cast<double>(micros.values.size()) /
              static_cast<double>(context.options.duration_ms) * kMicrosPerMs);
  }
  return rates;
}

// The rate of many clients that wait for their commits to be durable, and what they share.
absl::Status MeasureSynchronousClients(const BenchContext& context, const std::string& kind,
                                       client::Client* client, double asynchronous_rate) {
  const std::string clients = absl::StrCat(kind, ": ", context.options.clients);
  ASSIGN_OR_RETURN(const CommitCounts before, ReadCommitCounts(client));
  ASSIGN_OR_RETURN(const Samples rates, Throughput(context, client));
  ASSIGN_OR_RETURN(const CommitCounts after, ReadCommitCounts(client));
  context.report->Add({"commit", clients + " synchronous clients", "commits/s", rates,
                       "asynchronous", asynchronous_rate, Goal{kSyncThroughputGoal, false}});
  Samples syncs;
  syncs.Add(static_cast<double>(after.syncs - before.syncs) /
            static_cast<double>(after.commits - before.commits));
  context.report->Add({"commit", clients + " synchronous clients, fdatasync", "per commit", syncs,
                       "goal", kSyncsPerCommitGoal, Goal{1, true}});
  return absl::OkStatus();
}

// Messages between processes that a request needs at least: to the master, to the worker for the
// operation and again for the commit, each with its answer.
struct HopCounts {
  int read = 0;
  int write = 0;
};

absl::Status MeasureKind(const BenchContext& context, const std::string& kind, HopCounts hops) {
  ASSIGN_OR_RETURN(const Limits limits, MeasureLimits(context));
  const std::string read_limit = absl::StrCat(hops.read, " hops");
  const std::string write_limit = absl::StrCat(hops.write, " hops");
  const double read_micros = hops.read * limits.hop;
  const double write_micros = hops.write * limits.hop;
  Samples asynchronous;
  {
    ASSIGN_OR_RETURN(const auto cluster,
                     StartCluster(context, kind, context.directory + "/" + kind, {}));
    ASSIGN_OR_RETURN(const uint64_t id, CreateStar(cluster->client()));
    ASSIGN_OR_RETURN(Samples micros, TimeRun(context, cluster->client(), Get(id)));
    AddLatency(context, {"commit", kind + ": read a vertex", "", {}, read_limit, read_micros, {}},
               micros);
    ASSIGN_OR_RETURN(micros, TimeRun(context, cluster->client(), Expand(id)));
    AddLatency(context,
               {"commit", kind + ": expand one vertex", "", {}, read_limit, read_micros, {}},
               micros);
    ASSIGN_OR_RETURN(micros, TimeOneClient(context, cluster->client(), kOneClientCount, CreateOne));
    AddLatency(context,
               {"commit", kind + ": asynchronous commit", "", {}, write_limit, write_micros, {}},
               micros);
    ASSIGN_OR_RETURN(asynchronous, Throughput(context, cluster->client()));
    context.report->Add({"commit",
                         absl::StrCat(kind, ": ", context.options.clients, " asynchronous clients"),
                         "commits/s",
                         asynchronous,
                         "",
                         0,
                         {}});
  }
  ASSIGN_OR_RETURN(const auto cluster, StartCluster(context, kind, context.directory + "/" + kind,
                                                    {"--synchronous-commit"}));
  ASSIGN_OR_RETURN(const Samples micros,
                   TimeOneClient(context, cluster->client(), kOneClientCount, CreateOne));
  AddLatency(context,
             {"commit",
              kind + ": synchronous commit",
              "",
              {},
              absl::StrCat("2 fdatasync and ", write_limit),
              2 * limits.sync + write_micros,
              Goal{kSyncCommitGoal, true}},
             micros);
  RETURN_IF_ERROR(AddMessageRows(context, kind, cluster->client()));
  return MeasureSynchronousClients(context, kind, cluster->client(), asynchronous.Median());
}

}  // namespace

absl::Status RunCommitSuite(const BenchContext& context) {
  RETURN_IF_ERROR(MeasureKind(context, "cluster", {4, 6}));
  return MeasureKind(context, "server", {2, 2});
}

}  // namespace tidemark::bench
