// SPDX-License-Identifier: Apache-2.0
#include "check/runner.h"

#include <utility>

#include "base/check.h"

namespace tidemark::check {

Runner::Runner(Client* client, std::function<int64_t()> now_micros)
    : client_(client), now_micros_(std::move(now_micros)) {}

Runner::~Runner() { *live_run_ = 0; }

template <typename Fn>
auto Runner::Guard(Fn fn) {
  return [live_run = live_run_, run = run_, fn](auto result) {
    if (*live_run == run) fn(std::move(result));
  };
}

void Runner::Start(std::unique_ptr<Script> script, std::function<void(const Ending&)> done) {
  CHECK(idle());
  script_ = std::move(script);
  done_ = std::move(done);
  *live_run_ = ++run_;
  ending_ = Ending();
  ending_.begun_micros = now_micros_();
  client_->Begin(script_->read_only(), script_->after(), Guard([this](absl::Status status) {
                   if (!status.ok()) return Finish(Outcome::kAborted, status, {});
                   Continue({});
                 }));
}

void Runner::Continue(const std::vector<OperationResult>& results) {
  Step step = script_->Next(results);
  switch (step.kind) {
    case Step::Kind::kRun:
      client_->Run(std::move(step.operations),
                   Guard([this](absl::StatusOr<std::vector<OperationResult>> got) {
                     OnResults(std::move(got));
                   }));
      return;
    case Step::Kind::kCommit:
      client_->Commit(
          Guard([this](absl::StatusOr<CommitPlace> place) { OnCommit(std::move(place)); }));
      return;
    case Step::Kind::kRollback:
      client_->Rollback(Guard([this](absl::Status) {
        Finish(Outcome::kAborted, absl::CancelledError("rolled back by the script"), {});
      }));
  }
}

void Runner::OnResults(absl::StatusOr<std::vector<OperationResult>> results) {
  if (!results.ok()) return Finish(Outcome::kAborted, results.status(), {});
  Continue(*results);
}

void Runner::OnCommit(absl::StatusOr<CommitPlace> place) {
  if (place.ok()) return Finish(Outcome::kCommitted, absl::OkStatus(), *place);
  const bool unknown = place.status().code() == absl::StatusCode::kUnknown;
  Finish(unknown ? Outcome::kUnknown : Outcome::kAborted, place.status(), {});
}

void Runner::Finish(Outcome outcome, const absl::Status& status, CommitPlace place) {
  *live_run_ = 0;
  ending_.outcome = outcome;
  ending_.status = status;
  ending_.place = place;
  ending_.ended_micros = now_micros_();
  const std::unique_ptr<Script> script = std::move(script_);
  const auto done = std::exchange(done_, nullptr);
  const Ending ending = ending_;
  script->Ended(ending);
  done(ending);
}

}  // namespace tidemark::check
