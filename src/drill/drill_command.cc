// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_command.h"

#include <unistd.h>

#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "drill/drill.h"
#include "drill/drill_options.h"
#include "drill/drill_report.h"
#include "env/posix_file_system.h"
#include "host/stop_signal.h"

namespace tidemark::drill {
namespace {

void AddDrillFlags(cli::FlagSet* flags, DrillOptions* options) {
  flags->AddInt("rounds", &options->rounds, 0, 1'000'000,
                "how many rounds; 0 = until --duration-sec is over");
  flags->AddInt("duration-sec", &options->duration_sec, 0, 86'400 * 30,
                "no round begins after this time; 0 = no limit");
  flags->AddString(
      "faults", &options->faults,
      "what happens in the rounds, some of " + DrillFaultNames(", ") + "; power needs root");
  flags->AddInt("seed", &options->seed, 0, INT64_MAX,
                "of the choice of faults, nodes, moments and transactions");
  flags->AddInt("workers", &options->workers, 1, 64, "number of workers");
  flags->AddInt("clients", &options->clients, 1, 256, "number of clients that write and read");
  flags->AddBool("synchronous-commit", &options->synchronous_commit,
                 "drills a cluster with synchronous commit");
  flags->AddChoice("recovery-point", &options->recovery_point, {"watermark", "longest"},
                   "that of the cluster");
  flags->AddString("data-dir", &options->data_dir, "folder for the drill; must not exist");
  flags->AddBool("json", &options->json, "one JSON document on stdout, the lines on stderr");
}

}  // namespace

int RunDrill(const std::vector<std::string>& args) {
  DrillOptions options;
  options.data_dir = absl::StrCat("tidemark-drill-", getpid());
  cli::FlagSet flags(
      "drill", "[flags]",
      "Starts a cluster of its own, lets clients write, kills, stops or cuts the power of\n"
      "its processes at random moments, and checks after each recovery what was promised.");
  AddDrillFlags(&flags, &options);
  if (const std::optional<int> code = cli::ParseCommandLine("drill", args, &flags)) return *code;
  const absl::StatusOr<std::vector<DrillFault>> faults = ParseDrillFaults(options.faults);
  if (!faults.ok()) return cli::ReportAndExitCode("drill", faults.status());
  if (options.rounds == 0 && options.duration_sec == 0) {
    return cli::ReportAndExitCode(
        "drill", absl::InvalidArgumentError("--rounds=0 needs --duration-sec: when is it to end?"));
  }
  env::PosixFileSystem files;
  if (files.Exists(options.data_dir)) {
    return cli::ReportAndExitCode(
        "drill", absl::AlreadyExistsError(
                     absl::StrCat(options.data_dir, " is there already; name another")));
  }
  host::StopSignal signal;
  DrillReport report(options);
  absl::Status status;
  double seconds = 0;
  {
    Drill drill(options, *faults, &report, &signal);
    status = drill.Run();
    seconds = drill.seconds();
  }
  if (!status.ok()) return cli::ReportAndExitCode("drill", status);
  if (options.json) {
    std::fputs(report.Json(seconds).c_str(), stdout);
  } else {
    std::fputs(report.Table().c_str(), stdout);
  }
  return report.violation_count() == 0 ? kExitOk : kExitFoundProblems;
}

}  // namespace tidemark::drill
