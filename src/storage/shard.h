// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/index_definition.h"
#include "graph/mutation.h"
#include "storage/limits.h"

namespace tidemark::storage {

// Who reads: commits <= read_csn and, when tx is not 0, that transaction's own writes.
struct View {
  Csn read_csn;
  TxId tx;
};

enum class Direction : uint8_t { kOut = 1, kIn = 2, kAny = 3 };

// Which neighbours of a vertex to visit.
struct Expansion {
  VertexId vertex;
  Direction direction = Direction::kAny;
  absl::Span<const TypeId> types;  // empty = all
  size_t max_count = 0;            // in one call
};

// Which neighbours of many vertices to visit.
struct BatchExpansion {
  absl::Span<const VertexId> vertices;
  Direction direction = Direction::kOut;
  absl::Span<const TypeId> types;  // empty = all
  size_t max_count = 0;            // in one call
};

// Of which edges of many vertices to count.
struct BatchDegree {
  absl::Span<const VertexId> vertices;
  Direction direction = Direction::kOut;
  absl::Span<const TypeId> types;  // empty = all
};

// Neighbours in columns: those of the i-th vertex of the batch end at ends[i].
struct NeighbourColumns {
  bool wants_edges = false;
  std::vector<VertexId> vertices;
  std::vector<EdgeId> edges;  // when they are wanted: one for each neighbour
  std::vector<size_t> ends;
};

// The vertices whose index key is in [first_key, last_key); equality is [key, key + '\0').
struct IndexRange {
  IndexId index;
  std::string_view first_key;
  std::string_view last_key;
  size_t max_count = 0;  // in one call
};

// A step of writing one slot as of a csn: how much work, how many bytes.
struct SnapshotSlice {
  Csn csn;
  SlotId slot;
  int64_t max_units = 0;
  size_t max_bytes = 0;
};

// One end of an edge as an expansion meets it.
struct Neighbour {
  VertexId vertex;  // the other end
  EdgeId edge;
  TypeId type;
  bool outgoing = false;
};

struct NewVertex {
  std::optional<SlotId> slot;  // else one of the shard's open slots
  absl::Span<const LabelId> labels;
  std::string_view properties;  // packed (graph/property_set.h)
};

struct EdgeEnds {
  EdgeId edge;  // invalid when the edge is to be created
  VertexId source;
  VertexId target;
  TypeId type;
};

// A vertex or edge as a reader sees it. Views live until the next call on the shard.
struct VertexView {
  std::vector<LabelId> labels;  // ascending
  std::string_view properties;
};
struct EdgeView {
  EdgeEnds ends;
  std::string_view properties;
};
// One of many vertices: without labels, not even an empty list of them, it does not exist for the
// reader.
struct VertexImage {
  const std::vector<LabelId>* labels = nullptr;  // ascending
  std::string_view properties;

  bool exists() const { return labels != nullptr; }
};

// How far the check of a transaction's writes has come.
struct Validation {
  uint32_t position = 0;
  // After an error: the constraint and the vertex that breaks it.
  IndexId broken;
  VertexId vertex;
};

// A change that another owner must make in the same transaction (or this shard, when it owns the
// slot): index keys that a write claims or releases.
struct KeyChange {
  IndexId index;
  VertexId vertex;
  std::string key;
  bool claim = true;
};

struct ShardStats {
  uint64_t vertices = 0;  // as of the newest applied commit
  uint64_t edges = 0;     // counted at the source
  uint64_t memory_bytes = 0;
  uint64_t undo_bytes = 0;
};

// How many vertices bear each label and how many edges of each type have their source here, as of
// the newest applied commit. Those of which there are none are left out; in no order.
struct ShardCounts {
  std::vector<std::pair<LabelId, int64_t>> labels;
  std::vector<std::pair<TypeId, int64_t>> types;
};

// The multi-version graph of the slots that one shard owns, in memory: vertex and edge records,
// adjacency versioned by commit order, indexes, undo, garbage collection. No disk, no network.
// Design and layout: docs/storage.md.
//
// Threads: one (the shard's loop).
// Errors of writes: kAborted = write conflict (first updater wins), kNotFound = no such element for
// this transaction, kFailedPrecondition = rule of the graph (delete of a vertex with edges, missing
// required property), kAlreadyExists = key taken, kResourceExhausted = memory limit. After an error
// the caller must Abort the transaction.
class Shard {
 public:
  Shard(const ShardLimits& limits, uint32_t worker_count, NodeId self);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  bool Owns(SlotId slot) const;

