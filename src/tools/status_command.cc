// SPDX-License-Identifier: Apache-2.0
#include "tools/status_command.h"

#include <cstdio>
#include <memory>
#include <optional>

#include "absl/strings/str_format.h"
#include "cli/client_flags.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/json.h"

namespace tidemark::tools {
namespace {

// A cluster that runs is reached sooner.
constexpr int64_t kConnectTimeoutMs = 1000;
// Figures that are older are shown with their age.
constexpr uint64_t kOldFiguresMs = 1000;

void WriteSteps(const api::StepInfo& steps, cli::JsonWriter* json) {
  json->Key("steps_over_1ms").Number(steps.over_1ms());
  json->Key("max_step_cpu_micros").Number(steps.max_cpu_micros());
  json->Key("steps_by_micros").BeginArray();
  for (const uint64_t count : steps.by_micros()) json->Number(count);
  json->EndArray();
}

void WriteWorker(const api::WorkerInfo& worker, cli::JsonWriter* json) {
  json->BeginObject();
  json->Key("id").Number(worker.id());
  json->Key("pid").Number(worker.pid());
  json->Key("address").String(worker.address());
  json->Key("state").String(worker.state());
  json->Key("reason").String(worker.reason());
  json->Key("figures_known").Boolean(worker.figures_known());
  json->Key("figures_age_ms").Number(worker.figures_age_ms());
  json->Key("vertices").Number(worker.vertices());
  json->Key("edges").Number(worker.edges());
  json->Key("wal_bytes").Number(worker.wal_bytes());
  json->Key("wal_syncs").Number(worker.wal_syncs());
  json->Key("resident_bytes").Number(worker.resident_bytes());
  json->Key("storage_bytes").Number(worker.storage_bytes());
  WriteSteps(worker.steps(), json);
  json->EndObject();
}

std::string StatusAsJson(const api::StatusResponse& status) {
  cli::JsonWriter json;
  json.BeginObject();
  json.Key("state").String(status.state());
  json.Key("detail").String(status.detail());
  json.Key("cluster_id").String(status.cluster_id());
  json.Key("build").String(status.build());
  json.Key("epoch").Number(status.epoch());
  json.Key("visible_csn").Number(status.visible_csn());
  json.Key("watermark").Number(status.watermark());
  json.Key("synchronous_commit").Boolean(status.synchronous_commit());
  json.Key("open_transactions").Number(status.open_transactions());
  json.Key("bolt_address").String(status.bolt_address());
  json.Key("bolt_login").Boolean(status.bolt_login());
  json.Key("undone").BeginObject();
  json.Key("count").Number(status.undone_count());
  json.Key("first_csn").Number(status.undone_first_csn());
  json.Key("last_csn").Number(status.undone_last_csn());
  json.EndObject();
  json.Key("snapshots").BeginArray();
  for (const api::SnapshotInfo& snapshot : status.snapshots()) {
    json.BeginObject();
    json.Key("epoch").Number(snapshot.epoch());
    json.Key("csn").Number(snapshot.csn());
    json.Key("bytes").Number(snapshot.bytes());
    json.EndObject();
  }
  json.EndArray();
  json.Key("master").BeginObject();
  json.Key("pid").Number(status.master().pid());
  json.Key("address").String(status.master().address());
  WriteSteps(status.master().steps(), &json);
  json.Key("log_syncs").Number(status.master().log_syncs());
  json.Key("messages").BeginArray();
  for (const api::MessageCount& count : status.master().messages()) {
    json.BeginObject();
    json.Key("kind").String(count.kind());
    json.Key("sent").Number(count.sent());
    json.Key("received").Number(count.received());
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.Key("workers").BeginArray();
  for (const api::WorkerInfo& worker : status.workers()) WriteWorker(worker, &json);
  json.EndArray();
  json.EndObject();
  return json.text();
}

// Whoever reads figures must not take old ones, or none, for the state of the graph.
void AppendAge(const api::WorkerInfo& worker, std::string* text) {
  if (worker.figures_known()) {
    absl::StrAppendFormat(text, "          its figures are %.1f s old\n",
                          static_cast<double>(worker.figures_age_ms()) / 1000);
  } else {
    absl::StrAppend(text, "          it has told no figures yet\n");
  }
}

std::string StatusAsText(const api::StatusResponse& status) {
  std::string text =
      absl::StrFormat("%s%s%s\ncluster   %s, epoch %d\nvisible   csn %d\nwatermark csn %d%s\n",
                      status.state(), status.detail().empty() ? "" : ": ", status.detail(),
                      status.cluster_id(), status.epoch(), status.visible_csn(), status.watermark(),
                      status.synchronous_commit() ? " (synchronous commit)" : "");
  if (status.bolt_address().empty()) {
    absl::StrAppend(&text, "bolt      off\n");
  } else {
    absl::StrAppend(&text, "bolt      ", status.bolt_address(),
                    status.bolt_login() ? "" : ", nobody has to log in", "\n");
  }
  if (status.undone_count() > 0) {
    absl::StrAppendFormat(&text, "undone    %d commits by the last recovery, csn %d to %d\n",
                          status.undone_count(), status.undone_first_csn(),
                          status.undone_last_csn());
  }
  for (const api::SnapshotInfo& snapshot : status.snapshots()) {
    absl::StrAppendFormat(&text, "snapshot  csn %d, %d bytes\n", snapshot.csn(), snapshot.bytes());
  }
  absl::StrAppendFormat(&text, "master    pid %d, %s\n", status.master().pid(),
                        status.master().address());
  uint64_t vertices = 0;
  uint64_t edges = 0;
  for (const api::WorkerInfo& worker : status.workers()) {
    vertices += worker.vertices();
    edges += worker.edges();
    absl::StrAppendFormat(&text,
                          "worker %-2d pid %-8d %-18s %12d vertices %12d edges %8.1f MiB resident "
                          "%8.1f MiB WAL\n",
                          worker.id(), worker.pid(), worker.state(), worker.vertices(),
                          worker.edges(), static_cast<double>(worker.resident_bytes()) / (1 << 20),
                          static_cast<double>(worker.wal_bytes()) / (1 << 20));
    if (!worker.reason().empty()) absl::StrAppend(&text, "          ", worker.reason(), "\n");
    if (!worker.figures_known() || worker.figures_age_ms() >= kOldFiguresMs) {
      AppendAge(worker, &text);
    }
  }
  absl::StrAppendFormat(&text, "total     %d vertices, %d edges\n", vertices, edges);
  return text;
}

}  // namespace

int RunStatus(const std::vector<std::string>& args) {
  client::ClientOptions options;
  options.connect_timeout_ms = kConnectTimeoutMs;
  bool as_json = false;
  cli::FlagSet flags(
      "status", "[--address=HOST:PORT] [--json]",
      "Shows the state of a running cluster: epoch, visible commit, watermark, snapshots\n"
      "and workers. The exit code is 0 when the cluster is open. With --json also how long\n"
      "the steps of each node's event loop took: steps_over_1ms counts those that needed more\n"
      "than 1 ms of processor time, entry i of steps_by_micros those of less than 2^i us of\n"
      "wall time; the fdatasync calls of each log; and the messages between master and\n"
      "workers by their kind. Figures of workers are as of\n"
      "the request; figures_age_ms says how old those of one that did not answer are.");
  cli::AddClientFlags(&flags, &options);
  flags.AddBool("json", &as_json, "one JSON document instead of text");
  if (const std::optional<int> code = cli::ParseCommandLine("status", args, &flags)) return *code;
  const absl::StatusOr<std::unique_ptr<client::Client>> client = client::Client::Create(options);
  if (!client.ok()) return cli::ReportAndExitCode("status", client.status());
  const absl::StatusOr<api::StatusResponse> status = (*client)->Status();
  if (!status.ok()) return cli::ReportAndExitCode("status", status.status());
  const std::string text = as_json ? StatusAsJson(*status) + "\n" : StatusAsText(*status);
  std::fputs(text.c_str(), stdout);
  return status->state() == "open" ? kExitOk : kExitUnavailable;
}

}  // namespace tidemark::tools
