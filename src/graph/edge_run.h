// SPDX-License-Identifier: Apache-2.0
// What a kCreateEdges mutation carries in `bytes`: edges of one type at one end of each, in columns
// (docs/formats/mutation.md). An adjacency array is written and read as it lies in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/coding.h"
#include "base/ids.h"
#include "graph/mutation.h"

namespace tidemark::graph {

// The edges of a run. Does not own the bytes. Threads: a value type.
class EdgeRun {
 public:
  static constexpr size_t kNeighbourBytes = sizeof(uint64_t);
  static constexpr size_t kSequenceBytes = sizeof(uint32_t);

  // REQUIRES: `run` is a valid kCreateEdges.
  explicit EdgeRun(const Mutation& run) : run_(run) {
    ByteReader reader(run.bytes);
    size_ = reader.Varint();
    neighbours_ = reader.Raw(size_ * kNeighbourBytes).data();
    sequences_ = reader.Raw(size_ * kSequenceBytes).data();
    properties_ = reader.Raw(reader.remaining());
    DCHECK(reader.ok());
  }
  // What is wrong with the run's bytes; nullptr when nothing is.
  static const char* FindFault(const Mutation& run);

  size_t size() const { return size_; }
  VertexId neighbour(size_t i) const {
    return VertexId(LoadFixed64(neighbours_ + i * kNeighbourBytes));
  }
  uint32_t sequence(size_t i) const { return LoadFixed32(sequences_ + i * kSequenceBytes); }
  EdgeId edge(size_t i) const {
    const VertexId source = run_.sides == kOut ? run_.vertex : neighbour(i);
    return EdgeId(source.slot(), sequence(i));
  }
  // The columns as they are in the bytes, unaligned.
  const char* neighbours() const { return neighbours_; }
  const char* sequences() const { return sequences_; }

  // Calls fn(i, property set) for each edge that has properties.
  template <typename Fn>
  void ForEachProperties(Fn fn) const {
    for (ByteReader reader(properties_); !reader.done();) {
      const uint64_t i = reader.Varint();
      fn(static_cast<size_t>(i), reader.Bytes());
    }
  }
  // Calls fn(kCreateEdge mutation) for each edge.
  template <typename Fn>
  void ForEachEdge(Fn fn) const {
    ByteReader properties(properties_);
    size_t next = properties.done() ? size_ : properties.Varint();
    for (size_t i = 0; i < size_; ++i) {
      Mutation one;
      one.kind = MutationKind::kCreateEdge;
      one.vertex = run_.sides == kOut ? run_.vertex : neighbour(i);
      one.target = run_.sides == kOut ? neighbour(i) : run_.vertex;
      one.edge = edge(i);
      one.type = run_.type;
      one.sides = run_.sides;
      if (i == next) {
        one.bytes = properties.Bytes();
        next = properties.done() ? size_ : properties.Varint();
      }
      fn(static_cast<const Mutation&>(one));
    }
  }

 private:
  Mutation run_;
  size_t size_ = 0;
  const char* neighbours_ = nullptr;
  const char* sequences_ = nullptr;
  std::string_view properties_;
};

// Collects edges of one group and writes them as runs. Threads: one.
class EdgeRunWriter {
 public:
  // The edges that follow are at `vertex`. REQUIRES: empty.
  void Begin(VertexId vertex, TypeId type, EdgeSides side);
  // `properties` is a property set; empty when the side is kIn.
  void Add(VertexId neighbour, uint32_t sequence, std::string_view properties);

  bool empty() const { return count_ == 0; }
  // As long as runs should get.
  bool full() const { return count_ == kMaxCount || properties_.size() >= kMaxPropertyBytes; }
  // About what it will take.
  size_t bytes() const { return neighbours_.size() + sequences_.size() + properties_.size(); }
  // Appends what was collected, if anything, and is empty again, at the same vertex.
  void Finish(std::string* out);

 private:
  static constexpr size_t kMaxCount = 1024;
  static constexpr size_t kMaxPropertyBytes = 64 << 10;

  Mutation run_;
  size_t count_ = 0;
  std::string neighbours_;
  std::string sequences_;
  std::string properties_;
  std::string body_;  // reused
};

}  // namespace tidemark::graph
