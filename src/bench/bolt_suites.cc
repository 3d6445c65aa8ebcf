// SPDX-License-Identifier: Apache-2.0
// The operations of `bench bolt`.
#include "base/status.h"
#include "bench/bolt_load.h"
#include "graph/value.h"

namespace tidemark::bench {
namespace {

using graph::Value;

Value RandomId(const BoltClient& client) {
  return Value::Integer(1 + client.random->Below(client.vertices));
}

absl::Status RunWithId(const BoltClient& client, std::string_view text) {
  return client.connection->Query(text, Value::Map({{"id", RandomId(client)}})).status();
}

// Two different vertices.
Value RandomPair(const BoltClient& client) {
  const int64_t from = client.random->Below(client.vertices);
  const int64_t distance = 1 + client.random->Below(client.vertices - 1);
  return Value::Map({{"from", Value::Integer(1 + from)},
                     {"to", Value::Integer(1 + (from + distance) % client.vertices)}});
}

absl::Status ReadPoint(const BoltClient& client) {
  return RunWithId(client, "MATCH (n:BenchUser {id: $id}) RETURN n");
}

absl::Status WriteVertex(const BoltClient& client) {
  return RunWithId(client, "CREATE (n:BenchTemporary {id: $id})");
}

absl::Status WriteEdge(const BoltClient& client) {
  return client.connection
      ->Query(
          "MATCH (a:BenchUser {id: $from}), (b:BenchUser {id: $to}) "
          "CREATE (a)-[:BENCH_TEMPORARY]->(b)",
          RandomPair(client))
      .status();
}

absl::Status WriteProperty(const BoltClient& client) {
  return RunWithId(client,
                   "MATCH (n:BenchUser {id: $id}) SET n.visited = coalesce(n.visited, 0) + 1");
}

absl::Status OneHop(const BoltClient& client) {
  return RunWithId(client,
                   "MATCH (:BenchUser {id: $id})-[:BENCH_FRIEND]->(n) RETURN DISTINCT n.id");
}

absl::Status TwoHops(const BoltClient& client) {
  return RunWithId(client,
                   "MATCH (:BenchUser {id: $id})-[:BENCH_FRIEND]->()-[:BENCH_FRIEND]->(n) "
                   "RETURN DISTINCT n.id");
}

absl::Status ThreeHops(const BoltClient& client) {
  return RunWithId(client,
                   "MATCH (:BenchUser {id: $id})-[:BENCH_FRIEND]->()-[:BENCH_FRIEND]->()"
                   "-[:BENCH_FRIEND]->(n) RETURN DISTINCT n.id");
}

absl::Status FourHops(const BoltClient& client) {
  return RunWithId(client,
                   "MATCH (:BenchUser {id: $id})-[:BENCH_FRIEND]->()-[:BENCH_FRIEND]->()"
                   "-[:BENCH_FRIEND]->()-[:BENCH_FRIEND]->(n) RETURN DISTINCT n.id");
}

absl::Status Aggregate(const BoltClient& client) {
  return client.connection->Query("MATCH (n:BenchUser) RETURN n.age, count(*)", {}).status();
}

absl::Status CountEdges(const BoltClient& client) {
  return client.connection->Query("MATCH ()-[r:BENCH_FRIEND]->() RETURN count(r)", {}).status();
}

// Reads two accounts and writes both, in one transaction of three statements.
absl::Status Transfer(const BoltClient& client) {
  bolt_client::Connection* const connection = client.connection;
  const Value accounts = RandomPair(client);
  connection->BeginWithNext();
  RETURN_IF_ERROR(connection
                      ->Query("MATCH (a:BenchUser {id: $from}), (b:BenchUser {id: $to}) "
                              "RETURN a.balance, b.balance",
                              accounts)
                      .status());
  RETURN_IF_ERROR(
      connection->Query("MATCH (a:BenchUser {id: $from}) SET a.balance = a.balance - 1", accounts)
          .status());
  RETURN_IF_ERROR(
      connection->Query("MATCH (b:BenchUser {id: $to}) SET b.balance = b.balance + 1", accounts)
          .status());
  return connection->Commit().status();
}

constexpr BoltSuite kBoltSuites[] = {
    {"point-read", ReadPoint},
    {"vertex-write", WriteVertex, true},
    {"edge-write", WriteEdge, true},
    {"property-write", WriteProperty},
    {"hops-1", OneHop},
    {"hops-2", TwoHops},
    {"hops-3", ThreeHops},
    {"hops-4", FourHops},
    {"aggregate", Aggregate},
    {"edge-count", CountEdges},
    {"transfer", Transfer},
};

}  // namespace

absl::Span<const BoltSuite> BoltSuites() { return kBoltSuites; }

}  // namespace tidemark::bench
