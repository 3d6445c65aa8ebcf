// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/wal_state.h"

#include <algorithm>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::durability {

bool WalState::IsDead(Epoch epoch, Csn csn) const {
  if (PlantedBug("wal-dead-records-not-filtered")) return false;
  return std::any_of(epochs.begin(), epochs.end(),
                     [&](const auto& later) { return later.first > epoch && later.second < csn; });
}

Csn WalState::NewestThrough(Csn watermark) const {
  CHECK_GE(watermark, base.watermark);
  Csn newest = base.watermark_last;
  // Commits up to complete_after are not in the log, but its newest one is known.
  if (base.complete_after <= watermark) newest = std::max(newest, base.complete_after);
  for (const WalTailEntry& entry : tail) {
    if (entry.csn > watermark) break;
    newest = entry.csn;
  }
  return newest;
}

void WalState::AdvanceWatermark(Csn watermark) {
  base.watermark_last = NewestThrough(watermark);
  base.watermark = watermark;
  while (!tail.empty() && tail.front().csn <= watermark) {
    watermark_end = tail.front().end;
    tail.pop_front();
  }
}

void WalState::DropAbove(Csn csn) {
  CHECK_GE(csn, base.watermark);
  while (!tail.empty() && tail.back().csn > csn) {
    base.last_csn = tail.back().previous_csn;
    tail.pop_back();
  }
}

std::string WalState::DescribeEnd(std::string_view directory) const {
  const WalPosition& at = torn.segment != 0 ? torn : end;
  if (at.segment == 0) return absl::StrCat(ToAbsl(directory), ", which has no segment");
  return absl::StrCat(ToAbsl(directory), "/", WalSegmentName(at.segment), ", offset ", at.offset);
}

void WalState::CheckInvariants() const {
  CHECK_LE(base.watermark_last, base.watermark);
  CHECK_LE(base.watermark_last, base.last_csn);
  CHECK_LE(base.complete_after, base.last_csn);
  CHECK_GE(next_sequence, 1u);
  Csn previous = base.watermark;
  for (const WalTailEntry& entry : tail) {
    CHECK_GT(entry.csn, previous);
    CHECK_LT(entry.previous_csn, entry.csn);
    CHECK(entry.begin < entry.end);
    CHECK(entry.end <= end);
    CHECK_LE(entry.epoch, base.epoch);
    previous = entry.csn;
  }
  if (!tail.empty()) CHECK_EQ(tail.back().csn, base.last_csn);
  CHECK_EQ(segments.empty(), end.segment == 0);
  for (size_t i = 0; i < segments.size(); ++i) {
    CHECK_EQ(segments[i].number, segments[0].number + i);
    if (i > 0) CHECK_GE(segments[i].last_before, segments[i - 1].last_before);
  }
  if (!segments.empty()) {
    CHECK_EQ(segments.back().number, end.segment);
    CHECK_EQ(segments.back().used_bytes, end.offset);
  }
  CHECK(std::is_sorted(epochs.begin(), epochs.end()));
}

}  // namespace tidemark::durability
