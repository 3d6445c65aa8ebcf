// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/verify_command.h"

#include <cstdio>
#include <optional>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "durability/inspect.h"
#include "env/posix_file_system.h"
#include "tools/verify/verifier.h"

namespace tidemark::tools {
namespace {

void WriteJson(const std::string& path, const VerifyReport& report, cli::JsonWriter* json) {
  json->BeginObject();
  json->Key("path").String(path);
  json->Key("clean").Boolean(report.errors.empty());
  json->Key("cluster_id").String(report.cluster_id);
  json->Key("epoch").Number(report.epoch);
  json->Key("watermark").Number(report.watermark);
  json->Key("workers").Number(report.worker_count);
  if (report.has_graph) {
    json->Key("vertices").Number(report.vertices);
    json->Key("edges").Number(report.edges);
    json->Key("graph_digest").String(report.graph_digest);
  }
  json->Key("errors").BeginArray();
  for (const std::string& error : report.errors) json->String(error);
  json->EndArray();
  json->Key("remarks").BeginArray();
  for (const std::string& remark : report.remarks) json->String(remark);
  json->EndArray();
  json->EndObject();
}

void PrintText(const std::string& path, const VerifyReport& report) {
  std::printf("%s: %s\n", path.c_str(), report.errors.empty() ? "clean" : "DAMAGED");
  for (const std::string& error : report.errors) std::printf("  error: %s\n", error.c_str());
  for (const std::string& remark : report.remarks) std::printf("  note: %s\n", remark.c_str());
  std::printf("  cluster %s, epoch %llu, watermark csn %llu\n", report.cluster_id.c_str(),
              static_cast<unsigned long long>(report.epoch),
              static_cast<unsigned long long>(report.watermark));
  if (report.has_graph) {
    std::printf("  graph: %llu vertices, %llu edges, digest %s\n",
                static_cast<unsigned long long>(report.vertices),
                static_cast<unsigned long long>(report.edges), report.graph_digest.c_str());
  }
}

absl::Status InspectOne(env::FileSystem* files, const std::string& kind, const std::string& path,
                        bool mutations) {
  const auto print = [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
  };
  durability::InspectOptions options;
  options.mutations = mutations;
  if (kind == "wal") return durability::InspectWalSegment(files, path, options, print);
  if (kind == "snapshot") return durability::InspectSnapshot(files, path, options, print);
  if (kind == "master-log") return durability::InspectMasterLog(files, path, print);
  if (kind == "identity") return durability::InspectIdentity(files, path, print);
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no kind \"", kind, "\" of file; there are wal, snapshot, master-log, identity"));
}

}  // namespace

int RunVerify(const std::vector<std::string>& args) {
  bool as_json = false;
  std::vector<std::string> paths;
  cli::FlagSet flags(
      "verify", "DIR... [--json]",
      "Checks data directories of stopped clusters: every checksum, one cluster id, one\n"
      "watermark, and that every edge is there at both ends. Prints the graph's digest,\n"
      "which is equal for equal graphs, whatever their ids and number of workers.\n"
      "Changes nothing. The exit code is 0 when everything is clean, 5 when it is not.");
  flags.AddBool("json", &as_json, "one JSON document instead of text");
  flags.AllowPositional(&paths);
  if (const std::optional<int> code = cli::ParseCommandLine("verify", args, &flags)) return *code;
  if (paths.empty()) {
    return cli::ReportAndExitCode("verify", absl::InvalidArgumentError("name a data directory"));
  }
  env::PosixFileSystem files;
  cli::JsonWriter json;
  if (paths.size() > 1) json.BeginArray();
  int code = kExitOk;
  for (const std::string& path : paths) {
    const absl::StatusOr<VerifyReport> report = VerifyPath(&files, path);
    if (!report.ok()) {
      code = cli::ReportAndExitCode("verify", report.status());
      continue;
    }
    if (!report->errors.empty()) code = kExitDamaged;
    if (as_json) {
      WriteJson(path, *report, &json);
    } else {
      PrintText(path, *report);
    }
  }
  if (paths.size() > 1) json.EndArray();
  if (as_json && !json.is_empty()) std::printf("%s\n", json.text().c_str());
  return code;
}

int RunInspect(const std::vector<std::string>& args) {
  bool mutations = false;
  std::vector<std::string> words;
  cli::FlagSet flags(
      "inspect", "wal|snapshot|master-log|identity FILE [--mutations]",
      "Prints the records of a file of a data directory, a line each. Damage is a line\n"
      "and exit code 5; what lies behind it is printed too.");
  flags.AddBool("mutations", &mutations, "also a line for each change in a record");
  flags.AllowPositional(&words);
  if (const std::optional<int> code = cli::ParseCommandLine("inspect", args, &flags)) return *code;
  if (words.size() != 2) {
    return cli::ReportAndExitCode(
        "inspect", absl::InvalidArgumentError("name a kind (wal, snapshot, master-log, identity) "
                                              "and one file"));
  }
  env::PosixFileSystem files;
  return cli::ReportAndExitCode("inspect", InspectOne(&files, words[0], words[1], mutations));
}

}  // namespace tidemark::tools
