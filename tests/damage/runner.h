// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/damage/judge.h"

namespace tidemark::damage {

// The figures of a run.
struct RunFigures {
  struct File {
    uint64_t tried = 0;
    uint64_t refused = 0;       // by the start
    uint64_t verify_found = 0;  // by `verify`
  };
  std::map<std::string, File> files;
  uint64_t problem_count = 0;
  uint64_t signal_count = 0;
  std::vector<std::string> problems;  // the first ones, with their damage

  uint64_t tried() const;
};

// Tries every case, each process of two a half of them; a process that a signal ends (a failed
// CHECK, a sanitizer's finding) is counted and replaced.
RunFigures RunCases(const DataDirectory& directory, const std::vector<DamageCase>& cases);
void Print(const std::string& title, const RunFigures& figures);

}  // namespace tidemark::damage
