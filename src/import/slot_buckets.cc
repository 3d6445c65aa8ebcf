// SPDX-License-Identifier: Apache-2.0
#include "import/slot_buckets.h"

#include <algorithm>

#include "base/status.h"
#include "import/limits.h"

namespace tidemark::csv_import {

SlotBuckets::SlotBuckets(env::FileSystem* files, std::string path, size_t memory_bytes)
    : files_(files), path_(std::move(path)), memory_bytes_(memory_bytes), buckets_(kSlotCount) {}

std::string SlotBuckets::TakeBlock(size_t capacity_bytes) {
  std::string block;
  if (!free_blocks_.empty()) {
    block = std::move(free_blocks_.back());
    free_blocks_.pop_back();
  }
  block.reserve(capacity_bytes);
  return block;
}

absl::Status SlotBuckets::Append(SlotId slot, std::string_view record) {
  Bucket& bucket = buckets_[slot.value()];
  if (bucket.blocks.empty() ||
      bucket.blocks.back().capacity() - bucket.blocks.back().size() < record.size()) {
    bucket.blocks.push_back(TakeBlock(std::max(kBucketBlockBytes, record.size())));
  }
  bucket.blocks.back().append(record);
  bucket.total_bytes += record.size();
  buffered_bytes_ += record.size();
  return buffered_bytes_ > memory_bytes_ ? Spill() : absl::OkStatus();
}

absl::Status SlotBuckets::Spill() {
  if (file_ == nullptr) {
    ASSIGN_OR_RETURN(file_, files_->Open(path_, env::OpenMode::kCreate));
  }
  for (Bucket& bucket : buckets_) {
    if (bucket.blocks.empty()) continue;
    Run run{file_bytes_, 0};
    for (std::string& block : bucket.blocks) {
      RETURN_IF_ERROR(file_->WriteAt(file_bytes_, block));
      run.bytes += block.size();
      file_bytes_ += block.size();
      block.clear();
      // One that was made for a large record goes back to the heap.
      if (block.capacity() < 2 * kBucketBlockBytes) free_blocks_.push_back(std::move(block));
    }
    bucket.blocks.clear();
    bucket.runs.push_back(run);
  }
  buffered_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status SlotBuckets::ReadRuns(SlotId slot, const RunFunction& fn) {
  const Bucket& bucket = buckets_[slot.value()];
  std::string bytes;
  for (const Run& run : bucket.runs) {
    bytes.resize(run.bytes);
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(run.offset, bytes.data(), bytes.size()));
    if (got != run.bytes) {
      return absl::DataLossError(absl::StrCat(path_, " is shorter than what was written to it"));
    }
    RETURN_IF_ERROR(fn(bytes));
  }
  for (const std::string& block : bucket.blocks) RETURN_IF_ERROR(fn(block));
  return absl::OkStatus();
}

void SlotBuckets::Drop(SlotId slot) { buckets_[slot.value()] = Bucket(); }

}  // namespace tidemark::csv_import
