// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"

namespace tidemark::bench {
namespace {

// Three digits that matter.
std::string Short(double value) {
  const double size = std::abs(value);
  if (size >= 1e6) return absl::StrFormat("%.2f M", value / 1e6);
  if (size >= 1e5) return absl::StrFormat("%.0f k", value / 1e3);
  if (size >= 100) return absl::StrFormat("%.0f", value);
  return absl::StrFormat(size >= 10 ? "%.1f" : "%.2f", value);
}

std::string GoalText(const BenchRow& row) {
  if (!row.goal.has_value()) return "";
  return absl::StrFormat("goal %s %.2f: %s", row.goal->at_most ? "<=" : ">=", row.goal->ratio,
                         *row.Reached() ? "reached" : "MISSED");
}

}  // namespace

double Samples::Quantile(double q) const {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(at);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double Samples::Spread() const { return (Quantile(1) - Quantile(0)) / Median(); }

double BenchRow::Ratio() const { return limit == 0 ? 0 : figure.Median() / limit; }

std::optional<bool> BenchRow::Reached() const {
  if (!goal.has_value()) return std::nullopt;
  return goal->at_most ? Ratio() <= goal->ratio : Ratio() >= goal->ratio;
}

void BenchReport::Add(BenchRow row) {
  if (print_text_) {
    std::string line = absl::StrFormat("%-9s %-44s %9s %-10s", row.suite, row.name,
                                       Short(row.figure.Median()), row.unit);
    if (row.figure.values.size() > 1)
      line += absl::StrFormat(" ±%2.0f%%", row.figure.Spread() * 50);
    if (!row.limit_name.empty()) {
      line += absl::StrFormat("  %.2f of %s (%s)", row.Ratio(), Short(row.limit), row.limit_name);
    }
    if (row.goal.has_value()) line += "  " + GoalText(row);
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
  }
  rows_.push_back(std::move(row));
}

void BenchReport::WriteRows(cli::JsonWriter* json) const {
  json->BeginArray();
  for (const BenchRow& row : rows_) {
    json->BeginObject();
    json->Key("suite").String(row.suite);
    json->Key("name").String(row.name);
    json->Key("unit").String(row.unit);
    json->Key("median").Number(row.figure.Median());
    json->Key("min").Number(row.figure.Quantile(0));
    json->Key("max").Number(row.figure.Quantile(1));
    json->Key("runs").Number(static_cast<uint64_t>(row.figure.values.size()));
    if (!row.limit_name.empty()) {
      json->Key("limit_name").String(row.limit_name);
      json->Key("limit").Number(row.limit);
      json->Key("ratio").Number(row.Ratio());
    }
    if (row.goal.has_value()) {
      json->Key("goal_ratio").Number(row.goal->ratio);
      json->Key("goal_is_at_most").Boolean(row.goal->at_most);
      json->Key("reached").Boolean(*row.Reached());
    }
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace tidemark::bench
