// SPDX-License-Identifier: Apache-2.0
#include "tools/import/slot_buckets.h"

#include "base/status.h"

namespace tidemark::tools {

SlotBuckets::SlotBuckets(env::FileSystem* files, std::string path, size_t memory_bytes)
    : files_(files), path_(std::move(path)), memory_bytes_(memory_bytes), buckets_(kSlotCount) {}

absl::Status SlotBuckets::Append(SlotId slot, std::string_view record) {
  Bucket& bucket = buckets_[slot.value()];
  bucket.buffer.append(record);
  bucket.total_bytes += record.size();
  buffered_bytes_ += record.size();
  return buffered_bytes_ > memory_bytes_ ? Spill() : absl::OkStatus();
}

absl::Status SlotBuckets::Spill() {
  if (file_ == nullptr) {
    ASSIGN_OR_RETURN(file_, files_->Open(path_, env::OpenMode::kCreate));
  }
  for (Bucket& bucket : buckets_) {
    if (bucket.buffer.empty()) continue;
    RETURN_IF_ERROR(file_->WriteAt(file_bytes_, bucket.buffer));
    bucket.runs.push_back({file_bytes_, bucket.buffer.size()});
    file_bytes_ += bucket.buffer.size();
    bucket.buffer = std::string();
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
  return bucket.buffer.empty() ? absl::OkStatus() : fn(bucket.buffer);
}

void SlotBuckets::Drop(SlotId slot) { buckets_[slot.value()] = Bucket(); }

}  // namespace tidemark::tools
