// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/expansion.h"
#include "bench/suites.h"
#include "env/clock.h"
#include "import/generate/graph_model.h"
#include "storage/shard.h"

namespace tidemark::bench {

// A shard that holds a social graph (two properties and a label per vertex, one edge type), with
// the log of the transactions that made it.
// Owner: a suite. Threads: one.
class ShardGraph {
 public:
  // The graph of `options`, not yet inserted.
  ShardGraph(const BenchOptions& options, env::Clock* clock);

  // Fills an empty shard with the vertices, then the edges, in random order, many in a transaction.
  // Gives edges per second.
  double Fill(bool with_index);

  storage::Shard* shard() { return shard_.get(); }
  Csn csn() const { return csn_; }
  const std::vector<VertexId>& vertices() const { return vertices_; }
  size_t edge_count() const { return pairs_.size(); }
  // Mutations of each transaction, in csn order.
  const std::vector<std::string>& log() const { return log_; }
  // Longest time of a step of the loop while the edges were inserted, in microseconds.
  int64_t longest_step_micros() const { return longest_step_micros_; }
  Csr MakeCsr() const;
  // The numbers of all vertices in random order.
  std::vector<uint32_t> RandomOrder(uint64_t seed) const;

 private:
  void CreateVertices();
  void Commit(TxId tx);

  env::Clock* const clock_;
  const size_t vertex_count_;
  std::vector<csv_import::EdgePair> pairs_;
  std::unique_ptr<storage::Shard> shard_;
  std::vector<VertexId> vertices_;
  std::vector<std::string> log_;
  int64_t longest_step_micros_ = 0;
  TxId next_tx_{1};
  Csn csn_;
};

}  // namespace tidemark::bench
