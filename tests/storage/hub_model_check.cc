// SPDX-License-Identifier: Apache-2.0
// Compares all that shards can be asked with the model.
#include <algorithm>

#include "base/check.h"
#include "graph/index_key.h"
#include "storage/limits.h"
#include "tests/storage/hub_model_run.h"

namespace tidemark::storage {
namespace {

uint64_t Hash(VertexId vertex) {
  uint64_t hash = vertex.value() * 0x9e3779b97f4a7c15;
  return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9;
}

}  // namespace

void HubModelRun::CheckEverything() {
  live_->CheckInvariants();
  FollowLog();
  Compare(live_.get(), {visible_, TxId()});
  if (!model_.Open().empty()) Compare(live_.get(), model_.ViewOf(Any(model_.Open())));
  Compare(live_.get(), {horizon_, TxId()});
  log_alone_->CheckInvariants();
  Compare(log_alone_.get(), {horizon_, TxId()});
  if (from_snapshot_ != nullptr && horizon_ >= from_snapshot_->replayed()) {
    from_snapshot_->CheckInvariants();
    Compare(from_snapshot_.get(), {horizon_, TxId()});
  }
  model_.Purge(horizon_);
}

void HubModelRun::Compare(ShardCluster* cluster, View view) {
  ++comparison_count_;
  degrees_ = DegreesFor(view);
  CompareNeighbours(cluster, view);
  CompareEdges(cluster, view);
  CompareScans(cluster, view);
  CompareIndexes(cluster, view);
}

HubModelRun::Degrees HubModelRun::DegreesFor(View view) const {
  Degrees degrees;
  const auto add = [](Side* side, VertexId neighbour) {
    ++side->count;
    side->neighbours += Hash(neighbour);
  };
  for (const auto& [id, edge] : model_.edges()) {
    if (!edge.VisibleTo(view)) continue;
    const EdgeEnds& ends = edge.ends;
    ++degrees.edge_count;
    add(&degrees.out[ends.source], ends.target);
    add(&degrees.in[ends.target], ends.source);
    if (ends.source == ends.target) add(&degrees.loops[ends.source], ends.source);
  }
  return degrees;
}

void HubModelRun::CompareNeighbours(ShardCluster* cluster, View view) {
  for (const auto& [id, vertex] : model_.vertices()) {
    for (const Direction direction : {Direction::kOut, Direction::kIn, Direction::kAny}) {
      CompareExpansion(cluster, view, vertex, direction);
    }
  }
  for (const Direction direction : {Direction::kOut, Direction::kIn, Direction::kAny}) {
    CompareBatch(cluster, view, direction);
  }
}

void HubModelRun::CompareExpansion(ShardCluster* cluster, View view, const HubModel::Vertex& vertex,
                                   Direction direction) {
  const size_t page = Chance(2) ? kBlockEntryCount * 9 : 1 + Below(kBlockEntryCount);
  std::vector<Neighbour> found;
  Shard::Cursor cursor;
  bool exists = true;
  while (exists && !cursor.done) {
    exists = cluster->owner(vertex.id.slot())
                 .Expand(view, {vertex.id, direction, {}, page}, &cursor, &found);
  }
  CHECK_EQ(exists, vertex.VisibleTo(view)) << "vertex " << vertex.id;
  uint64_t wanted = 0;
  if (direction != Direction::kIn) wanted += degrees_.out[vertex.id].count;
  if (direction != Direction::kOut) wanted += degrees_.in[vertex.id].count;
  if (direction == Direction::kAny) wanted -= degrees_.loops[vertex.id].count;
  CHECK_EQ(found.size(), wanted) << "edges of vertex " << vertex.id << " at csn " << view.read_csn;
  std::vector<EdgeId> seen;
  seen.reserve(found.size());
  for (const Neighbour& neighbour : found) {
    const HubModel::Edge* edge = model_.FindEdge(neighbour.edge);
    CHECK(edge != nullptr && edge->VisibleTo(view)) << "edge " << neighbour.edge;
    const VertexId source = neighbour.outgoing ? vertex.id : neighbour.vertex;
    const VertexId target = neighbour.outgoing ? neighbour.vertex : vertex.id;
    CHECK(edge->ends.source == source && edge->ends.target == target &&
          edge->ends.type == neighbour.type)
        << "edge " << neighbour.edge;
    seen.push_back(neighbour.edge);
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end())
      << "an edge is twice at vertex " << vertex.id;
}

void HubModelRun::CompareBatch(ShardCluster* cluster, View view, Direction direction) {
  for (size_t shard = 0; shard < cluster->shard_count(); ++shard) {
    std::vector<VertexId> here;
    for (const auto& [id, vertex] : model_.vertices()) {
      if (cluster->shard(shard).Owns(id.slot())) here.push_back(id);
    }
    NeighbourColumns found;
    const size_t page = 1 + SmallBelow(4 * kBlockEntryCount);
    for (Shard::BatchCursor cursor; cursor.next < here.size();) {
      cluster->shard(shard).ExpandBatch(view, {here, direction, {}, page}, &cursor, &found);
    }
    size_t at = 0;
    for (size_t i = 0; i < here.size(); ++i) {
      Side wanted;
      const auto add = [&wanted](const Side& side, uint64_t sign) {
        wanted.count += sign * side.count;
        wanted.neighbours += sign * side.neighbours;
      };
      if (direction != Direction::kIn) add(degrees_.out[here[i]], 1);
      if (direction != Direction::kOut) add(degrees_.in[here[i]], 1);
      if (direction == Direction::kAny) add(degrees_.loops[here[i]], UINT64_MAX);
      Side got;
      for (; at < found.ends[i]; ++at) {
        ++got.count;
        got.neighbours += Hash(found.vertices[at]);
      }
      CHECK_EQ(got.count, wanted.count) << "neighbours of vertex " << here[i];
      CHECK_EQ(got.neighbours, wanted.neighbours) << "neighbours of vertex " << here[i];
    }
  }
}

// Some of them: those that were changed, and a few others.
void HubModelRun::CompareEdges(ShardCluster* cluster, View view) {
  for (const auto& [id, edge] : model_.edges()) {
    if (edge.versions.size() < 2 && !edge.open_version.has_value() && !Chance(16)) continue;
    const std::optional<EdgeView> found =
        cluster->owner(edge.ends.edge.slot()).GetEdge(view, edge.ends.edge);
    CHECK_EQ(found.has_value(), edge.VisibleTo(view)) << "edge " << edge.ends.edge;
    if (!found.has_value()) continue;
    CHECK(found->ends.source == edge.ends.source && found->ends.target == edge.ends.target &&
          found->ends.type == edge.ends.type);
    CHECK(found->properties == Pack(edge.PropertiesFor(view))) << "edge " << edge.ends.edge;
  }
}

void HubModelRun::CompareScans(ShardCluster* cluster, View view) {
  uint64_t edge_count = 0;
  int64_t vertex_count = 0;
  std::vector<VertexId> labelled;
  for (size_t shard = 0; shard < cluster->shard_count(); ++shard) {
    for (Shard::Cursor cursor; !cursor.done;) {
      cluster->shard(shard).ScanLabel(view, LabelId(1), 3, &cursor, &labelled);
    }
    for (const uint32_t type : {1u, 2u}) {
      std::vector<EdgeEnds> found;
      for (Shard::Cursor cursor; !cursor.done;) {
        cluster->shard(shard).ScanEdgeType(view, TypeId(type), 1 + Below(5000), &cursor, &found);
      }
      for (const EdgeEnds& ends : found) {
        const HubModel::Edge* edge = model_.FindEdge(ends.edge);
        CHECK(edge != nullptr && edge->VisibleTo(view) && ends.type == TypeId(type));
      }
      const int64_t count = cluster->shard(shard).CountEdges(view, TypeId(type));
      CHECK_EQ(count, static_cast<int64_t>(found.size())) << "type " << type;
      edge_count += found.size();
    }
    vertex_count += cluster->shard(shard).CountVertices(view, LabelId(1));
  }
  CHECK_EQ(edge_count, degrees_.edge_count) << "a scan of edge types at csn " << view.read_csn;
  std::vector<VertexId> wanted;
  for (const auto& [id, vertex] : model_.vertices()) {
    if (vertex.VisibleTo(view)) wanted.push_back(id);
  }
  std::sort(labelled.begin(), labelled.end());
  CHECK(labelled == wanted) << "a scan of a label at csn " << view.read_csn;
  CHECK_EQ(vertex_count, static_cast<int64_t>(wanted.size()));
}

void HubModelRun::CompareIndexes(ShardCluster* cluster, View view) {
  for (const graph::IndexDefinition& definition : cluster->shard(0).schema()) {
    if (definition.state != graph::IndexState::kOnline) continue;
    std::vector<VertexId> wanted;
    for (const auto& [id, vertex] : model_.vertices()) {
      if (!vertex.VisibleTo(view)) continue;
      wanted.push_back(id);
      const std::string properties = Pack(vertex.PropertiesFor(view));
      CHECK(cluster->owner(id.slot()).GetVertex(view, id)->properties == properties);
      if (definition.kind != graph::IndexKind::kUnique) continue;
      const auto key = graph::UniqueKeyOf(properties, definition.keys);
      CHECK(cluster->owner(graph::SlotOfIndexKey(definition.id, **key))
                .FindKey(view, definition.id, **key) == id)
          << "unique key of vertex " << id;
    }
    if (definition.kind != graph::IndexKind::kLabelProperty) continue;
    std::vector<VertexId> found;
    for (size_t shard = 0; shard < cluster->shard_count(); ++shard) {
      for (Shard::Cursor cursor; !cursor.done;) {
        CHECK(cluster->shard(shard)
                  .ScanIndex(view, {definition.id, "", "\xff\xff", 3}, &cursor, &found)
                  .ok());
      }
    }
    std::sort(found.begin(), found.end());
    CHECK(found == wanted) << definition.name << " at csn " << view.read_csn;
  }
}

}  // namespace tidemark::storage
