// SPDX-License-Identifier: Apache-2.0
#include "session/result_room.h"

#include "absl/strings/str_cat.h"
#include "rpc/limits.h"

namespace tidemark::session {
namespace {

constexpr size_t kSmallResultBytes = size_t{64} << 10;

}  // namespace

absl::Status ResultRoom::Take(size_t bytes) {
  const size_t total_bytes = charge_.bytes() + bytes;
  if (total_bytes > rpc::kMaxMessageBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the results of the batch exceed ", rpc::kMaxMessageBytes,
                     " bytes, which no answer can have; ask for less at a time"));
  }
  if (total_bytes <= kSmallResultBytes) {
    budget_->Take(bytes);
  } else if (!budget_->TryTake(bytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the results find no room: those of all clients take ", budget_->used_bytes(),
                     " bytes, at most ", budget_->limit_bytes(),
                     " are allowed; ask for less at a time, or later"));
  }
  if (charge_.bytes() == 0) {
    charge_ = MemoryCharge(budget_, bytes);
  } else {
    charge_.Add(bytes);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::session
