// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "graph/value.h"

namespace tidemark::graph {

// Makes values that sit close to each other and to the limits of their types, so that pairs of them
// are often equal or almost equal. The same seed gives the same values. Threads: one.
class RandomValues {
 public:
  explicit RandomValues(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  int64_t Integer();
  double Float();
  std::string Text();
  Date AnyDate();
  LocalTime AnyLocalTime();
  Time AnyTime();
  LocalDateTime AnyLocalDateTime();
  DateTime AnyDateTime();
  Duration AnyDuration();
  Point AnyPoint();
  VertexId AnyVertex();
  EdgeRef AnyEdge();
  Path AnyPath();
  // A scalar that an index may hold.
  Value Scalar();
  // A value that passes CheckStorable, not null.
  Value Property();
  // Any value at all, at most `depth` lists and maps deep.
  Value Any(int depth = 3);
  // `bytes` with one to four bits flipped, bytes changed, cut out or put in.
  std::string Damage(std::string bytes);

 private:
  int64_t Near(int64_t low, int64_t high);

  std::mt19937_64 random_;
};

}  // namespace tidemark::graph
