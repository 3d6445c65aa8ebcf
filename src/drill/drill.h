// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/seeded_random.h"
#include "drill/drill_cluster.h"
#include "drill/drill_faults.h"
#include "drill/drill_load.h"
#include "drill/drill_options.h"
#include "drill/drill_report.h"
#include "drill/drill_watchdog.h"
#include "env/posix_clock.h"
#include "host/stop_signal.h"

namespace tidemark::drill {

// Rounds on one cluster that ages: clients write, a fault happens, the cluster comes back, and what
// is there is compared with what was promised.
// Owner: the command. Threads: main's.
class Drill {
 public:
  // `signal` ends it after the current round. Owns none of them.
  Drill(const DrillOptions& options, std::vector<DrillFault> faults, DrillReport* report,
        host::StopSignal* signal);

  // Until all rounds are done or one breaks the cluster, which is a violation. An error: the drill
  // itself cannot run.
  absl::Status Run();
  double seconds();

 private:
  absl::Status MakeDisks();
  // False: the cluster does not work any more, a violation says why.
  bool RunRound();
  absl::Status SetUp(DrillLoad* load, const std::string& label_suffix);
  absl::Status FaultUnderLoad(DrillLoad* load, DrillRound* round, bool* may_lose);
  absl::Status CompareWithBefore(const std::string& label_suffix);
  void AddViolations(const std::vector<std::string>& texts);
  void AddViolation(const std::string& text);
  bool IsOver();
  DrillFault NextFault();

  const DrillOptions options_;
  std::vector<DrillFault> faults_;
  DrillReport* const report_;
  host::StopSignal* const signal_;
  env::PosixClock clock_;
  cli::SeededRandom random_;
  DrillCluster cluster_;
  DrillFaults injector_;
  DrillWatchdog watchdog_;  // after the cluster, which it kills
  int64_t round_number_ = 0;
  std::string doing_;  // what the round does, for messages
  std::vector<DrillFault> next_faults_;
  // What the rounds have left, by label suffix.
  std::map<std::string, std::string> left_;
  int64_t begun_micros_ = 0;
};

}  // namespace tidemark::drill
