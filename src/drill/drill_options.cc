// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_options.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"

namespace tidemark::drill {

std::string NameOf(DrillFault fault) {
  switch (fault) {
    case DrillFault::kWorker:
      return "worker";
    case DrillFault::kMaster:
      return "master";
    case DrillFault::kAll:
      return "all";
    case DrillFault::kHang:
      return "hang";
    case DrillFault::kRecovery:
      return "recovery";
    case DrillFault::kSnapshot:
      return "snapshot";
    case DrillFault::kPower:
      return "power";
  }
  CHECK(false);
  return "";
}

std::string DrillFaultNames(std::string_view separator, bool with_root) {
  std::string names;
  for (const DrillFault fault : kAllDrillFaults) {
    if (fault == DrillFault::kPower && !with_root) continue;
    if (!names.empty()) names += separator;
    names += NameOf(fault);
  }
  return names;
}

absl::StatusOr<std::vector<DrillFault>> ParseDrillFaults(const std::string& text) {
  std::vector<DrillFault> faults;
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const auto found = std::find_if(kAllDrillFaults.begin(), kAllDrillFaults.end(),
                                    [&](DrillFault fault) { return NameOf(fault) == word; });
    if (found == kAllDrillFaults.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--faults: \"", word, "\" is no fault; choose from ", DrillFaultNames(", ")));
    }
    faults.push_back(*found);
  }
  return faults;
}

}  // namespace tidemark::drill
