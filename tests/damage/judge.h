// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/damage/damage_case.h"

namespace tidemark::damage {

// What came of one damaged directory.
struct Verdict {
  bool refused = false;       // the start says so; else it came up
  bool verify_found = false;  // `verify` says so
  // What must not be: not empty = a failure.
  std::string problem;
};

// Tries damaged directories: a start of the whole cluster, and `verify`.
// Owner: a test. Threads: one.
class Judge {
 public:
  // REQUIRES: outlives the object.
  explicit Judge(const DataDirectory* directory);
  Verdict Try(const DamageCase& damage) const;

 private:
  std::string CheckMessage(const DamageCase& damage, const std::string& message) const;

  const DataDirectory* const directory_;
  std::map<std::string, std::vector<Piece>> pieces_;
  // Of the undamaged directory.
  std::set<std::string> states_;
  std::string graph_digest_;
  uint64_t watermark_ = 0;
};

}  // namespace tidemark::damage
