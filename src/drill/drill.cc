// SPDX-License-Identifier: Apache-2.0
#include "drill/drill.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "check/text_difference.h"
#include "drill/drill_graph.h"
#include "env/posix_file_system.h"

namespace tidemark::drill {
namespace {

constexpr int64_t kMinLoadMs = 50;
constexpr int64_t kMaxLoadMs = 400;
constexpr int64_t kObserveMs = 10;
constexpr int64_t kLoadAfterMs = 50;
constexpr int64_t kAnswerLimitMs = 30'000;
// Longer than everything that ends by a limit of its own.
constexpr int64_t kStepLimitSec = 120;
// Two take turns; no label is the end of another.
constexpr const char* kLabelSuffixes[] = {"_even", "_odd"};

}  // namespace

Drill::Drill(const DrillOptions& options, std::vector<DrillFault> faults, DrillReport* report,
             host::StopSignal* signal)
    : options_(options),
      faults_(std::move(faults)),
      report_(report),
      signal_(signal),
      random_(static_cast<uint64_t>(options.seed)),
      cluster_(options),
      injector_(&cluster_, options, random_.Next()),
      watchdog_(kStepLimitSec, [this] { cluster_.GiveUp(); }) {}

double Drill::seconds() {
  return static_cast<double>(clock_.NowMicros() - begun_micros_) / kMicrosPerSecond;
}

absl::Status Drill::MakeDisks() {
  const auto power = std::find(faults_.begin(), faults_.end(), DrillFault::kPower);
  if (power == faults_.end()) return absl::OkStatus();
  const absl::Status status = cluster_.MakeDisks();
  if (status.ok()) return status;
  report_->AddSkipped(absl::StrCat("power: ", MessageOf(status)));
  std::fprintf(stderr, "tidemark drill: power is skipped: %s\n", MessageOf(status).c_str());
  std::erase(faults_, DrillFault::kPower);
  if (!faults_.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError("no fault is left to drill");
}

absl::Status Drill::Run() {
  begun_micros_ = clock_.NowMicros();
  env::PosixFileSystem files;
  RETURN_IF_ERROR(files.MakeDirectory(options_.data_dir));
  RETURN_IF_ERROR(MakeDisks());
  RETURN_IF_ERROR(cluster_.Start());
  std::FILE* const out = options_.json ? stderr : stdout;
  std::fputs(DrillReport::HeadLine().c_str(), out);
  while (!IsOver()) {
    ++round_number_;
    const bool works = RunRound();
    std::fputs(report_->RoundLine().c_str(), out);
    std::fflush(out);
    if (!works) break;
  }
  return absl::OkStatus();
}

bool Drill::IsOver() {
  if (signal_->Wait(0) == host::StopSignal::Event::kStop) return true;
  if (options_.duration_sec > 0 && seconds() >= static_cast<double>(options_.duration_sec)) {
    return true;
  }
  return options_.rounds > 0 && round_number_ >= options_.rounds;
}

// Every fault comes once before one comes again.
DrillFault Drill::NextFault() {
  if (next_faults_.empty()) {
    next_faults_ = faults_;
    random_.Shuffle(&next_faults_);
  }
  const DrillFault fault = next_faults_.back();
  next_faults_.pop_back();
  return fault;
}

void Drill::AddViolation(const std::string& text) {
  report_->AddViolation(absl::StrCat("round ", round_number_, " (", doing_, "): ", text));
}

void Drill::AddViolations(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) AddViolation(text);
}

bool Drill::RunRound() {
  DrillRound round;
  round.fault = NextFault();
  doing_ = NameOf(round.fault);
  const std::string suffix = kLabelSuffixes[round_number_ % 2];
  const uint64_t undone_before = cluster_.undone_count();
  DrillLoad load(
      {cluster_.client(), cluster_.bolt_address()}, &clock_,
      {.label_suffix = suffix, .client_count = options_.clients, .seed = random_.Next()});
  check::LossRules rules;
  absl::Status status = SetUp(&load, suffix);
  if (status.ok()) status = FaultUnderLoad(&load, &round, &rules.newest_end_may_be_lost);
  watchdog_.Step("the end of the load");
  if (!load.End(kAnswerLimitMs)) {
    status.Update(absl::DeadlineExceededError(
        absl::StrCat("a client got no answer for ", kAnswerLimitMs / 1000,
                     " s, or did not end: ", load.Waiting())));
    cluster_.KillAll();
  }
  watchdog_.Step("the final read");
  if (status.ok()) status = load.ReadAtEnd();
  if (status.ok()) {
    if (options_.synchronous_commit) rules.newest_end_may_be_lost = false;
    rules.watermarks = cluster_.watermarks();
    AddViolations(load.Check(rules));
    watchdog_.Step("the comparison with the round before");
    status = CompareWithBefore(suffix);
  }
  round.tally = load.tally();
  cluster_.Observe();
  round.undone = cluster_.undone_count() - undone_before;
  report_->Add(round);
  if (!watchdog_.fired_at().empty()) {
    AddViolation(absl::StrCat("no end within ", kStepLimitSec, " s: ", watchdog_.fired_at()));
  }
  AddViolations(cluster_.TakeSurprises());
  if (!status.ok()) AddViolation(MessageOf(status));
  return status.ok();
}

absl::Status Drill::SetUp(DrillLoad* load, const std::string& label_suffix) {
  watchdog_.Step("the deletion of what an earlier round has left");
  RETURN_IF_ERROR(ClearGraph(cluster_.client(), label_suffix));
  watchdog_.Step("the set-up of the workloads");
  return load->SetUp();
}

absl::Status Drill::FaultUnderLoad(DrillLoad* load, DrillRound* round, bool* may_lose) {
  watchdog_.Step("the fault");
  load->Begin();
  const int64_t load_ms = kMinLoadMs + random_.Below(kMaxLoadMs - kMinLoadMs);
  for (int64_t ms = 0; ms < load_ms; ms += kObserveMs) {
    usleep(kObserveMs * kMicrosPerMs);
    cluster_.Observe();
  }
  const absl::StatusOr<DrillFaults::Done> done = injector_.Do(round->fault);
  round->text = injector_.text();
  doing_ = absl::StrCat(NameOf(round->fault), ": ", round->text);
  RETURN_IF_ERROR(done.status());
  round->recovery_seconds = done->recovery_seconds;
  *may_lose = done->newest_end_may_be_lost;
  watchdog_.Step("the load after the fault");
  load->ForgetCommits();
  if (!load->AwaitCommitOfEach(kAnswerLimitMs)) {
    return absl::DeadlineExceededError(
        absl::StrCat("a client did not commit within ", kAnswerLimitMs / 1000,
                     " s although the cluster is open: ", load->Waiting()));
  }
  usleep(kLoadAfterMs * kMicrosPerMs);
  return absl::OkStatus();
}

// What the round before has left must be there as it was; then notes what this one leaves.
absl::Status Drill::CompareWithBefore(const std::string& label_suffix) {
  for (const auto& [suffix, before] : left_) {
    if (suffix == label_suffix) continue;
    ASSIGN_OR_RETURN(const std::string now, DumpGraph(cluster_.client(), suffix));
    const std::string difference = check::FirstDifference(before, now);
    if (!difference.empty()) {
      AddViolation(absl::StrCat("what the round before has left is not the same: ", difference));
    }
  }
  ASSIGN_OR_RETURN(left_[label_suffix], DumpGraph(cluster_.client(), label_suffix));
  return absl::OkStatus();
}

}  // namespace tidemark::drill
