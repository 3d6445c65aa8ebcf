// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "graph/name_kind.h"
#include "storage/shard.h"

namespace tidemark::tools {

using NameTexts = std::map<std::pair<graph::NameKind, uint32_t>, std::string>;

// A sum over a set of elements, of two independent hashes each: equal for equal sets whatever their
// order.
struct SetDigest {
  uint64_t high = 0;
  uint64_t low = 0;

  void Add(uint64_t high_part, uint64_t low_part) {
    high += high_part;
    low += low_part;
  }
  friend bool operator==(const SetDigest&, const SetDigest&) = default;
  std::string ToString() const;  // 32 hexadecimal digits
};

// What all shards of a cluster hold together, reduced to what must be equal for equal graphs. An
// element counts by its names, properties and, for an edge, what its ends hold; ids, places and
// the numbers behind names do not matter.
// Use: AddVertices for every shard, then AddEdges for every shard.
// Owner: verify. Threads: one. Memory: 16 bytes and a table slot for each vertex.
class GraphContent {
 public:
  // `names` outlives the object. `csn` is the state that is read.
  GraphContent(const NameTexts* names, Csn csn) : names_(names), csn_(csn) {}

  void AddVertices(storage::Shard* shard);
  void AddEdges(storage::Shard* shard);

  // Every out-entry must have its in-entry; a sentence for each difference, at most a few.
  std::vector<std::string> FindAsymmetry(const std::vector<storage::Shard*>& shards) const;
  bool IsSymmetric() const { return out_entries_ == in_entries_ && missing_ends_.empty(); }

  uint64_t vertex_count() const { return vertex_count_; }
  uint64_t edge_count() const { return edge_count_; }
  std::string digest() const { return digest_.ToString(); }

 private:
  uint64_t HashProperties(std::string_view packed, uint64_t seed) const;
  void AddEdgesOf(storage::Shard* shard, VertexId vertex);

  const NameTexts* const names_;
  const Csn csn_;
  absl::flat_hash_map<VertexId, uint64_t> vertex_hashes_;
  uint64_t vertex_count_ = 0;
  uint64_t edge_count_ = 0;
  SetDigest digest_;
  SetDigest out_entries_;
  SetDigest in_entries_;
  std::vector<std::string> missing_ends_;
};

}  // namespace tidemark::tools
