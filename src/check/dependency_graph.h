// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::check {

// Why one transaction must come before another.
enum class Dependency : uint8_t {
  kWriteWrite,  // the other overwrote its version
  kWriteRead,   // the other read its version
  kReadWrite,   // the other overwrote what it read (anti-dependency)
  kRealTime,    // it was acknowledged before the other began
};

// Transactions and the dependencies between them. Snapshot isolation forbids every cycle without
// two anti-dependencies in a row; the strong form forbids those with real-time steps too.
// Threads: one.
class DependencyGraph {
 public:
  explicit DependencyGraph(size_t node_count) : edges_(node_count) {}

  void Add(size_t from, size_t to, Dependency why);
  // A node that stands for a moment in time and joins real-time dependencies.
  size_t AddMoment();

  // Nodes of a forbidden cycle, in order, and the name of the anomaly: "G0", "G1c", "read skew"
  // (one anti-dependency), "long fork" (more), with "stale " before it when real time is needed.
  struct Cycle {
    std::string anomaly;
    std::vector<size_t> nodes;
  };
  // The worst cycle, empty when there is none.
  Cycle FindForbiddenCycle() const;

 private:
  struct Edge {
    size_t to;
    Dependency why;
  };
  // Which dependencies count.
  struct Filter {
    bool read_write;
    bool write_read;
    bool real_time;
  };
  std::vector<size_t> FindCycle(const Filter& filter) const;
  bool Passes(const Filter& filter, bool after_read_write, const Edge& edge) const;
  std::vector<size_t> Shortest(const Filter& filter, size_t start) const;
  std::vector<std::vector<size_t>> Components(const Filter& filter) const;
  size_t CountReadWrite(const std::vector<size_t>& cycle) const;

  std::vector<std::vector<Edge>> edges_;
};

}  // namespace tidemark::check
