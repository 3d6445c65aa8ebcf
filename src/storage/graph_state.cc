// SPDX-License-Identifier: Apache-2.0
#include "storage/graph_state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::storage {
namespace {

// What one deletion needs, roughly.
constexpr size_t kDeletionBytes = 256;

}  // namespace

GraphState::~GraphState() {
  for (auto& [tx, transaction] : open_) {
    for (uint32_t i = 0; i < transaction->inserts().size(); ++i) {
      transaction->inserts()[i].properties.Free(&meter);
    }
  }
}

std::unique_ptr<Transaction> GraphState::TakeOpen(TxId tx) {
  const auto it = open_.find(tx);
  if (it == open_.end()) return nullptr;
  std::unique_ptr<Transaction> transaction = std::move(it->second);
  open_.erase(it);
  if (last_opened_ == transaction.get()) last_opened_ = nullptr;
  return transaction;
}

std::vector<TxId> GraphState::OpenIds() const {
  std::vector<TxId> ids;
  for (const auto& [tx, transaction] : open_) ids.push_back(tx);
  std::sort(ids.begin(), ids.end());
  return ids;
}

absl::Status GraphState::CheckRoom(TxId tx, size_t bytes) const {
  return CheckRoomBelow(limits.memory_limit_bytes, tx, bytes);
}

absl::Status GraphState::CheckRoomToDelete(TxId tx) const {
  const uint64_t reserve_bytes = limits.memory_limit_bytes / kDeletionReserveShare;
  return CheckRoomBelow(limits.memory_limit_bytes + reserve_bytes, tx, kDeletionBytes);
}

absl::Status GraphState::CheckRoomBelow(uint64_t limit_bytes, TxId tx, size_t bytes) const {
  if (limit_bytes != 0 && memory_bytes() + bytes > limit_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the worker's graph uses ", memory_bytes(), " of ", limits.memory_limit_bytes,
                     " bytes of memory; delete data, raise --memory-limit-mb or add workers"));
  }
  const Transaction* transaction = FindOpen(tx);
  const size_t used = transaction == nullptr ? 0 : transaction->memory_bytes();
  if (used + bytes > limits.transaction_limit_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the transaction uses ", used, " of ", limits.transaction_limit_bytes,
                     " bytes of memory on one worker; write less in one transaction"));
  }
  return absl::OkStatus();
}

void GraphState::CountMemory(Transaction* transaction) {
  const size_t now = transaction->memory_bytes();
  meter.Add(now - transaction->counted_bytes());  // wraps around for less, and back
  transaction->set_counted_bytes(now);
}

void GraphState::ForgetMemory(Transaction* transaction) {
  meter.Remove(transaction->counted_bytes());
  transaction->set_counted_bytes(0);
}

int64_t GraphState::Undo(UndoRecord* record) {
  if (!record->is_edge()) return UndoVertex(record);
  UndoEdge(record);
  return 0;
}

int64_t GraphState::UndoVertex(UndoRecord* record) {
  const VertexId vertex = record->vertex();
  VertexRecord* newest = vertices.Find(vertex);
  CHECK(newest != nullptr && newest->undo == record) << "undo out of order: vertex " << vertex;
  const Image gone = newest->image();
  Image before = gone;
  before.Undo(*record);
  newest->exists = before.exists;
  newest->label_set = before.label_set;
  newest->properties = before.properties;
  const bool properties_changed = (record->changed & UndoRecord::kProperties) != 0;
  undo_pool.Take(&newest->undo, record);
  const int64_t used_units = indexes.DropImage(vertex, *newest, gone);
  if (properties_changed) PackedBytes(gone.properties).Free(&meter);
  if (newest->exists || newest->undo != nullptr) return used_units;
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(vertices.ReleaseSome(vertex, newest, &units));
  return used_units;
}

void GraphState::UndoEdge(UndoRecord* record) {
  EdgeRecord* newest = edges.Find(record->edge());
  CHECK(newest != nullptr) << "undo of edge " << record->edge() << ", which is not there";
  EdgeExtra* extra = edges.FindExtra(*newest);
  CHECK(extra != nullptr && extra->undo == record) << "undo out of order: edge " << record->edge();
  if ((record->changed & UndoRecord::kExistence) != 0) newest->deleted = 0;
  if ((record->changed & UndoRecord::kProperties) != 0) {
    extra->properties.Free(&meter);
    extra->properties = record->properties;
  }
  undo_pool.Take(&extra->undo, record);
  edges.DropExtraIfEmpty(newest);
}

}  // namespace tidemark::storage
