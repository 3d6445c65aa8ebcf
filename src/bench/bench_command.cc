// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "bench/bolt_command.h"
#include "bench/suites.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "env/posix_clock.h"
#include "env/posix_file_system.h"
#include "host/remove_tree.h"

namespace tidemark::bench {
namespace {

struct Suite {
  const char* name;
  absl::Status (*run)(const BenchContext& context);
};

constexpr Suite kSuites[] = {
    {"limits", RunLimitsSuite},     {"parse", RunParseSuite},   {"expand", RunExpandSuite},
    {"reads", RunReadsSuite},       {"insert", RunInsertSuite}, {"memory", RunMemorySuite},
    {"recovery", RunRecoverySuite}, {"commit", RunCommitSuite}, {"snapshot", RunSnapshotSuite},
    {"turns", RunTurnsSuite},       {"growth", RunGrowthSuite}, {"restart", RunRestartSuite},
    {"rows", RunRowsSuite},         {"hops", RunHopsSuite},
};

std::string AllSuites() {
  std::vector<std::string> names;
  for (const Suite& suite : kSuites) names.push_back(suite.name);
  return absl::StrJoin(names, ",");
}

absl::StatusOr<std::vector<const Suite*>> ChooseSuites(const std::string& wanted) {
  std::vector<const Suite*> chosen;
  for (const absl::string_view name : absl::StrSplit(wanted, ',')) {
    const auto* found = std::find_if(std::begin(kSuites), std::end(kSuites),
                                     [name](const Suite& suite) { return suite.name == name; });
    if (found == std::end(kSuites)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--suites: there is no suite \"", name, "\"; there are: ", AllSuites()));
    }
    chosen.push_back(found);
  }
  return chosen;
}

absl::Status RunOne(const Suite& suite, BenchContext context) {
  context.directory = context.options.data_dir + "/" + suite.name;
  RETURN_IF_ERROR(context.files->MakeDirectory(context.directory));
  const absl::Status status = suite.run(context);
  host::RemoveTree(context.directory);
  return status.ok() ? status : Annotate(status, absl::StrCat("suite ", suite.name));
}

std::string ToJson(const BenchOptions& options, const BenchReport& report) {
  cli::JsonWriter json;
  json.BeginObject();
  json.Key("vertices").Number(options.vertices);
  json.Key("edges").Number(options.edges);
  json.Key("workers").Number(options.workers);
  json.Key("clients").Number(options.clients);
  json.Key("cores").Number(static_cast<int64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
  json.Key("rows");
  report.WriteRows(&json);
  json.EndObject();
  return json.text();
}

}  // namespace

int RunBench(const std::vector<std::string>& args) {
  if (!args.empty() && args[0] == "bolt") return RunBoltBench({args.begin() + 1, args.end()});
  BenchOptions options;
  options.data_dir = absl::StrCat("tidemark-bench-", getpid());
  std::string suites = AllSuites();
  bool json = false;
  cli::FlagSet flags(
      "bench", "[flags]",
      "Measures this build on this machine: every figure beside the limit that it can at\n"
      "best reach, measured in the same run. docs/benchmarks.md tells what each row means.\n"
      "`tidemark bench bolt` measures any server that speaks Bolt.");
  flags.AddString("suites", &suites, "which, with commas between");
  flags.AddString("data-dir", &options.data_dir,
                  "folder for files while it runs, on the disk to be measured; must not exist");
  flags.AddInt("runs", &options.runs, 1, 100, "repetitions of which the median counts");
  flags.AddInt("vertices", &options.vertices, 1000, 100'000'000, "of the graph measured on");
  flags.AddInt("edges", &options.edges, 1000, 2'000'000'000, "of the graph measured on");
  flags.AddInt("workers", &options.workers, 1, 64, "of the clusters it starts");
  flags.AddInt("clients", &options.clients, 1, 1000, "that write at the same time");
  flags.AddInt("duration-ms", &options.duration_ms, 100, 600'000, "of a throughput measurement");
  flags.AddInt("grpc-port", &options.grpc_port, 1, 65'535, "client port of the clusters it starts");
  flags.AddBool("json", &json, "one JSON document on stdout instead of text");
  if (const std::optional<int> code = cli::ParseCommandLine("bench", args, &flags)) return *code;
  const auto chosen = ChooseSuites(suites);
  if (!chosen.ok()) return cli::ReportAndExitCode("bench", chosen.status());
  env::PosixFileSystem files;
  env::PosixClock clock;
  if (files.Exists(options.data_dir)) {
    return cli::ReportAndExitCode(
        "bench", absl::AlreadyExistsError(
                     absl::StrCat(options.data_dir, " is there already; name another")));
  }
  BenchReport report(!json);
  absl::Status status = files.MakeDirectory(options.data_dir);
  for (const Suite* suite : *chosen) {
    if (status.ok()) status = RunOne(*suite, {options, &files, &clock, "", &report});
  }
  host::RemoveTree(options.data_dir);
  if (!status.ok()) return cli::ReportAndExitCode("bench", status);
  if (json) std::printf("%s\n", ToJson(options, report).c_str());
  return kExitOk;
}

}  // namespace tidemark::bench
