// SPDX-License-Identifier: Apache-2.0
#include "worker/greeting.h"

#include "base/check.h"
#include "base/status.h"

namespace tidemark::worker {
namespace {

bool SameSettings(const wire::Settings& a, const wire::Settings& b) {
  return a.worker_count() == b.worker_count() && a.wal() == b.wal() &&
         a.wal_segment_bytes() == b.wal_segment_bytes() &&
         a.memory_limit_bytes() == b.memory_limit_bytes();
}

}  // namespace

void Greeting::SetIdentity(const durability::FileIdentity& identity) {
  CHECK(state_ == State::kNoStream);
  identity_.cluster_id = identity.cluster;
  identity_.node = identity.node;
}

bool Greeting::OnStreamOpened(bool disk_is_silent) {
  if (state_ == State::kEstablishing) return false;
  state_ = disk_is_silent ? State::kHeldBack : State::kAsked;
  return !disk_is_silent;
}

void Greeting::OnStreamGone() {
  if (state_ != State::kEstablishing) state_ = State::kNoStream;
}

wire::Hello Greeting::MakeHello(Epoch newest_epoch) {
  CHECK(state_ == State::kHeldBack || state_ == State::kAsked);
  state_ = State::kAsked;
  return txn::MakeWorkerHello(identity_, newest_epoch);
}

absl::Status Greeting::OnHello(const wire::Hello& hello, Epoch newest_epoch, bool has_joined) {
  CHECK(state_ == State::kAsked);
  RETURN_IF_ERROR(txn::CheckMasterHello(hello, identity_, newest_epoch));
  if (identity_.cluster_id.IsZero()) {
    CHECK(!has_joined) << "a worker has joined without an identity";
    assigned_.cluster = {hello.cluster_id_high(), hello.cluster_id_low()};
    assigned_.node = NodeId(hello.assigned_node());
    state_ = State::kEstablishing;
    return absl::OkStatus();
  }
  if (has_joined && !SameSettings(settings_, hello.settings())) {
    return absl::UnavailableError(
        "the master has come back with other settings; this worker must be started again");
  }
  settings_ = hello.settings();
  master_boot_id_ = BootId(hello.boot_id());
  master_epoch_ = Epoch(hello.epoch());
  state_ = State::kAgreed;
  return absl::OkStatus();
}

void Greeting::OnEstablished() {
  CHECK(state_ == State::kEstablishing);
  state_ = State::kNoStream;
  SetIdentity(assigned_);
}

const durability::FileIdentity& Greeting::assigned() const {
  CHECK(state_ == State::kEstablishing);
  return assigned_;
}

void Greeting::CheckInvariants() const {
  CHECK(identity_.boot_id != BootId());
  const bool is_fresh = identity_.cluster_id.IsZero();
  if (state_ == State::kEstablishing) CHECK(is_fresh && !assigned_.cluster.IsZero());
  if (state_ == State::kAgreed) CHECK(!is_fresh && identity_.node != NodeId());
}

}  // namespace tidemark::worker
