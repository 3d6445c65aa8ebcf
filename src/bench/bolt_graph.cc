// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_graph.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt_client/failure.h"
#include "cli/seeded_random.h"

namespace tidemark::bench {
namespace {

using bolt_client::Connection;
using graph::Value;

constexpr int64_t kRowsOfStatement = 2'000;
constexpr int kMaxAttempts = 10;
// How unequal degrees are: of so many vertices, a share s has the share s^(1/kSkew) of the edges.
// With this one the largest degree of 1.6 million vertices is that of Pokec.
constexpr double kSkew = 1.8;
// A graph that an older form of this file has made is not taken for one of today.
constexpr int64_t kForm = 1;

// A transaction of its own, again when the server says that it may.
absl::StatusOr<bolt_client::Result> RunAgain(Connection* connection, std::string_view text,
                                             const Value& parameters = {}) {
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<bolt_client::Result> result = connection->Query(text, parameters);
    if (!bolt_client::IsTransient(result.status()) || attempt == kMaxAttempts) return result;
  }
}

absl::Status SendRows(Connection* connection, std::string_view text, std::vector<Value> rows) {
  if (rows.empty()) return absl::OkStatus();
  return RunAgain(connection, text, Value::Map({{"rows", Value::List(std::move(rows))}})).status();
}

// Runs a statement that removes some vertices and counts them until it finds none, so that no
// transaction becomes large.
absl::Status RemoveInPieces(Connection* connection, std::string_view label) {
  const std::string text = absl::StrCat("MATCH (n:", ToAbsl(label), ") WITH n LIMIT ",
                                        kRowsOfStatement, " DETACH DELETE n RETURN count(*) AS n");
  while (true) {
    ASSIGN_OR_RETURN(const bolt_client::Result result, RunAgain(connection, text));
    if (result.rows.empty() || result.rows[0][0].integer_or(0) == 0) return absl::OkStatus();
  }
}

Value ParametersOf(const BoltGraphShape& shape) {
  return Value::Map({{"vertices", Value::Integer(shape.vertices)},
                     {"edges", Value::Integer(shape.edges)},
                     {"seed", Value::Integer(static_cast<int64_t>(shape.seed))},
                     {"form", Value::Integer(kForm)}});
}

absl::StatusOr<bool> IsThere(const BoltGraphShape& shape, Connection* connection) {
  ASSIGN_OR_RETURN(const bolt_client::Result result,
                   RunAgain(connection,
                            "MATCH (g:BenchGraph {vertices: $vertices, edges: $edges, seed: $seed, "
                            "form: $form}) RETURN count(*)",
                            ParametersOf(shape)));
  return result.rows.size() == 1 && result.rows[0][0].integer_or(0) == 1;
}

absl::Status LoadUsers(const BoltGraphShape& shape, Connection* connection) {
  for (int64_t first = 1; first <= shape.vertices; first += kRowsOfStatement) {
    std::vector<Value> rows;
    const int64_t end = std::min(first + kRowsOfStatement, shape.vertices + 1);
    for (int64_t id = first; id < end; ++id) rows.push_back(UserOf(shape, id));
    RETURN_IF_ERROR(SendRows(connection, "UNWIND $rows AS row CREATE (n:BenchUser) SET n = row",
                             std::move(rows)));
  }
  return absl::OkStatus();
}

absl::Status LoadEdges(const BoltGraphShape& shape, Connection* connection) {
  const std::vector<std::pair<int64_t, int64_t>> edges = MakeBoltEdges(shape);
  for (size_t first = 0; first < edges.size(); first += kRowsOfStatement) {
    std::vector<Value> rows;
    const size_t end = std::min(first + kRowsOfStatement, edges.size());
    for (size_t i = first; i < end; ++i) {
      rows.push_back(
          Value::List({Value::Integer(edges[i].first), Value::Integer(edges[i].second)}));
    }
    RETURN_IF_ERROR(SendRows(connection,
                             "UNWIND $rows AS row MATCH (a:BenchUser {id: row[0]}), "
                             "(b:BenchUser {id: row[1]}) CREATE (a)-[:BENCH_FRIEND]->(b)",
                             std::move(rows)));
  }
  return absl::OkStatus();
}

absl::Status LoadBoltGraph(const BoltGraphShape& shape, Connection* connection) {
  // The vertex that tells of the graph goes first and comes last: a part of a graph has none.
  for (const std::string_view label : {"BenchGraph", "BenchTemporary", "BenchUser"}) {
    RETURN_IF_ERROR(RemoveInPieces(connection, label));
  }
  RETURN_IF_ERROR(RunAgain(connection,
                           "CREATE CONSTRAINT bench_user_id IF NOT EXISTS FOR (n:BenchUser) "
                           "REQUIRE n.id IS UNIQUE")
                      .status());
  RETURN_IF_ERROR(LoadUsers(shape, connection));
  RETURN_IF_ERROR(LoadEdges(shape, connection));
  return RunAgain(connection,
                  "CREATE (:BenchGraph {vertices: $vertices, edges: $edges, seed: $seed, "
                  "form: $form})",
                  ParametersOf(shape))
      .status();
}

}  // namespace

