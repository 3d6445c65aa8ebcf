// SPDX-License-Identifier: Apache-2.0
#include "tools/trace_command.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/ids.h"
#include "base/status.h"
#include "cli/client_flags.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "env/posix_clock.h"

namespace tidemark::tools {
namespace {

// Transactions before those that count: connections and caches are warm then.
constexpr int64_t kWarmUpCount = 5;

struct TraceOptions {
  int64_t participants = 1;
  int64_t count = 100;
};

// One transaction: what the client waited for, in steps that add up to it.
struct Traced {
  uint64_t total_micros = 0;
  std::vector<api::TraceStep> steps;
};

std::string_view KindName(api::TraceKind kind) {
  switch (kind) {
    case api::WORK:
      return "work";
    case api::HOP:
      return "hop";
    case api::SYNC:
      return "sync";
    case api::WAIT:
      return "wait";
    default:
      return "other";
  }
}

// Empty vertices on as many workers as are wanted: each batch goes to the next worker, or to a
// later one when others write too.
absl::StatusOr<api::Run> DeletionOnWorkers(client::ClientSession* session, int64_t participants,
                                           uint32_t worker_count) {
  api::Run create;
  create.add_operations()->mutable_create_vertex();
  api::Run deletion;
  NodeSet workers;
  while (workers.size() < participants) {
    ASSIGN_OR_RETURN(const api::RunResult created, session->Run(create));
    const VertexId vertex(created.results(0).vertex());
    workers.Add(OwnerOfSlot(vertex.slot(), worker_count));
    deletion.add_operations()->mutable_delete_vertex()->mutable_vertex()->set_id(vertex.value());
  }
  return deletion;
}

// Runs a transaction of one request and asks where its time went.
absl::StatusOr<Traced> TraceOne(client::ClientSession* session, env::Clock* clock,
                                const api::Run& run) {
  session->SetTracing(true);
  const int64_t begin = clock->NowMicros();
  RETURN_IF_ERROR(session->Run(run).status());
  const int64_t end = clock->NowMicros();
  session->SetTracing(false);
  Traced traced;
  traced.total_micros = static_cast<uint64_t>(end - begin);
  if (session->trace().steps().empty()) {
    return absl::FailedPreconditionError("the cluster does not trace; it runs an older build");
  }
  uint64_t at_server = 0;
  for (const api::TraceStep& step : session->trace().steps()) at_server += step.micros();
  api::TraceStep hop;
  hop.set_kind(api::HOP);
  hop.set_what("client to master, answer back");
  hop.set_micros(traced.total_micros - std::min(traced.total_micros, at_server));
  traced.steps.push_back(hop);
  traced.steps.insert(traced.steps.end(), session->trace().steps().begin(),
                      session->trace().steps().end());
  return traced;
}

absl::StatusOr<std::vector<Traced>> TraceMany(client::Client* client, const TraceOptions& options,
                                              const api::StatusResponse& status) {
  const auto worker_count = static_cast<uint32_t>(status.workers_size());
  if (options.participants > worker_count) {
    return absl::InvalidArgumentError(
        absl::StrCat("--participants: the cluster has only ", worker_count, " workers"));
  }
  env::PosixClock clock;
  const auto session = client->OpenSession();
  std::vector<Traced> all;
  for (int64_t i = -kWarmUpCount; i < options.count; ++i) {
    ASSIGN_OR_RETURN(const api::Run run,
                     DeletionOnWorkers(session.get(), options.participants, worker_count));
    ASSIGN_OR_RETURN(Traced traced, TraceOne(session.get(), &clock, run));
    if (i >= 0) all.push_back(std::move(traced));
  }
  std::sort(all.begin(), all.end(),
            [](const Traced& a, const Traced& b) { return a.total_micros < b.total_micros; });
  return all;
}

// The median of a step over all transactions; which worker it was makes no difference.
uint64_t MedianOf(const std::vector<Traced>& all, const std::string& what, bool at_master) {
  std::vector<uint64_t> micros;
  for (const Traced& traced : all) {
    for (const api::TraceStep& step : traced.steps) {
      if (step.what() == what && (step.node() == 0) == at_master) micros.push_back(step.micros());
    }
  }
  std::sort(micros.begin(), micros.end());
  return micros[(micros.size() - 1) / 2];
}

std::map<std::string_view, uint64_t> SumByKind(const Traced& traced) {
  std::map<std::string_view, uint64_t> sums;
  for (const api::TraceStep& step : traced.steps) sums[KindName(step.kind())] += step.micros();
  return sums;
}

std::string TraceAsJson(const std::vector<Traced>& all, const TraceOptions& options,
                        bool synchronous) {
  const Traced& median = all[(all.size() - 1) / 2];
  cli::JsonWriter json;
  json.BeginObject();
  json.Key("synchronous_commit").Boolean(synchronous);
  json.Key("participants").Number(options.participants);
  json.Key("count").Number(options.count);
  json.Key("total_micros").Number(median.total_micros);
  json.Key("steps").BeginArray();
  for (const api::TraceStep& step : median.steps) {
    json.BeginObject();
    json.Key("node").Number(step.node());
    json.Key("kind").String(KindName(step.kind()));
    json.Key("what").String(step.what());
    json.Key("micros").Number(step.micros());
    json.Key("median_micros").Number(MedianOf(all, step.what(), step.node() == 0));
    json.EndObject();
  }
  json.EndArray();
  json.Key("micros_by_kind").BeginObject();
  for (const auto& [kind, micros] : SumByKind(median)) json.Key(kind).Number(micros);
  json.EndObject();
  json.EndObject();
  return json.text() + "\n";
}

std::string TraceAsText(const std::vector<Traced>& all, const TraceOptions& options,
                        bool synchronous) {
  const Traced& median = all[(all.size() - 1) / 2];
  const auto share = [&median](uint64_t micros) {
    return 100.0 * static_cast<double>(micros) / static_cast<double>(median.total_micros);
  };
  std::string text = absl::StrFormat(
      "The median of %d %s commits on %d of the workers, step by step; beside each step its\n"
      "median in all of them.\n\n%-9s %-4s  %-40s %8s %6s %8s\n",
      options.count, synchronous ? "synchronous" : "asynchronous", options.participants, "node",
      "kind", "step", "us", "share", "median");
  for (const api::TraceStep& step : median.steps) {
    const std::string node = step.node() == 0 ? "master" : absl::StrCat("worker ", step.node());
    absl::StrAppendFormat(&text, "%-9s %-4s  %-40s %8d %5.1f%% %8d\n", node, KindName(step.kind()),
                          step.what(), step.micros(), share(step.micros()),
                          MedianOf(all, step.what(), step.node() == 0));
  }
  absl::StrAppendFormat(&text, "%-9s %-4s  %-40s %8d %5.1f%% %8d\n\n", "", "",
                        "all that the client waited", median.total_micros, 100.0,
                        median.total_micros);
  for (const auto& [kind, micros] : SumByKind(median)) {
    absl::StrAppendFormat(&text, "%-4s %8d us %5.1f%%\n", kind, micros, share(micros));
  }
  return text;
}

}  // namespace

int RunTrace(const std::vector<std::string>& args) {
  client::ClientOptions client_options;
  TraceOptions options;
  bool as_json = false;
  cli::FlagSet flags(
      "trace", "[--address=HOST:PORT] [--participants=N] [--count=N] [--json]",
      "Shows where the time of one commit goes on a running cluster, step by step: hops\n"
      "(messages there and back, with the threads that they wake), syncs (fdatasync), work\n"
      "(the event loops), waits (for a thread, for a flush under way). It writes: each\n"
      "transaction removes one empty vertex, made just before, per participating worker;\n"
      "nothing stays.");
  cli::AddClientFlags(&flags, &client_options);
  flags.AddInt("participants", &options.participants, 1, kMaxWorkerCount,
               "workers that each transaction writes on");
  flags.AddInt("count", &options.count, 1, 100'000, "transactions of which the median is shown");
  flags.AddBool("json", &as_json, "one JSON document instead of text");
  if (const std::optional<int> code = cli::ParseCommandLine("trace", args, &flags)) return *code;
  const auto client = client::Client::Create(client_options);
  if (!client.ok()) return cli::ReportAndExitCode("trace", client.status());
  const absl::StatusOr<api::StatusResponse> status = (*client)->Status();
  if (!status.ok()) return cli::ReportAndExitCode("trace", status.status());
  const auto all = TraceMany(client->get(), options, *status);
  if (!all.ok()) return cli::ReportAndExitCode("trace", all.status());
  const bool synchronous = status->synchronous_commit();
  const std::string text =
      as_json ? TraceAsJson(*all, options, synchronous) : TraceAsText(*all, options, synchronous);
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

}  // namespace tidemark::tools
