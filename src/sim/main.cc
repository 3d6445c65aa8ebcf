// SPDX-License-Identifier: Apache-2.0
// tidemark_sim: runs a simulated cluster under faults, one run per seed. docs/simulator.md.
#include <gflags/gflags.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/planted_bug.h"
#include "sim/planted_bugs.h"
#include "sim/report.h"
#include "sim/scenario.h"
#include "sim/simulation.h"

DEFINE_uint64(first_seed, 1, "the first seed");
DEFINE_uint64(seeds, 100, "how many seeds to run, one after the other");
DEFINE_uint64(seed, 0, "run this seed alone and print its trace; 0 = no");
DEFINE_bool(json, false, "print one JSON object at the end");
DEFINE_bool(stop_at_failure, false, "end at the first seed that fails");
DEFINE_string(bug, "",
              "switch on a planted bug, in the configuration that shows it; `list` = names");
DEFINE_bool(without_bug, false,
            "with --bug: only its configuration, in which nothing may fail then; any build has it");

namespace {

using tidemark::sim::PlantedBugCase;
using tidemark::sim::RunResult;
using tidemark::sim::Scenario;
using tidemark::sim::ScenarioWishes;
using tidemark::sim::Simulation;

// What a failed CHECK needs in order to name its seed.
uint64_t g_current_seed = 0;
tidemark::sim::Report* g_report = nullptr;

void PrintReport() {
  std::cout << (FLAGS_json ? g_report->ToJson() : g_report->ToText()) << std::flush;
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

int ListBugs() {
  for (const PlantedBugCase& bug : tidemark::sim::PlantedBugCases()) {
    std::cout << bug.name << ": " << bug.rule << "\n";
  }
  return 0;
}

// The configuration for --bug; nothing, and the reason on the standard error output, when it cannot
// be had.
std::optional<ScenarioWishes> WishesForBug() {
  if (FLAGS_bug.empty()) return ScenarioWishes();
  const PlantedBugCase* bug = tidemark::sim::FindPlantedBug(FLAGS_bug);
  if (bug == nullptr) {
    std::cerr << "there is no planted bug \"" << FLAGS_bug << "\"; --bug=list names them\n";
    return std::nullopt;
  }
  if (FLAGS_without_bug) return bug->wishes;
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
  gflags::SetUsageMessage("simulates a cluster under faults; prints each seed that fails");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  // The nodes' own log lines are part of one run's trace only.
  FLAGS_minloglevel = FLAGS_seed != 0 ? 0 : 3;
  if (FLAGS_bug == "list") return ListBugs();
  const std::optional<ScenarioWishes> wishes = WishesForBug();
  if (!wishes.has_value()) return 2;
  tidemark::sim::Report report;
  g_report = &report;
  google::InstallFailureFunction(reinterpret_cast<void (*)()>(&OnFailedCheck));
  if (FLAGS_seed != 0) {
    RunSeed(FLAGS_seed, *wishes, &std::cerr);
  } else {
    for (uint64_t i = 0; i < FLAGS_seeds; ++i) {
      RunSeed(FLAGS_first_seed + i, *wishes, nullptr);
      if (FLAGS_stop_at_failure && report.failure_count() != 0) break;
    }
  }
  PrintReport();
  return report.failure_count() == 0 ? 0 : 1;
}
