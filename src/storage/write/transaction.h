// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "graph/index_definition.h"
#include "storage/adjacency/adjacency.h"
#include "storage/memory/growing_array.h"
#include "storage/memory/incremental_map.h"
#include "storage/memory/packed_bytes.h"
#include "storage/records/count_store.h"
#include "storage/records/undo_record.h"
#include "storage/shard.h"

namespace tidemark::storage {

// An edge that a transaction has made; nobody else sees it before the commit.
struct EdgeInsert {
  EdgeId edge;
  VertexId source;
  VertexId target;
  PackedBytes properties;
  uint32_t type : 20 = 0;
  uint32_t sides : 2 = 0;      // graph::EdgeSides kept by this shard
  uint32_t cancelled : 1 = 0;  // deleted again by the same transaction

  EdgeEnds ends() const { return {edge, source, target, TypeId(type)}; }
};

// An edge that a transaction has deleted at this shard.
struct EdgeRemoval {
  EdgeId edge;
  VertexId source;
  VertexId target;
  uint32_t type : 20 = 0;
  uint32_t sides : 2 = 0;
};

// Where the entries of a deleted edge are, as far as they are kept here.
struct RemovalPlaces {
  EdgePlace at_source;
  EdgePlace at_target;
};

// How far the search for the first removal without places has come.
struct RemovalSearch {
  EntrySearch entry;
  RemovalPlaces found;
  bool source_done = false;
};

// What a transaction has written to this shard: the mutations for the log, the edges it keeps to
// itself until it commits, and what must be restored when it does not. After the commit the rest
// stays as its undo until the horizon passes. Threads: one.
class Transaction {
 public:
  explicit Transaction(TxId id) : id_(id) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  TxId id() const { return id_; }
  bool has_writes() const { return has_writes_; }
  void NoteWrite() { has_writes_ = true; }

  std::string& mutations() { return mutations_; }
  GrowingArray<EdgeInsert>& inserts() { return inserts_; }
  GrowingArray<EdgeRemoval>& removals() { return removals_; }
  // Of the first removals; those behind them have not been found yet.
  GrowingArray<RemovalPlaces>& places() { return places_; }
  RemovalSearch& removal_search() { return removal_search_; }
  GrowingArray<UndoRecord*>& undo() { return undo_; }
  std::vector<graph::IndexDefinition>& schema() { return schema_; }
  CountChanges& counts() { return counts_; }
  const CountChanges& counts() const { return counts_; }

  void AddInsert(const EdgeInsert& insert) { inserts_.push_back(insert); }
  // Takes back an edge of its own. REQUIRES: from FindInsert.
  void Cancel(EdgeInsert* insert);
  void AddRemoval(const EdgeRemoval& removal);

  // The transaction's own edge, null when it made none of that id or has deleted it again.
  EdgeInsert* FindInsert(EdgeId edge);
  // Whether it has deleted an edge that was there before.
  bool HasRemoved(EdgeId edge) const { return removed_.Contains(edge.value()); }
  // The removals at one vertex on one side. As long as they are few their sequences are at hand.
  struct RemovedAt {
    static constexpr uint32_t kFewCount = 4;

    uint32_t count = 0;
    uint32_t sequences[kFewCount] = {};

    bool are_few() const { return count <= kFewCount; }
  };
  // Null when there are none. Valid until the next write.
  const RemovedAt* FindRemovedAt(VertexId vertex, bool incoming) const {
    return removed_at_.Find(SideKey(vertex, incoming));
  }
  uint32_t RemovedCountAt(VertexId vertex, bool incoming) const {
    const RemovedAt* removed = FindRemovedAt(vertex, incoming);
    return removed == nullptr ? 0 : removed->count;
  }
  // How many edges made by this transaction are at the vertex on that side.
  uint32_t InsertCountAt(VertexId vertex, bool incoming);
  // Calls visit(insert) for its own edges at a vertex, in order, until it returns false. Returns
  // the number to go on with as `first`, UINT64_MAX at the end.
  template <typename Visit>
  uint64_t VisitInsertsAt(VertexId vertex, bool incoming, uint64_t first, Visit&& visit) {
    if (inserts_.empty()) return UINT64_MAX;
    IndexInserts();
    const Chain* chain = chains_.Find(SideKey(vertex, incoming));
    if (chain == nullptr) return UINT64_MAX;
    // A later call begins at the number where the one before stopped, a link of the same chain.
    // A client may hand in any number: then it gets edges of its own transaction or none.
    if (first >= inserts_.size()) return UINT64_MAX;
    uint32_t at = first > chain->first ? static_cast<uint32_t>(first) : chain->first;
    while (at != kNone) {
      const EdgeInsert& insert = inserts_[at];
      if (!insert.cancelled && !visit(insert)) return at;
      at = incoming ? links_[at].next_in : links_[at].next_out;
    }
    return UINT64_MAX;
  }

  // Bytes it holds in memory, the records of its undo apart.
  size_t memory_bytes() const {
    return mutations_.capacity() + inserts_.memory_bytes() + removals_.memory_bytes() +
           places_.memory_bytes() + undo_.memory_bytes() + links_.memory_bytes() +
           own_edges_.memory_bytes() + chains_.memory_bytes() + removed_.memory_bytes() +
           removed_at_.memory_bytes() + counts_.memory_bytes() + sizeof(Transaction);
  }
  // What the shard's memory count holds of it.
  size_t counted_bytes() const { return counted_bytes_; }
  void set_counted_bytes(size_t bytes) { counted_bytes_ = bytes; }
  // Frees what only an open transaction needs.
  void ForgetPrivateState();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Links {
    uint32_t next_out = kNone;
    uint32_t next_in = kNone;
  };
  struct Chain {
    uint32_t first = kNone;
    uint32_t last = kNone;
    uint32_t count = 0;  // not cancelled
  };
  static uint64_t SideKey(VertexId vertex, bool incoming) {
    return vertex.value() << 1 | (incoming ? 1 : 0);
  }
  // Catches up with inserts made since the last call: transactions that never read their own edges
  // pay nothing.
  void IndexInserts();
  void NoteRemoved(uint64_t side_key, EdgeId edge);
  void Link(uint64_t side_key, uint32_t number, bool incoming);

  TxId id_;
  bool has_writes_ = false;
  size_t counted_bytes_ = 0;
  std::string mutations_;
  GrowingArray<EdgeInsert> inserts_;
  GrowingArray<EdgeRemoval> removals_;
  GrowingArray<RemovalPlaces> places_;
  RemovalSearch removal_search_;
  GrowingArray<UndoRecord*> undo_;
  std::vector<graph::IndexDefinition> schema_;
  CountChanges counts_;

  GrowingArray<Links> links_;             // as many as are indexed
  IncrementalMap<uint32_t> own_edges_;    // edge id -> number of its insert
  IncrementalMap<Chain> chains_;          // by vertex and side
  IncrementalMap<uint8_t> removed_;       // edge ids
  IncrementalMap<RemovedAt> removed_at_;  // by vertex and side
};

}  // namespace tidemark::storage
