// SPDX-License-Identifier: Apache-2.0
// Point reads of one client while another commits a million edges in one transaction.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "bench/bench_cluster.h"
#include "bench/suites.h"
#include "cli/seeded_random.h"

namespace tidemark::bench {
namespace {

constexpr uint64_t kEndCount = 40'000;  // vertices that the edges connect
constexpr uint64_t kVerticesPerRequest = 20'000;
constexpr int64_t kEdgesPerRequest = 100'000;
constexpr int64_t kLargeCommitEdges = 1'000'000;
constexpr useconds_t kTailMicros = 200'000;  // what workers do when the commit is answered
constexpr double kWorstReadGoalMicros = 10'000;

struct Place {
  std::string kind;
  int64_t workers = 1;

  std::string name() const { return kind == "server" ? kind : absl::StrCat(kind, " of ", workers); }
};

absl::StatusOr<std::vector<uint64_t>> CreateEnds(client::ClientSession* session) {
  std::vector<uint64_t> ids;
  while (ids.size() < kEndCount) {
    api::Run run;
    for (uint64_t i = 0; i < kVerticesPerRequest; ++i) AddCreate(ids.size() + i, &run);
    ASSIGN_OR_RETURN(const api::RunResult result, session->Run(run));
    for (const api::OperationResult& created : result.results()) ids.push_back(created.vertex());
  }
  return ids;
}

absl::Status WriteEdges(client::ClientSession* session, const std::vector<uint64_t>& ends,
                        int64_t count, uint64_t seed) {
  cli::SeededRandom random(seed);
  while (count > 0) {
    api::Run run;
    for (int64_t i = std::min(count, kEdgesPerRequest); i > 0; --i) {
      api::CreateEdge* edge = run.add_operations()->mutable_create_edge();
      edge->mutable_source()->set_id(ends[random.Below(ends.size())]);
      edge->mutable_target()->set_id(ends[random.Below(ends.size())]);
      edge->set_type("NEXT");
    }
    RETURN_IF_ERROR(session->Run(run).status());
    count -= kEdgesPerRequest;
  }
  return absl::OkStatus();
}

// One client that reads a vertex again and again, from its making to Stop().
class Reader {
 public:
  Reader(const BenchContext& context, client::Client* client, uint64_t vertex)
      : clock_(context.clock), session_(client->OpenSession()) {
    read_.add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(vertex);
    thread_ = std::thread([this] { Run(); });
  }
  ~Reader() {
    if (thread_.joinable()) Stop().IgnoreError();
  }
  // Microseconds of each read.
  absl::StatusOr<Samples> Stop() {
    stop_ = true;
    thread_.join();
    RETURN_IF_ERROR(outcome_);
    return micros_;
  }

 private:
  void Run() {
    while (!stop_ && outcome_.ok()) {
      const int64_t begin = clock_->NowMicros();
      outcome_ = session_->Run(read_).status();
      micros_.Add(static_cast<double>(clock_->NowMicros() - begin));
    }
  }

  env::Clock* const clock_;
  const std::unique_ptr<client::ClientSession> session_;
  api::Run read_;
  std::atomic<bool> stop_{false};
  absl::Status outcome_;
  Samples micros_;
  std::thread thread_;
};

// What the reader saw, run by run.
struct ReadTimes {
  Samples p50;
  Samples p99;
  Samples worst;

  void Add(const Samples& micros) {
    p50.Add(micros.Quantile(0.5));
    p99.Add(micros.Quantile(0.99));
    worst.Add(micros.Quantile(1));
  }
};

struct LargeCommitTimes {
  ReadTimes beside;
  ReadTimes alone;
  Samples commit_micros;
};

// The transaction is as open in the quiet time as it is in the commit.
absl::Status MeasureOnce(const BenchContext& context, client::Client* client,
                         const std::vector<uint64_t>& ends, LargeCommitTimes* times) {
  const auto writer = client->OpenSession();
  RETURN_IF_ERROR(writer->Begin().status());
  const int64_t count = std::min(kLargeCommitEdges, context.options.edges);
  RETURN_IF_ERROR(WriteEdges(writer.get(), ends, count, times->commit_micros.values.size()));
  {
    Reader reader(context, client, ends[0]);
    usleep(static_cast<useconds_t>(context.options.duration_ms * kMicrosPerMs));
    ASSIGN_OR_RETURN(const Samples micros, reader.Stop());
    times->alone.Add(micros);
  }
  Reader reader(context, client, ends[0]);
  const int64_t begin = context.clock->NowMicros();
  RETURN_IF_ERROR(writer->Commit().status());
  times->commit_micros.Add(static_cast<double>(context.clock->NowMicros() - begin));
  usleep(kTailMicros);
  ASSIGN_OR_RETURN(const Samples micros, reader.Stop());
  times->beside.Add(micros);
  return absl::OkStatus();
}

absl::Status MeasurePlace(BenchContext context, const Place& place) {
  context.options.workers = place.workers;
  ASSIGN_OR_RETURN(
      const auto cluster,
      StartCluster(context, place.kind,
                   absl::StrCat(context.directory, "/", place.kind, place.workers), {}));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> ends,
                   CreateEnds(cluster->client()->OpenSession().get()));
  LargeCommitTimes times;
  for (int64_t run = 0; run < context.options.runs; ++run) {
    RETURN_IF_ERROR(MeasureOnce(context, cluster->client(), ends, &times));
  }
  const std::string what = place.name() + ": read beside a large commit";
  const auto add = [&](const std::string& name, const Samples& figure,
                       const std::string& limit_name, double limit, std::optional<Goal> goal) {
    context.report->Add({"turns", name, "us", figure, limit_name, limit, goal});
  };
  add(place.name() + ": commit of 1 million edges", times.commit_micros, "", 0, {});
  add(what + ", p50", times.beside.p50, "no commit", times.alone.p50.Median(), {});
  add(what + ", p99", times.beside.p99, "no commit", times.alone.p99.Median(), {});
  add(what + ", worst", times.beside.worst, "no commit", times.alone.worst.Median(), {});
  Samples worst;
  worst.Add(times.beside.worst.Quantile(1));
  add(what + ", worst of all runs", worst, "goal", kWorstReadGoalMicros, Goal{1, true});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunTurnsSuite(const BenchContext& context) {
  for (const Place& place : {Place{"server", 1}, Place{"cluster", 1}, Place{"cluster", 3}}) {
    RETURN_IF_ERROR(MeasurePlace(context, place));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::bench
