// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "cli/seeded_random.h"

namespace tidemark::csv_import {

// Draws indexes with given weights in constant time (alias method, Vose 1991).
class WeightedChoice {
 public:
  // REQUIRES: at least one weight, all positive.
  explicit WeightedChoice(const std::vector<double>& weights);
  uint32_t Draw(cli::SeededRandom* random) const;

 private:
  std::vector<double> keep_;
  std::vector<uint32_t> alias_;
};

struct EdgePair {
  uint32_t source;
  uint32_t target;
};

// The edges of a graph, source by source, without holding them in memory.
class GraphModel {
 public:
  virtual ~GraphModel() = default;
  // Appends the edges of the next sources to `*edges`; false when there are no more.
  virtual bool NextEdges(std::vector<EdgePair>* edges) = 0;
};

// A social graph of the shape of Pokec: both degrees log-normal, a few vertices with thousands of
// edges, no order between a vertex's number and its degree.
class SocialModel : public GraphModel {
 public:
  SocialModel(uint32_t vertex_count, uint64_t edge_count, uint64_t seed);
  bool NextEdges(std::vector<EdgePair>* edges) override;

 private:
  cli::SeededRandom random_;
  const uint64_t edge_count_;
  std::vector<double> weights_;
  double weight_sum_ = 0;
  WeightedChoice targets_;
  uint32_t next_source_ = 0;
  uint64_t given_ = 0;
  double due_ = 0;
};

// R-MAT (Chakrabarti, Zhan and Faloutsos 2004) with the parameters of Graph500: 0.57, 0.19, 0.19,
// 0.05. Edges in random order.
class RmatModel : public GraphModel {
 public:
  // REQUIRES: vertex_count is a power of two.
  RmatModel(uint32_t vertex_count, uint64_t edge_count, uint64_t seed);
  bool NextEdges(std::vector<EdgePair>* edges) override;

 private:
  cli::SeededRandom random_;
  const uint32_t vertex_count_;
  uint64_t left_;
};

}  // namespace tidemark::csv_import
