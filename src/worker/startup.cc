// SPDX-License-Identifier: Apache-2.0
#include "worker/startup.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"

namespace tidemark::worker {

using Directory = std::unique_ptr<durability::DataDirectory>;

void Startup::Open(Done done) {
  CHECK(state_ == State::kOpening && directory_ == nullptr);
  const auto result =
      std::make_shared<absl::StatusOr<Directory>>(absl::InternalError("nothing was opened"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [files = env_.files, path = path_, result] {
        *result = durability::DataDirectory::Open(files, path, durability::DirectoryRole::kWorker);
      },
      [this, result, done = std::move(done), alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnOpened(std::move(*result), done);
      });
}

void Startup::OnOpened(absl::StatusOr<Directory> directory, const Done& done) {
  CHECK(state_ == State::kOpening);
  if (directory.ok()) {
    directory_ = std::move(*directory);
    state_ = State::kReading;
  }
  done(directory.status());
}

void Startup::Read(Done done) {
  CHECK(state_ == State::kReading);
  const auto result =
      std::make_shared<absl::StatusOr<StartFiles>>(absl::InternalError("the files were not read"));
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [files = env_.files, directory = directory_.get(), progress = progress_, result] {
        *result = ReadStartFiles(files, *directory, progress.get());
      },
      [this, result, done = std::move(done), alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) OnRead(std::move(*result), done);
      });
}

void Startup::OnRead(absl::StatusOr<StartFiles> files, const Done& done) {
  CHECK(state_ == State::kReading);
  if (!files.ok()) return done(files.status());
  files_ = std::move(*files);
  state_ = State::kRead;
  epoch_ = files_.wal.base.epoch;
  log_is_torn_ = files_.wal.torn.segment != 0;
  log_end_ = absl::StrCat("Its log ends at ", files_.wal.DescribeEnd(directory_->wal_path()),
                          log_is_torn_ ? ", where a record is damaged or was not finished" : "");
  done(absl::OkStatus());
}

void Startup::Establish(const durability::FileIdentity& identity, Done done) {
  CHECK(directory_ != nullptr);
  CHECK(!identity.cluster.IsZero() && identity.node != NodeId());
  const auto status = std::make_shared<absl::Status>();
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [directory = directory_.get(), identity, status] {
        *status = directory->Establish(identity);
      },
      [status, done = std::move(done), alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) done(*status);
      });
}

void Startup::Refuse(const absl::Status& refusal) {
  CHECK(!refusal.ok());
  refusal_ = refusal;
  state_ = State::kRefused;
}

void Startup::KeepReport(wire::Frame report) {
  CHECK(report.has_report());
  CHECK(state_ != State::kJoined);
  report_ = std::move(report);
}

std::optional<wire::Frame> Startup::TakeReport() { return std::exchange(report_, std::nullopt); }

StartFiles Startup::Take() {
  CHECK(state_ == State::kRead);
  state_ = State::kJoined;
  return std::exchange(files_, StartFiles());
}

const durability::DataDirectory& Startup::directory() const {
  CHECK(directory_ != nullptr);
  return *directory_;
}

void Startup::FillProgress(wire::HeartbeatReply* reply) const {
  // Some places are read twice, and snapshots are not counted beforehand.
  const uint64_t all_bytes = progress_->all_bytes;
  reply->set_start_bytes(all_bytes);
  reply->set_start_read_bytes(std::min(progress_->reads.read_bytes.load(), all_bytes));
}

absl::Status Startup::ExplainRefusal(const std::string& reason) const {
  if (log_end_.empty()) return absl::FailedPreconditionError(reason);
  const std::string message = absl::StrCat(reason, ". ", log_end_);
  return log_is_torn_ ? absl::DataLossError(message) : absl::FailedPreconditionError(message);
}

void Startup::CheckInvariants() const {
  CHECK_EQ(refusal_.ok(), state_ != State::kRefused);
  if (state_ == State::kOpening) CHECK(directory_ == nullptr);
  if (state_ == State::kReading || state_ == State::kRead) CHECK(directory_ != nullptr);
  if (state_ == State::kJoined) CHECK(!report_.has_value());
}

}  // namespace tidemark::worker