  // --- Writes of an open transaction (opened by its first write). Each adds its Mutation to the
  // transaction's pending mutations. `changed_keys` may be null when no unique index exists; it
  // gets the unique keys to claim or release, also those this shard owns (the caller then calls
  // ChangeKey there).
  absl::StatusOr<VertexId> CreateVertex(View view, const NewVertex& vertex,
                                        std::vector<KeyChange>* changed_keys);
  // kFailedPrecondition when the vertex still has edges that this transaction can see.
  absl::Status DeleteVertex(View view, VertexId vertex, std::vector<KeyChange>* changed_keys);
  absl::Status SetLabel(View view, VertexId vertex, LabelId label, bool present,
                        std::vector<KeyChange>* changed_keys);
  // An empty `encoded_value` removes the property.
  absl::Status SetVertexProperty(View view, VertexId vertex, KeyId key,
                                 std::string_view encoded_value,
                                 std::vector<KeyChange>* changed_keys);
  // Changes nothing, but conflicts with every other writer of the vertex since the read csn.
  absl::Status TouchVertex(View view, VertexId vertex);
  // At the source's owner: makes the record and the out-entry, and the in-entry too when the target
  // is owned here. Else the caller sends LinkTarget to the target's owner.
  absl::StatusOr<EdgeId> CreateEdge(View view, const EdgeEnds& ends, std::string_view properties);
  // At the target's owner: makes the in-entry. kNotFound when the target does not exist.
  absl::Status LinkTarget(View view, const EdgeEnds& ends);
  // At the source's owner; returns the ends so that the caller can tell the target's owner (when it
  // is another one).
  absl::StatusOr<EdgeEnds> DeleteEdge(View view, EdgeId edge);
  // At the target's owner: removes the in-entry. REQUIRES: the source's owner knows the edge, and
  // lets the transaction delete it or aborts it.
  absl::Status UnlinkTarget(View view, const EdgeEnds& ends);
  absl::Status SetEdgeProperty(View view, EdgeId edge, KeyId key, std::string_view encoded_value);
  // At the owner of the key's slot. kAlreadyExists when another vertex holds the key (newest
  // committed state), kAborted when another open transaction has claimed or released it.
  absl::Status ChangeKey(View view, const KeyChange& change);

  // Finds the entries of the edges that the transaction has deleted here, so that its commit cannot
  // fail. To be called after a batch of writes; takes from `*units`. True when it has found all;
  // an error when one is not there: the caller must Abort the transaction.
  absl::StatusOr<bool> FindDeletedEdges(TxId tx, int64_t* units);
  // Checks existence constraints of everything the transaction wrote here, for about `*units` units
  // of work, which it takes away. True when all is checked; else the caller calls again with the
  // same `validation`. To be called behind the transaction's last writes, before it asks to commit.
  absl::StatusOr<bool> ValidateBeforeCommit(TxId tx, Validation* validation, int64_t* units);

  // --- Commit. The encoded mutations since the last call (the body of the WAL record or TxPart).
  std::string TakePendingMutations(TxId tx);
  size_t PendingMutationBytes(TxId tx) const;
  bool HasWrites(TxId tx) const;
  // Commits are applied in the order of these calls, which is csn order, by ApplySome: this call
  // only hands the transaction over.
  void Commit(TxId tx, Csn csn);
  // Applies queued commits for about `*units` units of work, which it takes away. True when none is
  // left.
  bool ApplySome(int64_t* units);
  // Every commit handed to Commit() up to here is applied.
  Csn applied() const;
  // False when there is something left to undo, as of a large transaction: CollectSome does it.
  // Unknown ids are fine.
  bool Abort(TxId tx);
  bool AbortAll();

  // --- Schema. A transaction's schema change takes effect when it is applied; replayed ones come
  // through Replay.
  void AddSchemaChange(TxId tx, const graph::IndexDefinition& definition);
  const std::vector<graph::IndexDefinition>& schema() const;
  // Online build of a local index in state kBuilding: adds the existing vertices in slices. True
  // when done. For kUnique: `emit` gets every (vertex, key) of this shard that must be claimed; the
  // caller sends the claims to the owners. `emit` gets a vertex without a key and without `claim`
  // when the vertex breaks the rule (kExists) or has a value that cannot be indexed.
  bool BuildIndexSome(IndexId index, int64_t max_units,
                      const std::function<void(const KeyChange&)>& emit);

