// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/json.h"

namespace tidemark::drill {
namespace {

constexpr size_t kMaxTextCount = 50;

// Of ascending values; 0 when there are none.
double Quantile(const std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

void WriteTally(const DrillLoad::Tally& tally, uint64_t undone, cli::JsonWriter* json) {
  json->Key("acknowledged").Number(tally.acknowledged);
  json->Key("recovered").Number(tally.acknowledged - tally.lost);
  json->Key("acknowledged_lost").Number(tally.lost);
  json->Key("undone").Number(undone);
}

void WriteRecovery(const std::vector<double>& seconds, cli::JsonWriter* json) {
  json->Key("recovery_seconds").Number(Quantile(seconds, 0.5));
  json->Key("recovery_seconds_max").Number(Quantile(seconds, 1));
}

}  // namespace

void DrillReport::AddViolation(std::string text) {
  ++violation_count_;
  if (violation_texts_.size() < kMaxTextCount) violation_texts_.push_back(std::move(text));
}

std::string DrillReport::HeadLine() {
  return absl::StrFormat("%5s %8s %12s %9s %6s %8s  %s\n", "round", "commits", "acknowledged",
                         "recovered", "undone", "seconds", "faults");
}

std::string DrillReport::RoundLine() const {
  const DrillRound& round = rounds_.back();
  return absl::StrFormat("%5d %8d %12d %9d %6d %8.2f  %s: %s\n", rounds_.size(),
                         round.tally.committed, round.tally.acknowledged,
                         round.tally.acknowledged - round.tally.lost, round.undone,
                         round.recovery_seconds, NameOf(round.fault), round.text);
}

DrillReport::Sum DrillReport::SumOf(const DrillFault* fault) const {
  Sum sum;
  for (const DrillRound& round : rounds_) {
    if (fault != nullptr && round.fault != *fault) continue;
    ++sum.rounds;
    sum.undone += round.undone;
    sum.tally.acknowledged += round.tally.acknowledged;
    sum.tally.lost += round.tally.lost;
    sum.tally.committed += round.tally.committed;
    sum.tally.aborted += round.tally.aborted;
    sum.tally.unknown += round.tally.unknown;
    sum.recovery_seconds.push_back(round.recovery_seconds);
  }
  std::sort(sum.recovery_seconds.begin(), sum.recovery_seconds.end());
  return sum;
}

std::string DrillReport::TableLine(const std::string& name, const Sum& sum) {
  return absl::StrFormat("%-9s %7d %8d %13d %10d %6d %7d %8.2f %6.2f\n", name, sum.rounds,
                         sum.tally.committed, sum.tally.acknowledged,
                         sum.tally.acknowledged - sum.tally.lost, sum.tally.lost, sum.undone,
                         Quantile(sum.recovery_seconds, 0.5), Quantile(sum.recovery_seconds, 1));
}

std::string DrillReport::Table() const {
  std::string text =
      absl::StrFormat("\n%-9s %7s %8s %13s %10s %6s %7s %8s %6s\n", "faults", "rounds", "commits",
                      "acknowledged", "recovered", "lost", "undone", "seconds", "worst");
  for (const DrillFault& fault : kAllDrillFaults) {
    const Sum sum = SumOf(&fault);
    if (sum.rounds != 0) absl::StrAppend(&text, TableLine(NameOf(fault), sum));
  }
  absl::StrAppend(&text, TableLine("all", SumOf(nullptr)), "\n");
  for (const std::string& skipped : skipped_) absl::StrAppend(&text, "SKIPPED ", skipped, "\n");
  for (const std::string& violation : violation_texts_) {
    absl::StrAppend(&text, "VIOLATION ", violation, "\n");
  }
  absl::StrAppend(&text, violation_count_, " violations\n");
  return text;
}

std::string DrillReport::Json(double seconds) const {
  const Sum all = SumOf(nullptr);
  cli::JsonWriter json;
  json.BeginObject();
  json.Key("rounds").Number(all.rounds);
  json.Key("violations").Number(violation_count_);
  WriteTally(all.tally, all.undone, &json);
  WriteRecovery(all.recovery_seconds, &json);
  json.Key("commits").Number(all.tally.committed);
  json.Key("aborts").Number(all.tally.aborted);
  json.Key("unknown_outcomes").Number(all.tally.unknown);
  json.Key("seconds").Number(seconds);
  json.Key("seed").Number(options_.seed);
  json.Key("workers").Number(options_.workers);
  json.Key("clients").Number(options_.clients);
  json.Key("synchronous_commit").Boolean(options_.synchronous_commit);
  json.Key("recovery_point").String(options_.recovery_point);
  json.Key("faults").BeginObject();
  for (const DrillFault& fault : kAllDrillFaults) {
    const Sum sum = SumOf(&fault);
    if (sum.rounds == 0) continue;
    json.Key(NameOf(fault)).BeginObject();
    json.Key("rounds").Number(sum.rounds);
    WriteTally(sum.tally, sum.undone, &json);
    WriteRecovery(sum.recovery_seconds, &json);
    json.EndObject();
  }
  json.EndObject();
  json.Key("skipped").BeginArray();
  for (const std::string& text : skipped_) json.String(text);
  json.EndArray();
  json.Key("violation_texts").BeginArray();
  for (const std::string& text : violation_texts_) json.String(text);
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

}  // namespace tidemark::drill
