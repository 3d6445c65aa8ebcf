// SPDX-License-Identifier: Apache-2.0
// tidemark_sim: runs a simulated cluster under faults, one run per seed. docs/simulator.md.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/planted_bug.h"
#include "cli/command_line.h"
#include "cli/flags.h"
#include "cli/progress_line.h"
#include "env/posix_clock.h"
#include "sim/planted_bugs.h"
#include "sim/report.h"
#include "sim/scenario.h"
#include "sim/simulation.h"

namespace {

using tidemark::sim::PlantedBugCase;
using tidemark::sim::RunResult;
using tidemark::sim::Scenario;
using tidemark::sim::ScenarioWishes;
using tidemark::sim::Simulation;

constexpr char kSummary[] =
    "Runs a cluster on a simulated clock, network and disk under faults, one run for\n"
    "each seed, and names each seed that fails. Exit code 1 when one did.";

struct Flags {
  int64_t first_seed = 1;
  int64_t seeds = 100;
  int64_t seed = 0;
  bool json = false;
  bool stop_at_failure = false;
  std::string bug;
  bool without_bug = false;

  void AddTo(tidemark::cli::FlagSet* flags) {
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / 2;
    flags->AddInt("first-seed", &first_seed, 1, kMax, "the first seed");
    flags->AddInt("seeds", &seeds, 1, kMax, "how many seeds to run, one after the other");
    flags->AddInt("seed", &seed, 0, kMax, "run this seed alone and print its trace; 0 = no");
    flags->AddBool("json", &json, "print one JSON object at the end");
    flags->AddBool("stop-at-failure", &stop_at_failure, "end at the first seed that fails");
    flags->AddString("bug", &bug,
                     "switch on a planted bug, in the configuration that shows it; list = names");
    flags->AddBool("without-bug", &without_bug,
                   "with --bug: only its configuration, in which nothing may fail then; any build "
                   "has it");
  }
};
Flags g_flags;

// What a failed CHECK needs in order to name its seed.
uint64_t g_current_seed = 0;
tidemark::sim::Report* g_report = nullptr;

void PrintReport() {
  std::cout << (g_flags.json ? g_report->ToJson() : g_report->ToText()) << std::flush;
}

void OnFailedCheck() {
  std::cerr << "seed " << g_current_seed
            << " failed: an invariant is broken; run it again with --seed=" << g_current_seed
            << std::endl;
  g_report->AddCrash(g_current_seed);
  PrintReport();
  std::_Exit(1);
}

void RunSeed(uint64_t seed, const ScenarioWishes& wishes, std::ostream* trace) {
  g_current_seed = seed;
  const Scenario scenario = tidemark::sim::MakeScenario(seed, wishes);
  const RunResult result = Simulation(scenario, trace).Run();
  g_report->Add(seed, result);
  if (result.violations.empty()) return;
  std::cerr << scenario.ToString() << "\n";
  for (const std::string& violation : result.violations) {
    std::cerr << "seed " << seed << " failed: " << violation << "\n";
  }
  std::cerr << "run it again with --seed=" << seed << std::endl;
}

void RunSeeds(const ScenarioWishes& wishes) {
  tidemark::env::PosixClock clock;
  tidemark::cli::ProgressLine progress(&clock);
  for (int64_t i = 0; i < g_flags.seeds; ++i) {
    progress.Update({"simulating", "seeds", static_cast<uint64_t>(i),
                     static_cast<double>(i) / static_cast<double>(g_flags.seeds)});
    RunSeed(static_cast<uint64_t>(g_flags.first_seed + i), wishes, nullptr);
    if (g_flags.stop_at_failure && g_report->failure_count() != 0) break;
  }
}

int ListBugs() {
  for (const PlantedBugCase& bug : tidemark::sim::PlantedBugCases()) {
    std::cout << bug.name << ": " << bug.rule << "\n";
  }
  return 0;
}

// The configuration for --bug; nothing, and the reason on the standard error output, when it cannot
// be had.
std::optional<ScenarioWishes> WishesForBug() {
  if (g_flags.bug.empty()) return ScenarioWishes();
  const PlantedBugCase* bug = tidemark::sim::FindPlantedBug(g_flags.bug);
  if (bug == nullptr) {
    std::cerr << "there is no planted bug \"" << g_flags.bug << "\"; --bug=list names them\n";
    return std::nullopt;
  }
  if (g_flags.without_bug) return bug->wishes;
#ifdef TIDEMARK_PLANTED_BUGS
  tidemark::SetPlantedBug(bug->name);
  return bug->wishes;
#else
  std::cerr << "this build has no planted bugs; build with -DTIDEMARK_PLANTED_BUGS=ON\n";
  return std::nullopt;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  tidemark::cli::FlagSet flags("_sim", "[flags]", kSummary);
  g_flags.AddTo(&flags);
  const std::optional<int> end = tidemark::cli::ParseCommandLine(
      "_sim", std::vector<std::string>(argv + std::min(argc, 1), argv + argc), &flags);
  if (end.has_value()) return *end;
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  // The nodes' own log lines are part of one run's trace only.
  FLAGS_minloglevel = g_flags.seed != 0 ? 0 : 3;
  if (g_flags.bug == "list") return ListBugs();
  const std::optional<ScenarioWishes> wishes = WishesForBug();
  if (!wishes.has_value()) return 2;
  tidemark::sim::Report report;
  g_report = &report;
  google::InstallFailureFunction(reinterpret_cast<void (*)()>(&OnFailedCheck));
  if (g_flags.seed != 0) {
    RunSeed(static_cast<uint64_t>(g_flags.seed), *wishes, &std::cerr);
  } else {
    RunSeeds(*wishes);
  }
  PrintReport();
  return report.failure_count() == 0 ? 0 : 1;
}
