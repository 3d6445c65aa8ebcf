// SPDX-License-Identifier: Apache-2.0
#include "import/placement.h"

#include <algorithm>

#include "base/check.h"
#include "import/limits.h"
#include "storage/limits.h"

namespace tidemark::csv_import {

Placement::Placement(uint32_t worker_count)
    : slots_(worker_count), next_vertex_(kSlotCount, 1), next_edge_(kSlotCount, 1) {
  CHECK(worker_count >= 1 && worker_count <= kMaxWorkerCount);
  for (uint32_t slot = kSlotCount; slot-- > 0;) {
    const NodeId owner = OwnerOfSlot(SlotId(static_cast<uint16_t>(slot)), worker_count);
    Range& range = slots_[owner.value() - 1];
    range.first = slot;
    ++range.count;
  }
}

// Worker by worker; a worker fills a group of slots by turns, then its next group, and begins again
// with its first one when all are full.
void Placement::StartRun() {
  const Range& range = slots_[run_count_ % slots_.size()];
  const uint64_t run = run_count_ / slots_.size();  // of this worker
  const uint32_t open_count = std::min(storage::kOpenSlotCount, range.count);
  const uint64_t runs_per_slot = std::max(storage::kSlotFillCount / kPlacementRunCount, 1u);
  const uint64_t group = run / (open_count * runs_per_slot) % (range.count / open_count);
  slot_ = SlotId(static_cast<uint16_t>(range.first + group * open_count + run % open_count));
  left_in_run_ = kPlacementRunCount;
  ++run_count_;
}

VertexId Placement::NextVertex() {
  if (left_in_run_ == 0) StartRun();
  --left_in_run_;
  uint32_t& next = next_vertex_[slot_.value()];
  CHECK_NE(next, UINT32_MAX) << "slot " << slot_ << " is full";
  return VertexId(slot_, next++);
}

EdgeId Placement::NextEdge(SlotId source) {
  uint32_t& next = next_edge_[source.value()];
  CHECK_NE(next, UINT32_MAX) << "slot " << source << " is full";
  return EdgeId(source, next++);
}

}  // namespace tidemark::csv_import
