// SPDX-License-Identifier: Apache-2.0
// Statements over a graph, as text: tests/cypher/*.graph, on one worker and on three. A step is a
// statement or one of
//
//   :empty                 the steps that follow begin with a graph without anything
//   :begin :commit :rollback
//   :open STATEMENT        runs it and reads no row
//   :read N                reads the rows of the N-th open statement of the transaction
//
// What must come are columns and rows, the error, and of what was changed a line "+ ...".
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "tests/cypher/case_file.h"
#include "tests/cypher/graph_client.h"

namespace tidemark::cypher_test {
namespace {

void RunSteps(uint32_t worker_count) {
  std::unique_ptr<GraphNode> node;
  std::unique_ptr<GraphClient> client;
  uint64_t seed = 0;
  for (const CaseStep& step : ReadCases(".graph")) {
    SCOPED_TRACE(
        absl::StrCat(step.file, ":", step.line, ": ", step.input, ", ", worker_count, " workers"));
    if (step.input == ":empty") {
      client.reset();
      node = std::make_unique<GraphNode>(worker_count, ++seed);
      client = std::make_unique<GraphClient>(node.get());
      continue;
    }
    CHECK(client != nullptr) << step.file << " begins without :empty";
    EXPECT_EQ(client->Run(step), step.expected);
  }
}

TEST(GraphCases, GiveTheirRowsOnOneWorker) { RunSteps(1); }
TEST(GraphCases, GiveTheirRowsOnThreeWorkers) { RunSteps(3); }

// Labels with numbers from `first` to `last`, as a pattern has them.
std::string Labels(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) absl::StrAppend(&text, ":L", i);
  return text;
}

TEST(GraphLimits, AVertexHasAThousandLabelsAtMost) {
  constexpr char kTooMany[] = "! ClientError.Statement.ArgumentError [InvalidArgumentValue]";
  for (const uint32_t worker_count : {1u, 3u}) {
    GraphNode node(worker_count, 1);
    GraphClient client(&node);
    // Of names that nobody has used yet, together and one behind the other.
    EXPECT_EQ(client.Run(absl::StrCat("CREATE (n", Labels(1, 1001), ")")), kTooMany);
    const std::string create = absl::StrCat("CREATE (n", Labels(1, 990), ") SET n");
    EXPECT_EQ(client.Run(absl::StrCat(create, Labels(991, 1001))), kTooMany);
    EXPECT_EQ(client.Run("MATCH (n) RETURN count(n) AS c"), "c\n0");
    client.Run(absl::StrCat(create, Labels(981, 1000)));
    EXPECT_EQ(client.Run("MATCH (n) RETURN size(labels(n)) AS c"), "c\n1000");
    // Of names that are known, and of both.
    client.Run("CREATE (:L1001:L1002)");
    EXPECT_EQ(client.Run("MATCH (n:L1) SET n:L1001"), kTooMany);
    EXPECT_EQ(client.Run("MATCH (n:L1) REMOVE n:L1 SET n:L1002:L1003"), kTooMany);
    EXPECT_EQ(client.Run("MATCH (n:L1) REMOVE n:L1 SET n:L1003"),
              "+ 1 labels added, 1 labels removed");
    EXPECT_EQ(client.Run("MATCH (n:L2) RETURN size(labels(n)) AS c"), "c\n1000");
  }
}

// Two clients change the same vertex: one of them loses, and its statement is run again.
TEST(GraphConflicts, AStatementOfItsOwnIsRunAgain) {
  GraphNode node(3, 1);
  GraphClient first(&node);
  GraphClient second(&node);
  EXPECT_EQ(first.Run("CREATE (:A {x: 0})"), "+ 1 nodes created, 1 properties set, 1 labels added");
  EXPECT_EQ(first.Run(":begin"), "");
  EXPECT_EQ(first.Run("MATCH (n:A) SET n.x = n.x + 1"), "+ 1 properties set");
  // The other one holds the vertex: all tries lose.
  EXPECT_EQ(second.Run("MATCH (n:A) SET n.x = n.x + 10"),
            "! TransientError.Transaction.DeadlockDetected");
  // It commits while the statement waits for its next try.
  node.set_before_timer([&, is_done = false]() mutable {
    if (std::exchange(is_done, true)) return;
    EXPECT_EQ(first.Run(":commit"), "");
  });
  EXPECT_EQ(second.Run("MATCH (n:A) SET n.x = n.x + 10"), "+ 1 properties set");
  EXPECT_GE(node.timer_count(), 10u);
  EXPECT_EQ(second.Run("MATCH (n:A) RETURN n.x AS x"), "x\n11");
}

// Counts that the shards know are those of the reader's snapshot, whatever others commit.
TEST(GraphCounts, AreThoseOfTheReader) {
  for (const uint32_t worker_count : {1u, 3u}) {
    GraphNode node(worker_count, 1);
    GraphClient first(&node);
    GraphClient second(&node);
    first.Run("UNWIND range(1, 10) AS i CREATE (:A)-[:T]->(:B)");
    const std::string vertices = "MATCH (n:A) RETURN count(n) AS c";
    const std::string edges = "MATCH ()-[r:T]->() RETURN count(r) AS c";
    EXPECT_EQ(second.Run(":begin"), "");
    EXPECT_EQ(second.Run("MATCH (n) RETURN count(*) AS c"), "c\n20");
    first.Run("MATCH (a:A)-[:T]->(b) WITH a, b LIMIT 3 DETACH DELETE a SET b:A");
    first.Run("MATCH (b:B) WITH b LIMIT 2 CREATE (b)-[:T]->(b), (b)-[:U]->(b)");
    EXPECT_EQ(second.Run(vertices), "c\n10");
    EXPECT_EQ(second.Run(edges), "c\n10");
    EXPECT_EQ(first.Run(edges), "c\n9");
    second.Run("CREATE (:A)-[:T]->(:A)-[:U]->(:A)");
    EXPECT_EQ(second.Run(vertices), "c\n13");
    EXPECT_EQ(second.Run(edges), "c\n11");
    EXPECT_EQ(first.Run(edges), "c\n9");
    EXPECT_EQ(second.Run(":rollback"), "");
    EXPECT_EQ(second.Run(edges), "c\n9");
    EXPECT_EQ(second.Run("MATCH ()-[r]->() RETURN count(*) AS c"), "c\n11");
  }
}

TEST(GraphConflicts, AStatementOfATransactionIsNotRunAgain) {
  GraphNode node(1, 1);
  GraphClient first(&node);
  GraphClient second(&node);
  EXPECT_EQ(first.Run("CREATE (:A {x: 0})"), "+ 1 nodes created, 1 properties set, 1 labels added");
  EXPECT_EQ(first.Run(":begin"), "");
  EXPECT_EQ(second.Run(":begin"), "");
  EXPECT_EQ(first.Run("MATCH (n:A) SET n.x = 1"), "+ 1 properties set");
  EXPECT_EQ(second.Run("MATCH (n:A) SET n.x = 2"), "! TransientError.Transaction.DeadlockDetected");
  EXPECT_EQ(node.timer_count(), 0u);
}

}  // namespace
}  // namespace tidemark::cypher_test
