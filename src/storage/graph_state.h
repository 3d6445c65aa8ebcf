// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/ids.h"
#include "storage/index/index_set.h"
#include "storage/records/count_store.h"
#include "storage/records/edge_store.h"
#include "storage/records/label_set.h"
#include "storage/records/vertex_store.h"
#include "storage/write/transaction.h"

namespace tidemark::storage {

// Everything a shard holds. The classes that write, commit, read, collect, roll back, load and take
// snapshots share one of these and keep little of their own. Owned by the shard. Threads: one.
struct GraphState {
  GraphState(const ShardLimits& given_limits, uint32_t worker_count, NodeId self)
      : limits(given_limits),
        adjacency(&meter, &history),
        vertices(worker_count, self, &meter, &adjacency),
        edges(&meter),
        undo_pool(&meter),
        indexes(&label_sets) {}
  GraphState(const GraphState&) = delete;
  GraphState& operator=(const GraphState&) = delete;
  ~GraphState();

  // Null when it has written nothing here or has ended.
  Transaction* FindOpen(TxId tx) const {
    if (last_opened_ != nullptr && last_opened_->id() == tx) return last_opened_;
    const auto it = open_.find(tx);
    return it == open_.end() ? nullptr : it->second.get();
  }
  Transaction* Open(TxId tx) {
    if (last_opened_ != nullptr && last_opened_->id() == tx) return last_opened_;
    std::unique_ptr<Transaction>& transaction = open_[tx];
    if (transaction == nullptr) transaction = std::make_unique<Transaction>(tx);
    return last_opened_ = transaction.get();
  }
  // Takes a transaction out; null when it is not open.
  std::unique_ptr<Transaction> TakeOpen(TxId tx);
  bool has_open() const { return !open_.empty(); }
  // Ascending.
  std::vector<TxId> OpenIds() const;
  // kResourceExhausted when a write of about `bytes` would pass a limit.
  absl::Status CheckRoom(TxId tx, size_t bytes) const;
  // The same for a deletion, which may use a reserve: a full worker can be made room in.
  absl::Status CheckRoomToDelete(TxId tx) const;
  uint64_t memory_bytes() const {
    return meter.used_bytes() + history.memory_bytes() + indexes.memory_bytes() +
           counts.memory_bytes();
  }
  uint64_t undo_bytes() const {
    return undo_pool.record_bytes() + history.record_bytes() + indexes.unique().undo_bytes() +
           counts.record_bytes();
  }
  // Notes what the transaction holds now in the meter.
  void CountMemory(Transaction* transaction);
  // Drops the transaction's own count from the meter.
  void ForgetMemory(Transaction* transaction);

  // Takes back the newest change of an element: an abort or a rollback. Returns the units that its
  // labels and keys took.
  int64_t Undo(UndoRecord* record);

  struct Committed {
    Csn csn;
    std::unique_ptr<Transaction> transaction;
  };

  const ShardLimits limits;
  MemoryMeter meter;
  HistoryLog history;
  LabelSetTable label_sets;
  Adjacency adjacency;
  VertexStore vertices;
  EdgeStore edges;
  UndoPool undo_pool;
  IndexSet indexes;
  CountStore counts;
  std::deque<Committed> committed;  // what has undo above the horizon, ascending csn
  Csn horizon;
  Csn applied;

 private:
  absl::Status CheckRoomBelow(uint64_t limit_bytes, TxId tx, size_t bytes) const;
  int64_t UndoVertex(UndoRecord* record);
  void UndoEdge(UndoRecord* record);

  absl::flat_hash_map<TxId, std::unique_ptr<Transaction>> open_;
  Transaction* last_opened_ = nullptr;  // a transaction writes many times in a row
};

}  // namespace tidemark::storage
