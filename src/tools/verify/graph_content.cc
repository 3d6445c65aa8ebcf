// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/graph_content.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/checksum.h"
#include "base/coding.h"
#include "graph/property_set.h"

namespace tidemark::tools {
namespace {

using graph::NameKind;

constexpr uint64_t kLowSeed = 0x9e3779b97f4a7c15;
constexpr uint64_t kVertexSeed = 1;
constexpr uint64_t kEdgeSeed = 2;
constexpr size_t kBatchCount = 4096;
constexpr size_t kMaxListedCount = 10;

const std::string& TextOf(const NameTexts& names, NameKind kind, uint32_t id) {
  static const std::string kUnknown = "?";
  const auto it = names.find({kind, id});
  return it == names.end() ? kUnknown : it->second;
}

// Calls fn(VertexId) for every vertex of the shard.
template <typename Fn>
void ForEachVertex(storage::Shard* shard, Csn csn, Fn fn) {
  storage::Shard::Cursor cursor;
  std::vector<VertexId> batch;
  while (!cursor.done) {
    batch.clear();
    shard->ScanLabel({csn, TxId()}, LabelId(), kBatchCount, &cursor, &batch);
    for (VertexId vertex : batch) fn(vertex);
  }
}

// Calls fn(Neighbour) for every out-entry, then every in-entry of the vertex: in one go a self loop
// would come only once.
template <typename Fn>
void ForEachNeighbour(storage::Shard* shard, Csn csn, VertexId vertex, Fn fn) {
  std::vector<storage::Neighbour> batch;
  for (const storage::Direction direction : {storage::Direction::kOut, storage::Direction::kIn}) {
    storage::Shard::Cursor cursor;
    while (!cursor.done) {
      batch.clear();
      if (!shard->Expand({csn, TxId()}, {vertex, direction, {}, kBatchCount}, &cursor, &batch)) {
        return;
      }
      for (const storage::Neighbour& neighbour : batch) fn(neighbour);
    }
  }
}

std::string EntryBytes(VertexId source, VertexId target, EdgeId edge, TypeId type) {
  std::string bytes;
  AppendFixed64(&bytes, source.value());
  AppendFixed64(&bytes, target.value());
  AppendFixed64(&bytes, edge.value());
  AppendFixed32(&bytes, type.value());
  return bytes;
}

std::string EntryOf(VertexId vertex, const storage::Neighbour& n) {
  return n.outgoing ? EntryBytes(vertex, n.vertex, n.edge, n.type)
                    : EntryBytes(n.vertex, vertex, n.edge, n.type);
}

}  // namespace

std::string SetDigest::ToString() const {
  return absl::StrCat(absl::Hex(high, absl::kZeroPad16), absl::Hex(low, absl::kZeroPad16));
}

// Independent of the order of keys, because their numbers differ between clusters.
uint64_t GraphContent::HashProperties(std::string_view packed, uint64_t seed) const {
  uint64_t sum = 0;
  std::string bytes;
  for (graph::PropertyCursor cursor(packed); cursor.valid(); cursor.Advance()) {
    bytes.clear();
    AppendBytes(&bytes, TextOf(*names_, NameKind::kKey, cursor.key().value()));
    bytes.append(cursor.encoded_value());
    sum += Checksum64(bytes, seed);
  }
  return sum;
}

void GraphContent::AddVertices(storage::Shard* shard) {
  std::vector<std::string> labels;
  std::string bytes;
  ForEachVertex(shard, csn_, [&](VertexId id) {
    const std::optional<storage::VertexView> view = shard->GetVertex({csn_, TxId()}, id);
    if (!view.has_value()) return;
    labels.clear();
    for (LabelId label : view->labels) {
      labels.push_back(TextOf(*names_, NameKind::kLabel, label.value()));
    }
    std::sort(labels.begin(), labels.end());
    bytes.clear();
    for (const std::string& label : labels) AppendBytes(&bytes, label);
    AppendFixed64(&bytes, HashProperties(view->properties, kVertexSeed));
    const uint64_t hash = Checksum64(bytes, kVertexSeed);
    vertex_hashes_[id] = hash;
    digest_.Add(hash, Checksum64(bytes, kLowSeed));
    ++vertex_count_;
  });
}

void GraphContent::AddEdgesOf(storage::Shard* shard, VertexId vertex) {
  std::string bytes;
  ForEachNeighbour(shard, csn_, vertex, [&](const storage::Neighbour& n) {
    const std::string entry = EntryOf(vertex, n);
    SetDigest& side = n.outgoing ? out_entries_ : in_entries_;
    side.Add(Checksum64(entry, kEdgeSeed), Checksum64(entry, kLowSeed));
    if (!n.outgoing) return;
    ++edge_count_;
    const auto target = vertex_hashes_.find(n.vertex);
    const std::optional<storage::EdgeView> edge = shard->GetEdge({csn_, TxId()}, n.edge);
    if (target == vertex_hashes_.end() || !edge.has_value()) {
      if (missing_ends_.size() < kMaxListedCount) {
        missing_ends_.push_back(absl::StrCat(
            "edge ", n.edge.value(), " from vertex ", vertex.value(), " to ", n.vertex.value(),
            edge.has_value() ? ": the target does not exist" : ": the edge has no record"));
      }
      return;
    }
    bytes.clear();
    AppendBytes(&bytes, TextOf(*names_, NameKind::kType, n.type.value()));
    AppendFixed64(&bytes, HashProperties(edge->properties, kEdgeSeed));
    AppendFixed64(&bytes, vertex_hashes_.at(vertex));
    AppendFixed64(&bytes, target->second);
    digest_.Add(Checksum64(bytes, kEdgeSeed), Checksum64(bytes, kLowSeed));
  });
}

void GraphContent::AddEdges(storage::Shard* shard) {
  ForEachVertex(shard, csn_, [&](VertexId id) { AddEdgesOf(shard, id); });
}

std::vector<std::string> GraphContent::FindAsymmetry(
    const std::vector<storage::Shard*>& shards) const {
  std::vector<std::string> found = missing_ends_;
  if (out_entries_ == in_entries_) return found;
  absl::flat_hash_set<std::string> out;
  absl::flat_hash_set<std::string> in;
  for (storage::Shard* shard : shards) {
    ForEachVertex(shard, csn_, [&](VertexId id) {
      ForEachNeighbour(shard, csn_, id, [&](const storage::Neighbour& n) {
        (n.outgoing ? out : in).insert(EntryOf(id, n));
      });
    });
  }
  const auto list = [&](const absl::flat_hash_set<std::string>& have,
                        const absl::flat_hash_set<std::string>& other, const char* what) {
    std::vector<std::string> alone;
    for (const std::string& entry : have) {
      if (!other.contains(entry)) alone.push_back(entry);
    }
    std::sort(alone.begin(), alone.end());
    for (size_t i = 0; i < alone.size() && i < kMaxListedCount; ++i) {
      ByteReader reader(alone[i]);
      const uint64_t source = reader.Fixed64();
      const uint64_t target = reader.Fixed64();
      found.push_back(absl::StrCat("edge ", reader.Fixed64(), " from vertex ", source, " to ",
                                   target, " has ", what));
    }
  };
  list(out, in, "an out-entry but no in-entry");
  list(in, out, "an in-entry but no out-entry");
  return found;
}

}  // namespace tidemark::tools
