// SPDX-License-Identifier: Apache-2.0
#include "exec/batch_executor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::exec {
namespace {

// Of results: so many are copied in the time of one unit.
constexpr size_t kBytesPerUnit = 64;
// A row alone in its batch. A frame holds it (rpc/limits.h).
constexpr size_t kMaxRowBytes = size_t{62} << 20;

}  // namespace

BatchExecutor::BatchExecutor(storage::Shard* shard, storage::View view, std::string encoded_batch,
                             WriteGate* gate)
    : shard_(shard),
      gate_(gate),
      encoded_batch_(std::move(encoded_batch)),
      batch_(encoded_batch_),
      status_(batch_.Open()),
      out_(batch_.count()),
      reader_(shard, view),
      writer_(shard, view, &out_),
      tx_(view.tx) {
  CHECK(shard != nullptr);
}

bool BatchExecutor::RunSome(int64_t max_units) {
  CHECK_GT(max_units, 0);
  int64_t units = max_units;
  gate_passed_ = false;
  waits_for_room_ = false;
  while (status_.ok() && next_ < batch_.count() && units > 0 && !waits_for_room_) {
    absl::Status status = under_way_ ? absl::OkStatus() : Begin();
    bool ended = false;
    if (status.ok()) {
      const absl::StatusOr<bool> continued = Continue(&units);
      status = continued.status();
      ended = continued.ok() && *continued;
    }
    if (ended) status = End(&units);
    if (status.ok()) continue;
    status_ = std::move(status);
    failed_operation_ = next_;
  }
  if (status_.ok() && next_ == batch_.count()) FindDeletedEdges(&units);
  return done();
}

// Whoever is told that the batch has run may commit: nothing may be in the way of that any more.
void BatchExecutor::FindDeletedEdges(int64_t* units) {
  const absl::StatusOr<bool> found = shard_->FindDeletedEdges(tx_, units);
  if (!found.ok()) status_ = found.status();
  ready_to_commit_ = found.ok() && *found;
}

absl::Status BatchExecutor::Begin() {
  CHECK(!under_way_);
  result_ = OperationResult();
  if (next_ == decoded_) LookAhead();
  if (next_ == decoded_) return decode_error_;
  under_way_ = true;
  const std::optional<SlotId> slot = SlotOf(operation());
  if (!slot.has_value() || shard_->Owns(*slot)) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("sent to a worker that does not own slot ", slot->value()));
}

void BatchExecutor::LookAhead() {
  const size_t end = std::min(batch_.count(), decoded_ + kLookAheadCount);
  for (; decoded_ < end; ++decoded_) {
    Operation& operation = window_[decoded_ % kLookAheadCount];
    operation = Operation();
    decode_error_ = batch_.Next(&operation);
    if (!decode_error_.ok()) return;
    shard_->Prefetch(operation.vertex);
    shard_->Prefetch(operation.target);
  }
}

// What a slice may add to the log is bounded by the batch, and for the deletion of a hub by the
// slice: once per slice is enough.
absl::StatusOr<bool> BatchExecutor::PassGate() {
  if (gate_ == nullptr || gate_passed_) return true;
  ASSIGN_OR_RETURN(gate_passed_, gate_->MayWrite(encoded_batch_.size(), batch_.count()));
  waits_for_room_ = !gate_passed_;
  return gate_passed_;
}

absl::StatusOr<bool> BatchExecutor::Continue(int64_t* units) {
  if (IsWrite(operation().kind)) {
    ASSIGN_OR_RETURN(const bool may_write, PassGate());
    if (!may_write) return false;
  }
  return IsWrite(operation().kind) ? writer_.Run(operation(), units, &result_)
                                   : reader_.Run(operation(), units, &result_);
}

absl::Status BatchExecutor::End(int64_t* units) {
  CHECK(under_way_);
  CHECK_EQ(out_.result_count(), next_);
  const size_t before = out_.size_bytes();
  out_.AddResult(result_);
  *units -= static_cast<int64_t>((out_.size_bytes() - before) / kBytesPerUnit);
  RETURN_IF_ERROR(CheckResultBytes());
  under_way_ = false;
  ++next_;
  return absl::OkStatus();
}

// One row always fits: what was stored before there was a limit can be read.
absl::Status BatchExecutor::CheckResultBytes() const {
  const bool is_one_row = next_ == 0 && result_.vertices.size() + result_.edges.size() == 1;
  const size_t limit_bytes = is_one_row ? kMaxRowBytes : kMaxBatchResultBytes;
  if (out_.size_bytes() <= limit_bytes) return absl::OkStatus();
  if (is_one_row && !result_.vertices.empty()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("vertex ", result_.vertices[0].id.value(), " alone has ", out_.size_bytes(),
                     " bytes; at most ", limit_bytes,
                     " fit into an answer: ask for its id only, or remove properties"));
  }
  return absl::ResourceExhaustedError(absl::StrCat("the results of the batch exceed ", limit_bytes,
                                                   " bytes; send fewer operations at a time"));
}

std::string BatchExecutor::TakeRefused() {
  return writer_.refused().has_value() ? EncodeBatch({*writer_.refused()}) : "";
}

std::string BatchExecutor::TakeResult() {
  CHECK(status_.ok() && done());
  return out_.Finish();
}

void BatchExecutor::CheckInvariants() const {
  CHECK_LE(next_, decoded_);
  CHECK_LE(decoded_, next_ + kLookAheadCount);
  if (status_.ok()) {
    CHECK_LE(decoded_, batch_.count());
    CHECK_EQ(out_.result_count(), next_);
    CHECK(!failed_operation_.has_value());
  }
  if (failed_operation_.has_value()) CHECK_LT(*failed_operation_, batch_.count());
  CHECK(!ready_to_commit_ || next_ == batch_.count());
  CHECK(!under_way_ || next_ < decoded_);
}

}  // namespace tidemark::exec
