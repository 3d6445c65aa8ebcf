// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt_client/connection.h"
#include "graph/value.h"

namespace tidemark::bench {

// The graph of `bench bolt`: few vertices have most of the edges, in both directions, as in the
// social network Pokec. The same shape gives the same graph on every machine.
//
// Users are vertices :BenchUser with the properties id (unique, from 1), age, gender,
// completion_percentage, region and balance; edges are :BENCH_FRIEND. A vertex :BenchGraph tells
// of which shape the graph is. What operations add are :BenchTemporary vertices and
// :BENCH_TEMPORARY edges.
struct BoltGraphShape {
  int64_t vertices = 0;
  int64_t edges = 0;
  uint64_t seed = 1;
};

constexpr int64_t kStartBalance = 1'000;

// The ids of the ends; no edge twice, none from a vertex to itself.
// REQUIRES: far less edges than pairs of vertices.
std::vector<std::pair<int64_t, int64_t>> MakeBoltEdges(const BoltGraphShape& shape);

// The properties of a user.
graph::Value UserOf(const BoltGraphShape& shape, int64_t id);

// Loads the graph by plain statements in place of one of another shape, or of a part of one. Does
// nothing when it is there. Says on stderr what it does.
absl::Status PrepareBoltGraph(const BoltGraphShape& shape, bolt_client::Connection* connection);

// Removes what operations added to a graph of so many users.
absl::Status RemoveTemporary(int64_t vertices, bolt_client::Connection* connection);

}  // namespace tidemark::bench
