// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_load.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "check/runner.h"

namespace tidemark::drill {
namespace {

constexpr int64_t kToCommitLimitMicros = 30'000 * kMicrosPerMs;
// Pauses of a client between two transactions, at most.
constexpr int64_t kPauseMicros = 2000;
constexpr int64_t kPauseAfterErrorMicros = 10'000;
constexpr int64_t kPauseWhenEnoughMicros = 100'000;
// How often it is looked how long the clients have waited; how much longer than one answer a whole
// transaction may take.
constexpr int64_t kLookMs = 500;
constexpr int64_t kTransactionLimitTimes = 3;
// What makes a round mean something, and its check quick.
constexpr uint64_t kEnoughCommits = 3000;

}  // namespace

DrillLoad::DrillLoad(const DrillAddresses& addresses, env::Clock* clock, const Options& options)
    : addresses_(addresses), clock_(clock), options_(options), random_(options.seed) {
  for (const std::string& name : check::WorkloadNames()) {
    workloads_.push_back(check::MakeWorkload(name));
  }
  workloads_.push_back(check::MakeWorkload("large-hub"));
  commits_.resize(static_cast<size_t>(options.client_count));
  clients_.resize(commits_.size());
}

DrillLoad::~DrillLoad() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status DrillLoad::SetUp() {
  for (const auto& workload : workloads_) {
    const absl::Status status = SetUp(workload.get());
    if (!status.ok())
      return Annotate(status, absl::StrCat("setting up ", std::string(workload->name())));
  }
  return addresses_.client->FlushNow().status();
}

absl::Status DrillLoad::SetUp(check::Workload* workload) {
  absl::Status status;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    DrillClient client(addresses_.bolt, options_.label_suffix, clock_, &lock);
    for (const auto& [label, key] : workload->unique_keys()) {
      client.CreateUnique(label, key, [&status](absl::Status got) { status.Update(got); });
    }
  }
  RETURN_IF_ERROR(status);
  return RunToCommit([workload] { return workload->Setup(); }, false);
}

absl::Status DrillLoad::RunToCommit(const std::function<std::unique_ptr<check::Script>()>& make,
                                    bool once) {
  std::unique_lock<std::mutex> lock(mutex_);
  DrillClient client(addresses_.bolt, options_.label_suffix, clock_, &lock);
  check::Runner runner(&client, [this] { return clock_->NowMicros(); });
  const int64_t begin = clock_->NowMicros();
  while (true) {
    std::unique_ptr<check::Script> script = make();
    if (script == nullptr) return absl::OkStatus();
    absl::Status status;
    runner.Start(std::move(script), [&](const check::Ending& ending) { status = ending.status; });
    if (status.ok() && once) return status;
    if (!status.ok() && clock_->NowMicros() - begin > kToCommitLimitMicros) return status;
  }
}

void DrillLoad::Begin() {
  for (size_t i = 0; i < commits_.size(); ++i) {
    threads_.emplace_back([this, i] { RunClient(i); });
  }
}

void DrillLoad::RunClient(size_t number) {
  std::unique_lock<std::mutex> lock(mutex_);
  DrillClient client(addresses_.bolt, options_.label_suffix, clock_, &lock);
  clients_[number] = &client;
  check::Runner runner(&client, [this] { return clock_->NowMicros(); });
  while (!ending_) {
    check::Workload& workload = *workloads_[random_.Next() % workloads_.size()];
    runner.Start(workload.NextTransaction(&random_),
                 [this, number](const check::Ending& ending) { CountEnding(number, ending); });
    const bool ok = commits_[number] > 0;
    const int64_t limit = tally_.committed > kEnoughCommits ? kPauseWhenEnoughMicros
                          : ok                              ? kPauseMicros
                                                            : kPauseAfterErrorMicros;
    const auto pause = static_cast<useconds_t>(random_.Below(limit));
    lock.unlock();
    usleep(pause);
    lock.lock();
  }
  clients_[number] = nullptr;
  ++ended_count_;
  changed_.notify_all();
}

void DrillLoad::CountEnding(size_t client, const check::Ending& ending) {
  switch (ending.outcome) {
    case check::Outcome::kCommitted:
      ++tally_.committed;
      ++commits_[client];
      changed_.notify_all();
      return;
    case check::Outcome::kAborted:
      ++tally_.aborted;
      return;
    case check::Outcome::kUnknown:
      ++tally_.unknown;
  }
}

void DrillLoad::ForgetCommits() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::fill(commits_.begin(), commits_.end(), 0);
}

bool DrillLoad::AwaitAll(int64_t answer_limit_ms, const std::function<bool()>& is_done) {
  std::unique_lock<std::mutex> lock(mutex_);
  const int64_t begin = clock_->NowMicros();
  while (!changed_.wait_for(lock, std::chrono::milliseconds(kLookMs), is_done)) {
    // A transaction may have thousands of statements.
    const int64_t waited_ms = (clock_->NowMicros() - begin) / kMicrosPerMs;
    if (waited_ms > kTransactionLimitTimes * answer_limit_ms) return false;
    for (const DrillClient* client : clients_) {
      if (client != nullptr && client->WaitedMs() > answer_limit_ms) return false;
    }
  }
  return true;
}

bool DrillLoad::AwaitCommitOfEach(int64_t answer_limit_ms) {
  return AwaitAll(answer_limit_ms, [this] {
    return std::all_of(commits_.begin(), commits_.end(), [](uint64_t count) { return count > 0; });
  });
}

bool DrillLoad::End(int64_t answer_limit_ms) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  return AwaitAll(answer_limit_ms, [this] { return ended_count_ == threads_.size(); });
}

std::string DrillLoad::Waiting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string text;
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i] == nullptr) continue;
    absl::StrAppend(&text, text.empty() ? "" : "; ", "client ", i + 1, " has committed ",
                    commits_[i], " times");
    if (clients_[i]->WaitedMs() == 0) continue;
    absl::StrAppend(&text, " and waits since ", clients_[i]->WaitedMs(), " ms for the answer to ",
                    clients_[i]->waits_for());
  }
  return text;
}

absl::Status DrillLoad::ReadAtEnd() {
  RETURN_IF_ERROR(addresses_.client->FlushNow().status());
  for (const auto& workload : workloads_) {
    const absl::Status status = RunToCommit([&workload] { return workload->FinalRead(); }, true);
    if (!status.ok())
      return Annotate(status, absl::StrCat("the final read of ", std::string(workload->name())));
  }
  was_read_ = true;
  return absl::OkStatus();
}

std::vector<std::string> DrillLoad::Check(const check::LossRules& rules) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> violations;
  std::vector<check::WriteRecord> records;
  for (const auto& workload : workloads_) {
    for (std::string& text : workload->Check(rules)) violations.push_back(std::move(text));
    for (check::WriteRecord& record : workload->Records()) records.push_back(std::move(record));
  }
  // The order of commits goes across the workloads.
  if (violations.empty()) violations = check::CheckPromises(records, rules);
  return violations;
}

DrillLoad::Tally DrillLoad::tally() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Tally tally = tally_;
  if (!was_read_) return tally;
  for (const auto& workload : workloads_) {
    for (const check::WriteRecord& record : workload->Records()) {
      if (record.ending.outcome != check::Outcome::kCommitted || record.parts == 0) continue;
      ++tally.acknowledged;
      if (record.parts_found == 0) ++tally.lost;
    }
  }
  return tally;
}

}  // namespace tidemark::drill
