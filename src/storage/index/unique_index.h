// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "storage/index/ordered_index.h"

namespace tidemark::storage {

// The entries (index, key) -> holder of all uniqueness constraints, for the slots that one shard
// owns. Uniqueness is checked against the newest version, committed or not; reads are
// multi-version.
//
// The newest committed holders are in one ordered tree by (slot, index, key): no rehash ever, and
// the entries of one slot are neighbours. Beside it is a small table of keys in flight: what an
// open transaction has claimed or released, and the holders before the commits above the horizon.
//
// Order of calls: Commit in csn order. Threads: one. Errors: see Claim; nothing else fails.
class UniqueIndex {
 public:
  UniqueIndex() = default;
  UniqueIndex(const UniqueIndex&) = delete;
  UniqueIndex& operator=(const UniqueIndex&) = delete;

  // kAborted when another open transaction has claimed or released the key; kAlreadyExists when
  // another vertex holds it. To claim what the vertex holds already is fine.
  absl::Status Claim(TxId tx, IndexId index, std::string_view key, VertexId vertex);
  // kAborted as above. No effect when `vertex` does not hold the key.
  absl::Status Release(TxId tx, IndexId index, std::string_view key, VertexId vertex);
  bool HasWrites(TxId tx) const { return open_.contains(tx); }

  // Makes the transaction's changes committed with `csn`; each key takes one of `*units`. True when
  // all are done, else the caller calls again (with the same arguments, before any other Commit).
  bool Commit(TxId tx, Csn csn, int64_t* units);
  // Gives the transaction's keys back; each takes one of `*units`. True when all are done, else the
  // caller calls again. Nobody else gets a key before that.
  bool AbortSome(TxId tx, int64_t* units);
  void AbortAll();

  // The holder for a reader of commits <= read_csn and of the writes of `tx` (0 = none).
  // REQUIRES: read_csn >= horizon.
  std::optional<VertexId> Find(Csn read_csn, TxId tx, IndexId index, std::string_view key) const;

  // Versions older than the newest <= horizon may go; CollectSome frees them, one unit of `*units`
  // each. True when none is left.
  void SetHorizon(Csn horizon);
  bool CollectSome(int64_t* units);
  // Aborts what is open and undoes every commit > csn. REQUIRES: csn >= horizon.
  void RollbackTo(Csn csn);

  // Recovery: the newest state is set without version or check. REQUIRES: nothing in flight.
  void Put(IndexId index, std::string_view key, VertexId holder);
  void Remove(IndexId index, std::string_view key);

  // Calls visit(index, key, holder) for the entries of `slot` as of `csn`, by index and key, for at
  // most `*units` entries looked at. True at the end; else `cursor` (empty = from the start) says
  // where to go on, whatever has changed meanwhile. REQUIRES: csn >= horizon.
  using Visitor = std::function<void(IndexId index, std::string_view key, VertexId holder)>;
  bool VisitSlot(Csn csn, SlotId slot, int64_t* units, std::string* cursor,
                 const Visitor& visit) const;
  // Frees the entries of a dropped index, one unit each. True when none is left; else `cursor` says
  // where to go on. REQUIRES: the horizon has passed the commit that dropped it.
  bool DropIndex(IndexId index, int64_t* units, std::string* cursor);

  uint64_t size() const { return committed_.size(); }  // keys held in the newest committed state
  uint64_t memory_bytes() const;
  uint64_t undo_bytes() const { return in_flight_bytes_; }
  void Clear();
  // CHECKs that the tree, the keys in flight, the open transactions and the history agree. Slow.
  void CheckInvariants() const;

 private:
  // The holder before a commit; an invalid id = none.
  struct Version {
    Csn csn;
    VertexId previous;
  };
  struct InFlight {
    TxId tx;                    // 0 = no open change
    VertexId holder;            // the open change's holder; invalid = released
    VertexId committed;         // the newest committed holder, as in the tree
    std::vector<Version> past;  // oldest first, all above the horizon or not yet collected
  };
  using InFlightMap = std::map<std::string, InFlight, std::less<>>;  // nodes stay where they are
  struct HistoryEntry {
    Csn csn;
    InFlightMap::iterator key;
  };

  VertexId Committed(std::string_view entry_key) const;
  void SetCommitted(std::string_view entry_key, VertexId before, VertexId after);
  // The key's node for a change by `tx`; kAborted when another open transaction has changed it.
  absl::StatusOr<InFlightMap::iterator> Open(TxId tx, IndexId index, std::string_view key);
  void Change(TxId tx, InFlightMap::iterator it, VertexId holder);
  void ForgetIfIdle(InFlightMap::iterator it);
  static VertexId HolderAt(const InFlight& entry, Csn csn);

  OrderedIndex committed_;  // keys: slot (big-endian 16), index (big-endian 32), index key
  InFlightMap in_flight_;
  // Keys that a transaction has changed; committed ones are taken from the back.
  absl::flat_hash_map<TxId, std::deque<InFlightMap::iterator>> open_;
  std::deque<HistoryEntry> history_;  // ascending csn
  Csn horizon_;
  uint64_t in_flight_bytes_ = 0;
  mutable std::string find_key_;  // of the last Find: lookups allocate nothing
};

}  // namespace tidemark::storage
