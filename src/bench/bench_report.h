// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/json.h"

namespace tidemark::bench {

// Several measurements of one thing.
struct Samples {
  std::vector<double> values;

  void Add(double value) { values.push_back(value); }
  double Median() const { return Quantile(0.5); }
  // Linear between neighbours; NaN when there are none.
  double Quantile(double q) const;
  // (largest - smallest) / median.
  double Spread() const;
};

// What a figure is held against. `at_most`: the ratio must not be above the goal, else not below.
struct Goal {
  double ratio = 0;
  bool at_most = false;
};

// One line of the result: a figure beside a limit that was measured in the same run.
struct BenchRow {
  std::string suite;
  std::string name;
  std::string unit;
  Samples figure;
  std::string limit_name;  // empty: no limit
  double limit = 0;        // in the same unit
  std::optional<Goal> goal;

  // Of the median to the limit; 0 when there is none.
  double Ratio() const;
  // nullopt without a goal.
  std::optional<bool> Reached() const;
};

// Collects rows and prints each as it comes.
// Owner: the command. Threads: main's.
class BenchReport {
 public:
  explicit BenchReport(bool print_text) : print_text_(print_text) {}

  void Add(BenchRow row);
  const std::vector<BenchRow>& rows() const { return rows_; }
  void WriteRows(cli::JsonWriter* json) const;

 private:
  const bool print_text_;
  std::vector<BenchRow> rows_;
};

}  // namespace tidemark::bench
