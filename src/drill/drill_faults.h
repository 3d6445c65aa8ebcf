// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/seeded_random.h"
#include "drill/drill_cluster.h"
#include "drill/drill_options.h"

namespace tidemark::drill {

// Does one fault at a time to the cluster, at random nodes and moments, brings everything back, and
// knows what may have been lost by it.
// Owner: the drill. Threads: main's.
class DrillFaults {
 public:
  // What a fault did.
  struct Done {
    double recovery_seconds;  // from the last restart until the cluster was open
    // Processes were lost in a way after which asynchronous commits may be missing.
    bool newest_end_may_be_lost = false;
  };

  DrillFaults(DrillCluster* cluster, const DrillOptions& options, uint64_t seed);

  // Returns when the cluster is open again. An error: it does not open, or a fault cannot be done.
  absl::StatusOr<Done> Do(DrillFault fault);
  // What the last fault has done so far: "kill worker-2".
  const std::string& text() const { return text_; }

 private:
  absl::Status DoHang();
  absl::Status DoSnapshot();
  absl::Status DoRecovery();
  absl::Status DoPower();
  absl::Status KillAndRestart(const std::vector<int>& nodes);
  absl::Status CutPowerAndRestart(const std::vector<int>& nodes);
  void Kill(const std::vector<int>& nodes);
  absl::Status Restart(std::vector<int> nodes);
  void Note(const std::string& what, const std::vector<int>& nodes);
  // Some of them, at least one; mostly one when there are many.
  std::vector<int> Some(const std::vector<int>& nodes);
  void SleepUpToMs(int64_t limit_ms);

  DrillCluster* const cluster_;
  const DrillOptions options_;
  cli::SeededRandom random_;
  std::string text_;
  std::set<int> lost_memory_;  // in this fault
  bool lost_power_ = false;
};

}  // namespace tidemark::drill
