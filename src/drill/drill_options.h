// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::drill {

enum class DrillFault : uint8_t {
  kWorker,    // kills workers
  kMaster,    // kills the master
  kAll,       // kills all processes at once
  kHang,      // stops processes for a while
  kRecovery,  // kills again while the cluster recovers
  kSnapshot,  // kills while a snapshot is taken
  kPower,     // cuts the power of machines; needs root
};
inline constexpr std::array<DrillFault, 7> kAllDrillFaults = {
    DrillFault::kWorker,   DrillFault::kMaster,   DrillFault::kAll,  DrillFault::kHang,
    DrillFault::kRecovery, DrillFault::kSnapshot, DrillFault::kPower};
std::string NameOf(DrillFault fault);
// All of them with `separator` between them; or only those that need no root.
std::string DrillFaultNames(std::string_view separator, bool with_root = true);

// The flags of `drill` as plain values.
struct DrillOptions {
  int64_t rounds = 20;
  int64_t seed = 1;
  int64_t workers = 3;
  int64_t clients = 8;
  int64_t duration_sec = 0;  // 0 = no limit
  std::string faults = DrillFaultNames(",", /*with_root=*/false);
  bool synchronous_commit = false;
  std::string recovery_point = "watermark";
  std::string data_dir;
  bool json = false;
};

// kInvalidArgument names what is no fault.
absl::StatusOr<std::vector<DrillFault>> ParseDrillFaults(const std::string& text);

}  // namespace tidemark::drill
