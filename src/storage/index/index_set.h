// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "storage/index/label_index.h"
#include "storage/index/ordered_index.h"
#include "storage/index/unique_index.h"
#include "storage/records/label_set.h"
#include "storage/records/vertex_store.h"
#include "storage/schema_store.h"

namespace tidemark::storage {

// All indexes of a shard and the rules that keep them: an index holds an entry for every version of
// an element that some reader may still see, whoever wrote it; the reader checks what it finds.
// An index is kept from its first definition until the horizon has passed its dropping, so that a
// rollback finds it complete. Threads: one.
class IndexSet {
 public:
  explicit IndexSet(const LabelSetTable* label_sets) : label_sets_(label_sets) {}
  IndexSet(const IndexSet&) = delete;
  IndexSet& operator=(const IndexSet&) = delete;

  // A key that an image has in an index over properties.
  struct Key {
    IndexId index;
    graph::IndexKind kind;
    std::string bytes;
    friend bool operator==(const Key&, const Key&) = default;
  };
  // The image's keys, by index. kInvalidArgument when a value cannot be indexed.
  absl::StatusOr<std::vector<Key>> KeysOf(uint32_t label_set, std::string_view properties) const;
  // The keys that an image that is there has. A value that an index cannot hold is older than that
  // index, whose build then fails; the other indexes hold the image all the same.
  std::vector<Key> KeysOfImage(const Image& image) const;
  // Whether KeysOf can give anything but an empty list.
  bool has_property_indexes() const { return !property_indexes_.empty(); }
  // The properties that constraints require of vertices with the label.
  absl::Span<const graph::IndexDefinition* const> RequirementsOf(LabelId label) const {
    const auto it = requirements_.find(label);
    return it == requirements_.end() ? absl::Span<const graph::IndexDefinition* const>()
                                     : it->second;
  }
  bool has_requirements() const { return !requirements_.empty(); }

  // A vertex has a new image; `keys` are its keys.
  void AddImage(VertexId vertex, const Image& before, const Image& after,
                const std::vector<Key>& keys);
  // An image of the vertex that was in the chain of `record` is gone: takes out the entries that
  // no other image needs. Returns what that took, in units.
  int64_t DropImage(VertexId vertex, const VertexRecord& record, const Image& gone);

  bool IsIndexed(TypeId type) const { return edge_types_indexed_.contains(type); }
  // Whether sources() is complete for the type.
  bool IsOnline(TypeId type) const { return edge_types_online_.contains(type); }
  void AddSource(TypeId type, VertexId source) { sources_.Insert(type.value(), source.value()); }
  void DropSource(TypeId type, VertexId source) { sources_.Erase(type.value(), source.value()); }

  // Schema.
  void ApplyDefinition(Csn csn, const graph::IndexDefinition& definition);
  void RollbackSchemaTo(Csn csn);
  // Frees dropped indexes in steps. True when nothing is left to free.
  bool CollectSome(Csn horizon, int64_t* units);
  const SchemaStore& schema() const { return schema_; }
  // Null when there is none.
  const graph::IndexDefinition* FindDefinition(IndexId index) const;

  const LabelIndex& labels() const { return labels_; }
  const LabelIndex& sources() const { return sources_; }
  const OrderedIndex* FindOrdered(IndexId index) const;
  UniqueIndex& unique() { return unique_; }
  const UniqueIndex& unique() const { return unique_; }

  // Where the online build of an index goes on.
  VertexId& build_position(IndexId index) { return build_positions_[index]; }
  // Adds what one existing vertex needs in the index. Returns its newest committed key for a
  // unique index. Sets *broken when the vertex breaks the rule or a value cannot be indexed.
  std::optional<std::string> BuildVertex(const graph::IndexDefinition& definition, VertexId vertex,
                                         VertexRecord* record, bool* broken);

  // The same effort however many indexes there are: every write asks.
  uint64_t memory_bytes() const {
    return labels_.memory_bytes() + sources_.memory_bytes() + unique_.memory_bytes() +
           ordered_bytes_;
  }
  // CHECKs that every image of the vertex has its entries. Slow.
  void CheckVertex(VertexId vertex, const VertexRecord& record) const;
  void CheckInvariants() const;

 private:
  // Follows the schema: what is asked for by label or type, so that no write looks at all indexes.
  // REQUIRES: called after every change of kept_.
  void Refresh();
  using Definitions = absl::InlinedVector<const graph::IndexDefinition*, 8>;
  // Of the labels in the set, ascending by id.
  Definitions PropertyIndexesOf(uint32_t label_set) const;
  bool ImageHasLabel(const Image& image, LabelId label) const {
    return image.exists && label_sets_->Contains(image.label_set, label);
  }
  // Changes an ordered index and counts its bytes.
  template <typename Change>
  void ChangeOrdered(OrderedIndex* index, Change change) {
    ordered_bytes_ -= index->memory_bytes();
    change(index);
    ordered_bytes_ += index->memory_bytes();
  }
  void InsertOrdered(IndexId index, std::string_view key, VertexId vertex) {
    ChangeOrdered(ordered_.at(index).get(),
                  [&](OrderedIndex* ordered) { ordered->Insert(key, vertex.value()); });
  }
  // Calls on_bad(definition, status) for a value that cannot be indexed.
  template <typename OnBad>
  std::vector<Key> CollectKeys(uint32_t label_set, std::string_view properties, OnBad on_bad) const;

  const LabelSetTable* label_sets_;
  SchemaStore schema_;
  LabelIndex labels_;
  LabelIndex sources_;  // by edge type: vertices with an outgoing group of that type
  UniqueIndex unique_;
  // Every index that is kept, dropped ones included until the horizon passes.
  absl::btree_map<IndexId, graph::IndexDefinition> kept_;
  absl::btree_map<IndexId, std::unique_ptr<OrderedIndex>> ordered_;
  // What is not dropped, by label; points into kept_.
  using ByLabel = absl::flat_hash_map<LabelId, std::vector<const graph::IndexDefinition*>>;
  ByLabel property_indexes_;
  ByLabel requirements_;
  absl::btree_set<TypeId> edge_types_indexed_;
  absl::btree_set<TypeId> edge_types_online_;
  absl::btree_map<IndexId, VertexId> build_positions_;
  uint64_t ordered_bytes_ = 0;  // of all ordered indexes, those being freed included
  // Being freed.
  std::vector<std::unique_ptr<OrderedIndex>> freed_ordered_;
  std::vector<IndexId> freed_unique_;
  std::vector<TypeId> freed_types_;
  std::string freed_unique_cursor_;
};

// Calls fn(image) for the newest image of a vertex and every older one in its chain, until it
// returns true. Returns whether it did.
template <typename Fn>
bool AnyImage(const VertexRecord& record, Fn fn) {
  Image image = record.image();
  if (fn(image)) return true;
  for (const UndoRecord* undo = record.undo; undo != nullptr; undo = undo->older) {
    image.Undo(*undo);
    if (fn(image)) return true;
  }
  return false;
}

}  // namespace tidemark::storage
