// SPDX-License-Identifier: Apache-2.0
#include "worker/room_book.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::worker {
namespace {

// What one operation adds to the log besides what it brings along.
constexpr uint64_t kOperationOverheadBytes = 64;
// The deletion of a vertex logs its edges, a slice at a time; schema changes and records about the
// log itself need some room as well.
constexpr uint64_t kReserveBytes = 640 << 10;

// A record goes whole into one segment, and may leave as much unused at the end of the one before.
uint64_t WithGaps(uint64_t bytes) { return 2 * bytes; }

}  // namespace

RoomBook::RoomBook(durability::WalOptions options, durability::WalWriter* wal,
                   env::FileSystem* files)
    : options_(std::move(options)),
      reserve_bytes_(std::min(kReserveBytes, options_.segment_bytes / 4)),
      wal_(wal),
      files_(files) {
  CHECK(wal != nullptr);
  CHECK(files != nullptr);
}

void RoomBook::Promise(TxId tx, uint64_t pending_bytes) {
  CHECK(tx != TxId());
  uint64_t& promise = promises_[tx];
  CHECK_LE(promise, promised_bytes_);
  promised_bytes_ -= promise;
  promise = WithGaps(pending_bytes + durability::kMaxCommitOverheadBytes);
  promised_bytes_ += promise;
}

void RoomBook::Forget(TxId tx) {
  const auto found = promises_.find(tx);
  if (found == promises_.end()) return;
  CHECK_LE(found->second, promised_bytes_);
  promised_bytes_ -= found->second;
  promises_.erase(found);
}

void RoomBook::Clear() {
  promises_.clear();
  promised_bytes_ = 0;
}

void RoomBook::CheckInvariants() const {
  uint64_t bytes = 0;
  for (const auto& [tx, promise] : promises_) {
    CHECK_GE(promise, WithGaps(durability::kMaxCommitOverheadBytes)) << "transaction " << tx;
    bytes += promise;
  }
  CHECK_EQ(bytes, promised_bytes_);
}

absl::StatusOr<bool> RoomBook::MayWrite(uint64_t batch_bytes, uint64_t operation_count) {
  const uint64_t record_bytes =
      batch_bytes + operation_count * kOperationOverheadBytes + durability::kMaxCommitOverheadBytes;
  const uint64_t needed_bytes = promised_bytes_ + reserve_bytes_ + WithGaps(record_bytes);
  const bool may_grow = record_bytes > options_.segment_bytes / 2;
  if (wal_->HasRoom(needed_bytes)) {
    if (may_grow) RETURN_IF_ERROR(CheckRoomToGrow(batch_bytes, needed_bytes));
    return true;
  }
  if (wal_->disk_full().ok()) return false;
  return absl::ResourceExhaustedError(absl::StrCat(
      "worker ", options_.identity.node.value(), " refuses writes: ", MessageOf(wal_->disk_full()),
      "; make room on it, reads go on meanwhile"));
}

absl::Status RoomBook::CheckRoomToGrow(uint64_t batch_bytes, uint64_t needed_bytes) const {
  ASSIGN_OR_RETURN(const uint64_t free_bytes, files_->FreeBytes(options_.directory));
  if (free_bytes >= needed_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "worker ", options_.identity.node.value(), " refuses a write of ", batch_bytes,
      " bytes: it is large for a segment of its log, which has ", options_.segment_bytes,
      " bytes, and the disk of ", options_.directory, " has ", free_bytes,
      " bytes free; make room on it, or start with a larger --wal-segment-mb"));
}

}  // namespace tidemark::worker
