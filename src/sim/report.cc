// SPDX-License-Identifier: Apache-2.0
#include "sim/report.h"

#include "absl/strings/str_cat.h"

namespace tidemark::sim {
namespace {

std::string CountsToJson(const std::map<std::string, uint64_t>& counts) {
  std::string out = "{";
  const char* separator = "";
  for (const auto& [kind, count] : counts) {
    absl::StrAppend(&out, separator, "\"", kind, "\": ", count);
    separator = ", ";
  }
  return out + "}";
}

}  // namespace

void Report::Add(uint64_t seed, const RunResult& result) {
  ++seed_count_;
  if (result.Counts()) ++counted_seed_count_;
  if (!result.violations.empty() && failure_count_++ == 0) first_failing_seed_ = seed;
  trace_hash_ = result.trace_hash;
  sum_.event_count += result.event_count;
  sum_.simulated_micros += result.simulated_micros;
  sum_.commits += result.commits;
  sum_.aborts += result.aborts;
  sum_.unknown_outcomes += result.unknown_outcomes;
  sum_.recoveries += result.recoveries;
  sum_.undone_commits += result.undone_commits;
  sum_.snapshots += result.snapshots;
  sum_.fault_count += result.fault_count;
  for (const auto& [kind, count] : result.faults) sum_.faults[kind] += count;
  for (const auto& [kind, count] : result.worker_recoveries) sum_.worker_recoveries[kind] += count;
}

void Report::AddCrash(uint64_t seed) {
  ++seed_count_;
  if (failure_count_++ == 0) first_failing_seed_ = seed;
}

std::string Report::ToJson() const {
  return absl::StrCat(
      "{\"seeds\": ", seed_count_, ", \"failures\": ", failure_count_,
      ", \"first_failing_seed\": ", first_failing_seed_,
      ", \"seeds_that_count\": ", counted_seed_count_, ", \"commits\": ", sum_.commits,
      ", \"aborts\": ", sum_.aborts, ", \"unknown_outcomes\": ", sum_.unknown_outcomes,
      ", \"recoveries\": ", sum_.recoveries, ", \"undone_commits\": ", sum_.undone_commits,
      ", \"snapshots\": ", sum_.snapshots, ", \"events\": ", sum_.event_count,
      ", \"simulated_seconds\": ", sum_.simulated_micros / 1'000'000,
      ", \"fault_count\": ", sum_.fault_count, ", \"faults\": ", CountsToJson(sum_.faults),
      ", \"worker_recoveries\": ", CountsToJson(sum_.worker_recoveries), ", \"trace_hash\": \"",
      absl::Hex(trace_hash_, absl::kZeroPad16), "\"}\n");
}

std::string Report::ToText() const {
  return absl::StrCat(seed_count_, " seeds, ", failure_count_, " failures; ", counted_seed_count_,
                      " seeds had enough commits and faults; ", sum_.commits, " commits, ",
                      sum_.fault_count, " faults, ", sum_.recoveries, " recoveries, ",
                      sum_.undone_commits, " commits undone, ", sum_.snapshots, " snapshots\n");
}

}  // namespace tidemark::sim
