// SPDX-License-Identifier: Apache-2.0
#include "worker/snapshot_task.h"

#include <utility>

#include "base/check.h"

namespace tidemark::worker {

SnapshotTask::SnapshotTask(env::FileSystem* files, env::Executor* executor,
                           const durability::SnapshotOptions& options, storage::Shard* shard,
                           std::function<void()> wake)
    : shard_(shard), csn_(options.csn), writer_(files, executor, options) {
  CHECK(shard != nullptr && wake != nullptr);
  writer_.set_on_ready(std::move(wake));
}

bool SnapshotTask::RunSlice(int64_t max_units) {
  // Slots that hold nothing cost next to nothing: a slice walks over many of them.
  constexpr int kMaxSlotsPerSlice = 256;
  CHECK_GT(max_units, 0);
  CHECK(done_ != nullptr || finished_) << "nobody is told when the snapshot is written";
  if (finished_) return false;
  for (int n = 0; n < kMaxSlotsPerSlice && slot_ < kSlotCount; ++n) {
    const SlotId slot(static_cast<uint16_t>(slot_));
    if (!shard_->Owns(slot)) {
      ++slot_;
      continue;
    }
    if (!writer_.Ready()) return false;
    const bool complete = shard_->SnapshotSlot(
        {csn_, slot, max_units, durability::kSnapshotChunkBytes}, &cursor_, &chunk_);
    const bool worked = !chunk_.empty();
    if (worked && (complete || chunk_.size() >= durability::kSnapshotChunkBytes)) {
      bytes_ += chunk_.size();
      writer_.AddChunk(slot, std::move(chunk_));
      chunk_.clear();
    }
    if (complete) {
      ++slot_;
      cursor_ = {};
    }
    if (worked) return true;
  }
  if (slot_ < kSlotCount) return true;
  CHECK(chunk_.empty()) << "the last slot is not written";
  finished_ = true;
  writer_.Finish([this](absl::StatusOr<durability::SnapshotInfo> info) {
    const Done done = std::move(done_);
    done(std::move(info));
  });
  return false;
}

}  // namespace tidemark::worker
