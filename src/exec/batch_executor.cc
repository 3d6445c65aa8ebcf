// SPDX-License-Identifier: Apache-2.0
#include "exec/batch_executor.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::exec {
namespace {

constexpr size_t kResultBytes = 16;  // of a result without rows, about

}  // namespace

BatchExecutor::BatchExecutor(storage::Shard* shard, storage::View view,
                             std::vector<Operation> operations)
    : shard_(shard),
      operations_(std::move(operations)),
      reader_(shard, view),
      writer_(shard, view) {}

bool BatchExecutor::RunSome(int64_t max_units) {
  int64_t units = max_units;
  while (status_.ok() && next_ < operations_.size() && units > 0) {
    absl::StatusOr<bool> done = RunNext(&units);
    if (done.ok()) {
      if (const absl::Status size = CheckSize(); !size.ok()) done = size;
    }
    if (!done.ok()) {
      status_ = Annotate(
          done.status(),
          absl::StrCat("operation ", next_, " (", ToAbsl(KindName(operations_[next_].kind)), ")"));
      results_.clear();
    } else if (*done) {
      ++next_;
    }
  }
  return !status_.ok() || next_ == operations_.size();
}

absl::StatusOr<bool> BatchExecutor::RunNext(int64_t* units) {
  const Operation& operation = operations_[next_];
  const std::optional<SlotId> slot = SlotOf(operation);
  if (slot.has_value() && !shard_->Owns(*slot)) {
    return absl::InternalError(
        absl::StrCat("sent to a worker that does not own slot ", slot->value()));
  }
  if (results_.size() == next_) results_.emplace_back();
  OperationResult* result = &results_[next_];
  return IsWrite(operation.kind) ? writer_.Run(operation, units, result)
                                 : reader_.Run(operation, units, result);
}

absl::Status BatchExecutor::CheckSize() const {
  const size_t bytes =
      reader_.result_bytes() + writer_.follow_up_bytes() + results_.size() * kResultBytes;
  if (bytes <= kMaxBatchResultBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("the results of the batch exceed ",
                                                   kMaxBatchResultBytes,
                                                   " bytes; send fewer operations at a time"));
}

BatchResult BatchExecutor::TakeResult() {
  CHECK(status_.ok() && next_ == operations_.size());
  return {std::move(results_), writer_.TakeFollowUps()};
}

}  // namespace tidemark::exec
