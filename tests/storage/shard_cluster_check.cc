// SPDX-License-Identifier: Apache-2.0
// Compares everything the shards can be asked with a reference state.
#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "base/check.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "tests/storage/shard_cluster.h"

namespace tidemark::storage {
namespace {

using EdgeTuple = std::tuple<EdgeId, VertexId, VertexId, TypeId>;
constexpr size_t kBatch = 3;

EdgeTuple TupleOf(EdgeId id, const ReferenceState::Edge& edge) {
  return {id, edge.source, edge.target, edge.type};
}
EdgeTuple TupleOf(const EdgeEnds& ends) { return {ends.edge, ends.source, ends.target, ends.type}; }

}  // namespace

void ShardCluster::CheckEquals(View view, const ReferenceState& expected,
                               const std::vector<VertexId>& all) {
  CheckVertices(view, expected, all);
  CheckBatch(view, expected, all);
  CheckEdges(view, expected);
  CheckScans(view, expected);
  for (const graph::IndexDefinition& definition : shards_[0]->schema()) {
    if (definition.state == graph::IndexState::kOnline) CheckIndex(view, expected, definition);
  }
}

void ShardCluster::CheckVertices(View view, const ReferenceState& expected,
                                 const std::vector<VertexId>& all) {
  for (VertexId vertex : all) {
    const std::optional<VertexView> found = owner(vertex.slot()).GetVertex(view, vertex);
    const auto it = expected.vertices.find(vertex);
    CHECK_EQ(found.has_value(), it != expected.vertices.end()) << "vertex " << vertex;
    if (found.has_value()) {
      CHECK(std::set<LabelId>(found->labels.begin(), found->labels.end()) == it->second.labels);
      CHECK(found->properties == Pack(it->second.properties)) << "vertex " << vertex;
    }
    CheckExpand(view, expected, vertex);
  }
  // At once: all of them at each shard, also those of the others and ids that nobody has.
  std::vector<VertexId> ids = all;
  ids.insert(ids.begin(), {VertexId(), VertexId(UINT64_MAX)});
  std::vector<VertexImage> images(3);
  for (const auto& shard : shards_) {
    shard->GetVertices(view, ids, &images);
    CHECK_EQ(images.size(), ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto it = expected.vertices.find(ids[i]);
      const bool is_there = it != expected.vertices.end() && shard->Owns(ids[i].slot());
      CHECK_EQ(images[i].exists(), is_there) << "vertex " << ids[i];
      if (!is_there) continue;
      const std::vector<LabelId>& labels = *images[i].labels;
      CHECK(std::set<LabelId>(labels.begin(), labels.end()) == it->second.labels);
      CHECK(images[i].properties == Pack(it->second.properties)) << "vertex " << ids[i];
    }
  }
}

void ShardCluster::CheckExpand(View view, const ReferenceState& expected, VertexId vertex) {
  for (const Direction direction : {Direction::kOut, Direction::kIn, Direction::kAny}) {
    for (const uint32_t only_type : {0u, 2u}) {
      const std::vector<TypeId> types(only_type == 0 ? 0 : 1, TypeId(only_type));
      std::multiset<EdgeTuple> found;
      Shard::Cursor cursor;
      bool exists = true;
      while (!cursor.done && exists) {
        std::vector<Neighbour> batch;
        exists =
            owner(vertex.slot()).Expand(view, {vertex, direction, types, kBatch}, &cursor, &batch);
        CHECK_LE(batch.size(), kBatch);
        for (const Neighbour& n : batch) {
          found.emplace(n.edge, n.outgoing ? vertex : n.vertex, n.outgoing ? n.vertex : vertex,
                        n.type);
        }
      }
      CHECK_EQ(exists, expected.vertices.contains(vertex));
      std::multiset<EdgeTuple> wanted;
      for (const auto& [id, edge] : expected.edges) {
        const bool out = edge.source == vertex && direction != Direction::kIn;
        const bool in = edge.target == vertex && direction != Direction::kOut;
        if ((out || in) && (only_type == 0 || edge.type == TypeId(only_type))) {
          wanted.insert(TupleOf(id, edge));
        }
      }
      CHECK(found == wanted) << "edges of vertex " << vertex << ", direction "
                             << static_cast<int>(direction) << " at csn " << view.read_csn
                             << ": found " << found.size() << ", wanted " << wanted.size();
    }
  }
}

void ShardCluster::CheckBatch(View view, const ReferenceState& expected,
                              const std::vector<VertexId>& all) {
  for (const Direction direction : {Direction::kOut, Direction::kIn, Direction::kAny}) {
    for (const auto& shard : shards_) {
      std::vector<VertexId> here;
      for (VertexId vertex : all) {
        if (shard->Owns(vertex.slot())) here.push_back(vertex);
      }
      NeighbourColumns found;
      for (Shard::BatchCursor cursor; cursor.next < here.size();) {
        shard->ExpandBatch(view, {here, direction, {}, 2 * kBatch}, &cursor, &found);
      }
      CHECK_EQ(found.ends.size(), here.size());
      for (size_t i = 0; i < here.size(); ++i) {
        std::multiset<VertexId> wanted;
        for (const auto& [id, edge] : expected.edges) {
          const bool out = edge.source == here[i] && direction != Direction::kIn;
          const bool in = edge.target == here[i] && direction != Direction::kOut;
          if (out || in) wanted.insert(out ? edge.target : edge.source);
        }
        const auto begin = found.vertices.begin();
        const auto first = begin + static_cast<ptrdiff_t>(i == 0 ? 0 : found.ends[i - 1]);
        const std::multiset<VertexId> got(first, begin + static_cast<ptrdiff_t>(found.ends[i]));
        CHECK(got == wanted) << "neighbours of vertex " << here[i];
      }
    }
  }
}

void ShardCluster::CheckEdges(View view, const ReferenceState& expected) {
  for (const auto& [slot, next] : [&] {
         std::map<SlotId, uint32_t> last;
         for (const auto& [id, edge] : expected.edges) {
           last[id.slot()] = std::max(last[id.slot()], id.sequence());
         }
         return last;
       }()) {
    for (uint32_t sequence = 1; sequence <= next + 2; ++sequence) {
      const EdgeId edge(slot, sequence);
      const std::optional<EdgeView> found = owner(slot).GetEdge(view, edge);
      const auto it = expected.edges.find(edge);
      CHECK_EQ(found.has_value(), it != expected.edges.end()) << "edge " << edge;
      if (!found.has_value()) continue;
      CHECK(TupleOf(found->ends) == TupleOf(edge, it->second)) << "edge " << edge;
      CHECK(found->properties == Pack(it->second.properties)) << "edge " << edge;
    }
  }
}

void ShardCluster::CheckScans(View view, const ReferenceState& expected) {
  for (uint32_t label = 0; label <= 3; ++label) {
    std::vector<VertexId> found;
    for (const auto& shard : shards_) {
      for (Shard::Cursor cursor; !cursor.done;) {
        shard->ScanLabel(view, LabelId(label), kBatch, &cursor, &found);
      }
    }
    std::vector<VertexId> wanted;
    for (const auto& [id, vertex] : expected.vertices) {
      if (label == 0 || vertex.labels.contains(LabelId(label))) wanted.push_back(id);
    }
    CHECK(found == wanted) << "label " << label << ": found " << found.size() << ", wanted "
                           << wanted.size();
    int64_t count = 0;
    for (const auto& shard : shards_) count += shard->CountVertices(view, LabelId(label));
    CHECK_EQ(count, static_cast<int64_t>(wanted.size())) << "label " << label;
  }
  for (uint32_t type = 1; type <= 3; ++type) {
    std::multiset<EdgeTuple> found;
    for (const auto& shard : shards_) {
      std::vector<EdgeEnds> batch;
      for (Shard::Cursor cursor; !cursor.done;) {
        shard->ScanEdgeType(view, TypeId(type), kBatch, &cursor, &batch);
      }
      for (const EdgeEnds& ends : batch) found.insert(TupleOf(ends));
    }
    std::multiset<EdgeTuple> wanted;
    for (const auto& [id, edge] : expected.edges) {
      if (edge.type == TypeId(type)) wanted.insert(TupleOf(id, edge));
    }
    CHECK(found == wanted) << "type " << type << " at csn " << view.read_csn << ": found "
                           << found.size() << ", wanted " << wanted.size();
    CHECK_EQ(CountEdges(view, TypeId(type)), static_cast<int64_t>(wanted.size()))
        << "type " << type << " at csn " << view.read_csn;
  }
  CHECK_EQ(CountEdges(view, TypeId()), static_cast<int64_t>(expected.edges.size()));
}

int64_t ShardCluster::CountEdges(View view, TypeId type) const {
  int64_t count = 0;
  for (const auto& shard : shards_) count += shard->CountEdges(view, type);
  return count;
}

void ShardCluster::CheckIndex(View view, const ReferenceState& expected,
                              const graph::IndexDefinition& definition) {
  std::multimap<std::string, VertexId> wanted;
  for (const auto& [id, vertex] : expected.vertices) {
    if (!vertex.labels.contains(definition.label)) continue;
    const auto key = definition.kind == graph::IndexKind::kUnique
                         ? graph::UniqueKeyOf(Pack(vertex.properties), definition.keys)
                         : graph::IndexKeyOf(Pack(vertex.properties), definition.keys);
    if (key->has_value()) wanted.emplace(**key, id);
  }
  if (definition.kind == graph::IndexKind::kUnique) {
    for (const auto& [key, vertex] : wanted) {
      const auto found =
          owner(graph::SlotOfIndexKey(definition.id, key)).FindKey(view, definition.id, key);
      CHECK(found == vertex) << "unique key of vertex " << vertex;
    }
  }
  if (definition.kind != graph::IndexKind::kLabelProperty) return;
  std::multiset<VertexId> found;
  for (const auto& shard : shards_) {
    std::vector<VertexId> batch;
    for (Shard::Cursor cursor; !cursor.done;) {
      CHECK(shard->ScanIndex(view, {definition.id, "", "\xff\xff", kBatch}, &cursor, &batch).ok());
    }
    found.insert(batch.begin(), batch.end());
  }
  std::multiset<VertexId> wanted_set;
  for (const auto& [key, vertex] : wanted) wanted_set.insert(vertex);
  CHECK(found == wanted_set) << "index " << definition.name << ": found " << found.size()
                             << ", wanted " << wanted_set.size();
}

}  // namespace tidemark::storage
