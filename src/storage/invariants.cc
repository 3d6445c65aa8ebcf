// SPDX-License-Identifier: Apache-2.0
#include "storage/invariants.h"

#include <limits>

#include "absl/container/flat_hash_map.h"
#include "base/check.h"
#include "storage/adjacency/group_scan.h"
#include "storage/read/graph_reader.h"

namespace tidemark::storage {
namespace {

constexpr Csn kNewest{std::numeric_limits<uint64_t>::max() >> 1};

class GraphChecker {
 public:
  GraphChecker(const GraphState& state, bool settled, bool idle)
      : state_(state), settled_(settled), idle_(idle) {}

  void Run() {
    int64_t units = std::numeric_limits<int64_t>::max();
    for (auto vertex = NextVertex(state_.vertices, VertexId(), &units); vertex.has_value();
         vertex = NextVertex(state_.vertices, VertexId(vertex->value() + 1), &units)) {
      CheckVertex(*vertex, state_.vertices.Find(*vertex));
    }
    state_.indexes.CheckInvariants();
    if (!settled_) return;
    CheckCounts();
    CheckEdgeRecords();
    CheckIncoming();
  }

 private:
  struct Incoming {
    VertexId vertex;
    uint64_t source;
    uint32_t type;
    EdgeId edge;
  };

  void CheckVertex(VertexId vertex, VertexRecord* record) {
    CheckChain(record->undo, vertex.value());
    Image committed = record->image();
    committed.Rewind(record->undo, {kNewest, TxId()});
    if (committed.exists) CountVertex(committed.label_set);
    CHECK(!idle_ || record->open_operation_count == 0) << "an intent on vertex " << vertex;
    state_.indexes.CheckVertex(vertex, *record);
    if (!record->exists && record->undo == nullptr) return;  // its groups are freed in slices
    for (uint32_t i = 0; i < VertexStore::GroupCount(*record); ++i) {
      const AdjacencyGroup& group = *VertexStore::GroupAt(record, i);
      if (!group.in_use()) continue;
      Adjacency::CheckGroup(group, {vertex, TypeId(group.type), group.is_incoming != 0});
      CHECK_EQ(VertexStore::FindGroup(record, TypeId(group.type), group.is_incoming), &group)
          << "two groups of one type at vertex " << vertex;
      CHECK(committed.exists || !settled_ || group.count == group.dead_count())
          << "edges of vertex " << vertex << ", which does not exist";
      if (!group.is_incoming && group.count != 0 && state_.indexes.IsIndexed(TypeId(group.type)) &&
          IsOnline(TypeId(group.type))) {
        CHECK(state_.indexes.sources().Contains(group.type, vertex.value()));
      }
      CollectEntries(vertex, group);
    }
  }

  void CountVertex(uint32_t label_set) {
    ++counts_[CountKey::AllVertices().value()];
    for (const LabelId label : state_.label_sets.labels(label_set)) {
      ++counts_[CountKey::Of(label).value()];
    }
  }

  // Every count is what a scan has found.
  void CheckCounts() {
    for (const auto& [edge, ends] : ends_) {
      ++counts_[CountKey::AllEdges().value()];
      ++counts_[CountKey::Of(ends.type).value()];
    }
    state_.counts.ForEach([this](CountKey key, int64_t count) {
      const auto it = counts_.find(key.value());
      CHECK_EQ(count, it == counts_.end() ? 0 : it->second)
          << (key.is_of_edges() ? "edges of type " : "vertices with label ") << key.id();
      if (it != counts_.end()) counts_.erase(it);
    });
    CHECK(counts_.empty()) << counts_.size() << " counts are missing";
    state_.counts.CheckInvariants();
  }

  bool IsOnline(TypeId type) const {
    for (const graph::IndexDefinition& definition : state_.indexes.schema().current()) {
      if (definition.kind == graph::IndexKind::kEdgeType && definition.type == type) {
        return definition.state == graph::IndexState::kOnline;
      }
    }
    return false;
  }

  static void CheckChain(const UndoRecord* newest, uint64_t element) {
    const UndoRecord* newer = nullptr;
    for (const UndoRecord* undo = newest; undo != nullptr; undo = undo->older) {
      CHECK_EQ(undo->newer, newer);
      CHECK_EQ(undo->element, element);
      CHECK(newer == nullptr || newer->is_open() || undo->stamp < newer->stamp);
      CHECK(!undo->is_open() || newer == nullptr) << "an open change below another";
      newer = undo;
    }
  }

  void CollectEntries(VertexId vertex, const AdjacencyGroup& group) {
    GroupScan(group, state_.history, kNewest).Run(0, [&](uint64_t neighbour, uint32_t sequence) {
      const EdgeId edge = EdgeOfEntry(vertex, group.is_incoming, neighbour, sequence);
      if (group.is_incoming) {
        incoming_.push_back({vertex, neighbour, group.type, edge});
        return true;
      }
      const EdgeEnds ends{edge, vertex, VertexId(neighbour), TypeId(group.type)};
      CHECK(ends_.emplace(edge, ends).second) << "edge " << edge << " is twice at its source";
      return true;
    });
  }

  void CheckEdgeRecords() {
    uint64_t alive = 0;
    for (SlotId slot : state_.vertices.owned_slots()) {
      const RecordTable<EdgeRecord>& table = state_.edges.table(slot);
      for (uint32_t sequence = table.SkipMissing(1); sequence < table.next();
           sequence = table.SkipMissing(sequence + 1)) {
        const EdgeRecord* record = table.Find(sequence);
        if (!record->used()) continue;
        const EdgeId edge(slot, sequence);
        CheckChain(state_.edges.undo(*record), UndoRecord::kEdge | edge.value());
        Image committed = state_.edges.image(*record);
        committed.Rewind(state_.edges.undo(*record), {kNewest, TxId()});
        const auto it = ends_.find(edge);
        CHECK_EQ(committed.exists, it != ends_.end()) << "edge " << edge;
        if (!committed.exists) continue;
        ++alive;
        CHECK_EQ(it->second.target, record->target()) << "edge " << edge;
        CHECK_EQ(it->second.source.sequence(), record->source_sequence) << "edge " << edge;
        CHECK_EQ(it->second.type.value(), record->type) << "edge " << edge;
      }
    }
    CHECK_EQ(alive, ends_.size());
  }

  // Every edge with both ends here is in both adjacency lists, once.
  void CheckIncoming() {
    uint64_t both = 0;
    for (const auto& [edge, ends] : ends_) {
      if (state_.vertices.Owns(ends.target.slot())) ++both;
    }
    for (const Incoming& entry : incoming_) {
      if (!state_.vertices.Owns(VertexId(entry.source).slot())) continue;
      const auto it = ends_.find(entry.edge);
      CHECK(it != ends_.end()) << "edge " << entry.edge << " is at its target only";
      CHECK_EQ(it->second.source.value(), entry.source) << "edge " << entry.edge;
      CHECK_EQ(it->second.target, entry.vertex) << "edge " << entry.edge;
      CHECK_EQ(it->second.type.value(), entry.type) << "edge " << entry.edge;
      --both;
    }
    CHECK_EQ(both, 0u) << "edges that are at their source only";
  }

  const GraphState& state_;
  const bool settled_;
  const bool idle_;
  absl::flat_hash_map<uint64_t, int64_t> counts_;
  absl::flat_hash_map<EdgeId, EdgeEnds> ends_;
  std::vector<Incoming> incoming_;
};

}  // namespace

void CheckGraph(const GraphState& state, bool settled, bool idle) {
  GraphChecker(state, settled, idle).Run();
}

}  // namespace tidemark::storage
