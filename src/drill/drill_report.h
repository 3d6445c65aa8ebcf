// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drill/drill_load.h"
#include "drill/drill_options.h"

namespace tidemark::drill {

// What one round gave.
struct DrillRound {
  DrillFault fault = DrillFault::kWorker;
  std::string text;  // what was done to whom
  DrillLoad::Tally tally;
  uint64_t undone = 0;
  double recovery_seconds = 0;
};

// All rounds of a drill, as lines, a table and JSON. Owner: the drill. Threads: one.
class DrillReport {
 public:
  explicit DrillReport(const DrillOptions& options) : options_(options) {}

  void Add(const DrillRound& round) { rounds_.push_back(round); }
  // Beyond some, violations are only counted.
  void AddViolation(std::string text);
  void AddSkipped(std::string text) { skipped_.push_back(std::move(text)); }

  static std::string HeadLine();
  // The line of the newest round.
  std::string RoundLine() const;
  std::string Table() const;
  std::string Json(double seconds) const;
  uint64_t violation_count() const { return violation_count_; }

 private:
  struct Sum {
    uint64_t rounds = 0;
    uint64_t undone = 0;
    DrillLoad::Tally tally;
    std::vector<double> recovery_seconds;  // ascending
  };
  // Over the rounds with one fault, or over all.
  Sum SumOf(const DrillFault* fault) const;
  static std::string TableLine(const std::string& name, const Sum& sum);

  const DrillOptions options_;
  std::vector<DrillRound> rounds_;
  std::vector<std::string> violation_texts_;
  std::vector<std::string> skipped_;
  uint64_t violation_count_ = 0;
};

}  // namespace tidemark::drill
