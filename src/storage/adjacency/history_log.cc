// SPDX-License-Identifier: Apache-2.0
#include "storage/adjacency/history_log.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::storage {

uint64_t HistoryLog::Push(const GroupKey& key, const Growth& growth, uint64_t newest) {
  CHECK_LT(tail_ - head_, UINT32_MAX);
  if (chunks_.empty()) first_chunk_ = tail_ / kChunkRecordCount;
  if (tail_ / kChunkRecordCount - first_chunk_ == chunks_.size()) {
    chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
  }
  Record record{};
  record.csn = growth.csn.value();
  record.vertex_and_side = key.vertex.value() << 1 | (key.incoming ? 1 : 0);
  record.length = growth.length;
  record.type = key.type.value();
  record.lowest = record.highest = growth.sequence;
  if (IsAlive(newest)) {
    Record& previous = At(newest);
    previous.highest = std::max(previous.highest, growth.last_sequence);
    previous.count = static_cast<uint32_t>(growth.length - previous.length);
    record.previous = static_cast<uint32_t>(tail_ - newest);
    record.depth = previous.depth + 1;
    if (record.depth >= kFirstJumpDepth) SetJump(newest, &record);
  }
  chunks_[tail_ / kChunkRecordCount - first_chunk_]->records[tail_ % kChunkRecordCount] = record;
  return tail_++;
}

// Jumps as in a skew-binary list: every record reaches any older one in O(log n) steps.
void HistoryLog::SetJump(uint64_t newest, Record* record) const {
  const uint64_t jump = Older(newest, At(newest).jump);
  const uint64_t jump_twice = jump == kNoLink ? kNoLink : Older(jump, At(jump).jump);
  const bool same_distance = jump_twice != kNoLink && At(newest).depth - At(jump).depth ==
                                                          At(jump).depth - At(jump_twice).depth;
  record->jump = static_cast<uint32_t>(tail_ - (same_distance ? jump_twice : newest));
  if (!same_distance) return;
  for (const uint64_t link : {newest, jump}) {
    record->lowest = std::min(record->lowest, At(link).lowest);
    record->highest = std::max(record->highest, At(link).highest);
  }
}

std::optional<uint64_t> HistoryLog::LengthAt(uint64_t newest, Csn csn) const {
  if (!IsAlive(newest) || At(newest).csn <= csn.value()) return std::nullopt;
  uint64_t link = newest;  // a record above csn; the oldest such record has the length
  while (true) {
    const Record& record = At(link);
    const uint64_t jump = Older(link, record.jump);
    if (jump != kNoLink && At(jump).csn > csn.value()) {
      link = jump;
      continue;
    }
    const uint64_t previous = Older(link, record.previous);
    if (previous == kNoLink || At(previous).csn <= csn.value()) return record.length;
    link = previous;
  }
}

void HistoryLog::PopFront() {
  CHECK(!empty());
  ++head_;
  if (head_ / kChunkRecordCount > first_chunk_) {
    chunks_.pop_front();
    ++first_chunk_;
  }
}

void HistoryLog::PopBack() {
  CHECK(!empty());
  --tail_;
  if (tail_ % kChunkRecordCount == 0) chunks_.pop_back();
}

void HistoryLog::Clear() {
  chunks_.clear();
  head_ = tail_;
}

}  // namespace tidemark::storage
