// SPDX-License-Identifier: Apache-2.0
#include "query/planner/statistics.h"

#include <algorithm>

namespace tidemark::query {
namespace {

constexpr double kFarFactor = 2;

bool AreFar(double a, double b) {
  a = std::max(a, kSmallestCount);
  b = std::max(b, kSmallestCount);
  return a > b * kFarFactor || b > a * kFarFactor;
}

using Counts = absl::flat_hash_map<uint32_t, double>;

// Of the names in `a`; those that `b` does not have count as nothing.
bool AreFar(const Counts& a, const Counts& b) {
  return std::any_of(a.begin(), a.end(), [&b](const auto& entry) {
    const auto other = b.find(entry.first);
    return AreFar(entry.second, other == b.end() ? 0 : other->second);
  });
}

}  // namespace

bool AreFarApart(const Statistics& a, const Statistics& b) {
  return AreFar(a.vertex_count, b.vertex_count) || AreFar(a.edge_count, b.edge_count) ||
         AreFar(a.label_counts, b.label_counts) || AreFar(b.label_counts, a.label_counts) ||
         AreFar(a.type_counts, b.type_counts) || AreFar(b.type_counts, a.type_counts);
}

}  // namespace tidemark::query
