// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/simulation.h"

namespace tidemark::sim {

// The sum of many runs, and how it is told. Threads: one.
class Report {
 public:
  void Add(uint64_t seed, const RunResult& result);
  // A broken invariant ended the process in this seed.
  void AddCrash(uint64_t seed);

  uint64_t failure_count() const { return failure_count_; }
  // One JSON object. `trace_hash` of the last run is in it.
  std::string ToJson() const;
  // A few lines for people.
  std::string ToText() const;

 private:
  uint64_t seed_count_ = 0;
  uint64_t counted_seed_count_ = 0;
  uint64_t failure_count_ = 0;
  uint64_t first_failing_seed_ = 0;
  uint64_t trace_hash_ = 0;
  RunResult sum_;
};

}  // namespace tidemark::sim