  // --- Reads.
  // Begins to fetch what a coming call with this vertex touches first; any id may be given.
  void Prefetch(VertexId vertex) const;
  // nullopt when the vertex does not exist for this reader.
  std::optional<VertexView> GetVertex(View view, VertexId vertex);
  // GetVertex for many vertices, of any ids, several times as fast: memory is fetched ahead.
  // Replaces what is in `out` by an image for each.
  void GetVertices(View view, absl::Span<const VertexId> vertices, std::vector<VertexImage>* out);
  std::optional<EdgeView> GetEdge(View view, EdgeId edge);
  // Where an expansion or a scan goes on; default-constructed = from the start.
  struct Cursor {
    uint64_t position = 0;
    uint64_t part = 0;
    std::string key;
    bool done = false;
  };
  // Appends neighbours; sets cursor->done at the end. False when the vertex does not exist for this
  // reader.
  bool Expand(View view, const Expansion& expansion, Cursor* cursor, std::vector<Neighbour>* out);
  // Where an expansion of many vertices goes on: at vertices[next].
  struct BatchCursor {
    size_t next = 0;
    Cursor inner;
  };
  // Expand for many vertices, several times as fast: memory is fetched ahead. The other ends alone
  // are given, or with the ids of the edges; a vertex that does not exist for this reader has none.
  // Done when cursor->next has reached the number of vertices.
  void ExpandBatch(View view, const BatchExpansion& expansion, BatchCursor* cursor,
                   NeighbourColumns* out);
  // Adds to degrees[i] how many neighbours Expand would give of the i-th vertex; of one that does
  // not exist for this reader none. Most often without looking at them. Works for about `*units`
  // units, which it takes away. True when all are counted; else the next call goes on with the same
  // cursor. REQUIRES: as many degrees as vertices.
  bool Degrees(View view, const BatchDegree& wanted, BatchCursor* cursor, int64_t* units,
               absl::Span<uint64_t> degrees);
  // All vertices with `label`, or all vertices when it is 0.
  void ScanLabel(View view, LabelId label, size_t max_count, Cursor* cursor,
                 std::vector<VertexId>* out);
  void ScanEdgeType(View view, TypeId type, size_t max_count, Cursor* cursor,
                    std::vector<EdgeEnds>* out);
  // How many vertices ScanLabel would give; edges of this type, or all when it is 0, that have
  // their source here. In constant time, but for a reader that is older than commits: a binary
  // search.
  int64_t CountVertices(View view, LabelId label) const;
  int64_t CountEdges(View view, TypeId type) const;
  // OK when a lookup through the index shows this reader what a scan would: the index was online at
  // or below its read csn and is not dropped by now. Else kAborted, because writers at either end
  // of its life did not maintain it; kFailedPrecondition when nobody may use it yet or any more.
  absl::Status CheckLookup(View view, IndexId index) const;
  // kFailedPrecondition when the index is not online here.
  absl::Status ScanIndex(View view, const IndexRange& range, Cursor* cursor,
                         std::vector<VertexId>* out);
  // The vertex that holds a unique key, asked at the owner of the key's slot.
  std::optional<VertexId> FindKey(View view, IndexId index, std::string_view key);

  // --- Versions.
  // Versions older than the newest <= horizon may go. Never passes a csn that RollbackTo may need.
  void SetHorizon(Csn horizon);
  // Frees at most `max_units` units of garbage. True when none is left.
  bool CollectSome(int64_t max_units);
  // Undoes every commit > csn, newest first, and forgets open transactions. REQUIRES: csn >= the
  // horizon.
  void RollbackTo(Csn csn);

  // --- Recovery. Encoded mutations of complete transactions in csn order, or of a snapshot as of
  // `csn`: no conflicts, no undo, bulk paths. How many they are, each edge of a run as one. Errors:
  // kDataLoss when one is malformed or does not fit what is there; the shard is of no use then.
  absl::StatusOr<uint64_t> Replay(Csn csn, std::string_view mutations);
  // Ends Replay: what the shard holds is the state as of `csn`.
  void FinishRecovery(Csn csn);
  // Empties the shard.
  void Clear();

  // --- Snapshot. Appends mutations that rebuild `slot` as of `csn` to `out` until it has about
  // `max_bytes` or `max_units` units of work are done; the slot's first mutation is kNextSequences,
  // unless none of its ids was ever given. True when the slot is complete. The caller keeps the
  // horizon below csn + 1 meanwhile.
  struct SnapshotCursor {
    uint64_t stage = 0;
    uint64_t position = 0;
    uint64_t inner = 0;
    std::string key;
  };
  bool SnapshotSlot(const SnapshotSlice& slice, SnapshotCursor* cursor, std::string* out);

  ShardStats stats() const;
  ShardCounts counts() const;
  // CHECKs everything that must hold, adjacency symmetry within the shard included. Slow.
  void CheckInvariants() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::storage
