// SPDX-License-Identifier: Apache-2.0
#include "exec/memory_account.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "query/text/error.h"

namespace tidemark::exec {

using query::ErrorId;

absl::Status MemoryAccount::Reserve(size_t bytes) {
  if (bytes > limit_bytes_ - used_bytes_) {
    return ToStatus(query::MakeError(
        ErrorId::kQueryOutOfMemory,
        {operator_, absl::StrCat(bytes), absl::StrCat(used_bytes_), absl::StrCat(limit_bytes_)}));
  }
  const uint64_t used = used_bytes_ + bytes;
  if (used > taken_bytes_) {
    const uint64_t piece = std::max(used - taken_bytes_, kAccountPieceBytes);
    if (!pool_->TryTake(piece)) {
      return ToStatus(query::MakeError(ErrorId::kNodeOutOfMemory,
                                       {operator_, absl::StrCat(pool_->limit_bytes())}));
    }
    taken_bytes_ += piece;
  }
  used_bytes_ = used;
  return absl::OkStatus();
}

void MemoryAccount::Release(size_t bytes) {
  CHECK_LE(bytes, used_bytes_);
  used_bytes_ -= bytes;
  if (pool_ == nullptr) return;
  if (taken_bytes_ - used_bytes_ < 2 * kAccountPieceBytes) return;
  const uint64_t spare = taken_bytes_ - used_bytes_ - kAccountPieceBytes;
  pool_->Give(spare);
  taken_bytes_ -= spare;
}

uint64_t MemoryAccount::Detach() {
  pool_ = nullptr;
  return std::exchange(taken_bytes_, 0);
}

absl::Status MemoryHold::Add(MemoryAccount* account, size_t bytes) {
  RETURN_IF_ERROR(account->Reserve(bytes));
  account_ = account;
  bytes_ += bytes;
  return absl::OkStatus();
}

void MemoryHold::Remove(size_t bytes) {
  CHECK_LE(bytes, bytes_);
  bytes_ -= bytes;
  if (bytes > 0) account_->Release(bytes);
}

}  // namespace tidemark::exec
