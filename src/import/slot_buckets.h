// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "env/file_system.h"

namespace tidemark::csv_import {

// Sorts records into one bucket per slot. Memory comes in blocks of kBucketBlockBytes. When the
// records exceed `memory_bytes` they go to a temporary file, one run per slot, and the blocks are
// used again. A run holds whole records.
// Owner: GraphBuilder. Threads: one; once nothing is appended any more, one for each slot. Blocks.
// Errors: of the file.
class SlotBuckets {
 public:
  // `path` is created when memory does not suffice, and not removed.
  SlotBuckets(env::FileSystem* files, std::string path, size_t memory_bytes);

  absl::Status Append(SlotId slot, std::string_view record);
  // Calls fn for every run of the slot's records, in the order of appending. An error of fn ends
  // it.
  using RunFunction = std::function<absl::Status(std::string_view run)>;
  absl::Status ReadRuns(SlotId slot, const RunFunction& fn);
  // Frees what the slot has in memory. REQUIRES: nothing is appended or read there again.
  void Drop(SlotId slot);

  uint64_t slot_bytes(SlotId slot) const { return buckets_[slot.value()].total_bytes; }
  uint64_t spilled_bytes() const { return file_bytes_; }

 private:
  struct Run {
    uint64_t offset;
    uint64_t bytes;
  };
  struct Bucket {
    std::vector<std::string> blocks;  // never beyond their capacity
    std::vector<Run> runs;            // come before the blocks
    uint64_t total_bytes = 0;
  };
  std::string TakeBlock(size_t capacity_bytes);
  absl::Status Spill();

  env::FileSystem* const files_;
  const std::string path_;
  const size_t memory_bytes_;
  std::unique_ptr<env::File> file_;
  uint64_t file_bytes_ = 0;
  size_t buffered_bytes_ = 0;
  std::vector<Bucket> buckets_;
  std::vector<std::string> free_blocks_;
};

}  // namespace tidemark::csv_import