std::vector<std::pair<int64_t, int64_t>> MakeBoltEdges(const BoltGraphShape& shape) {
  cli::SeededRandom random(shape.seed);
  std::vector<int64_t> sources(static_cast<size_t>(shape.vertices));
  std::iota(sources.begin(), sources.end(), 1);
  std::vector<int64_t> targets = sources;
  random.Shuffle(&sources);
  random.Shuffle(&targets);
  const auto pick = [&random](const std::vector<int64_t>& ids) {
    const double share = std::pow(random.Unit(), kSkew);
    return ids[static_cast<size_t>(share * static_cast<double>(ids.size()))];
  };
  absl::flat_hash_set<std::pair<int64_t, int64_t>> known;
  std::vector<std::pair<int64_t, int64_t>> edges;
  while (static_cast<int64_t>(edges.size()) < shape.edges) {
    const int64_t source = pick(sources);
    const std::pair<int64_t, int64_t> edge(source, pick(targets));
    if (edge.first != edge.second && known.insert(edge).second) edges.push_back(edge);
  }
  return edges;
}

Value UserOf(const BoltGraphShape& shape, int64_t id) {
  cli::SeededRandom random(shape.seed * 1'000'003 + static_cast<uint64_t>(id));
  const int64_t age = random.Chance(30) ? 0 : 15 + random.Below<int64_t>(50);
  const bool is_man = random.Chance(50);
  const int64_t completion = random.Below<int64_t>(101);
  return Value::Map({{"id", Value::Integer(id)},
                     {"age", Value::Integer(age)},
                     {"gender", Value::String(is_man ? "man" : "woman")},
                     {"completion_percentage", Value::Integer(completion)},
                     {"region", Value::String(absl::StrCat("region ", random.Below(200)))},
                     {"balance", Value::Integer(kStartBalance)}});
}

absl::Status PrepareBoltGraph(const BoltGraphShape& shape, Connection* connection) {
  const auto vertices = static_cast<long long>(shape.vertices);
  const auto edges = static_cast<long long>(shape.edges);
  ASSIGN_OR_RETURN(const bool is_there, IsThere(shape, connection));
  if (is_there) {
    std::fprintf(stderr, "the graph of %lld vertices and %lld edges is there\n", vertices, edges);
    return RemoveTemporary(shape.vertices, connection);
  }
  std::fprintf(stderr, "loading %lld vertices and %lld edges ...\n", vertices, edges);
  RETURN_IF_ERROR(LoadBoltGraph(shape, connection));
  std::fprintf(stderr, "loaded\n");
  return absl::OkStatus();
}

absl::Status RemoveTemporary(int64_t vertices, Connection* connection) {
  RETURN_IF_ERROR(RemoveInPieces(connection, "BenchTemporary"));
  for (int64_t first = 1; first <= vertices; first += kRowsOfStatement) {
    std::vector<Value> rows;
    const int64_t end = std::min(first + kRowsOfStatement, vertices + 1);
    for (int64_t id = first; id < end; ++id) rows.push_back(Value::Integer(id));
    RETURN_IF_ERROR(SendRows(connection,
                             "UNWIND $rows AS id MATCH (:BenchUser {id: id})"
                             "-[r:BENCH_TEMPORARY]->() DELETE r",
                             std::move(rows)));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::bench
