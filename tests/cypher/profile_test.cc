// SPDX-License-Identifier: Apache-2.0
// What PROFILE shows: what each operator has done, at home and at each of three workers.
#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/cypher/graph_client.h"

namespace tidemark::cypher_test {
namespace {

using graph::Value;
using session::PlanNode;

class ProfileTest : public ::testing::Test {
 protected:
  ProfileTest() : node_(3, 5), client_(&node_) {
    client_.Run("CREATE CONSTRAINT FOR (n:User) REQUIRE n.id IS UNIQUE");
    client_.Run("UNWIND range(1, 100) AS i CREATE (:User {id: i, age: i % 10})");
    client_.Run(
        "UNWIND range(1, 99) AS i MATCH (a:User {id: i}), (b:User {id: i + 1}) "
        "CREATE (a)-[:NEXT]->(b)");
  }

  // The operators of that name, from the result on.
  std::vector<const PlanNode*> Find(const std::string& name) const {
    std::vector<const PlanNode*> found;
    const std::function<void(const PlanNode&)> walk = [&](const PlanNode& node) {
      if (node.operator_type == name) found.push_back(&node);
      for (const PlanNode& child : node.children) walk(child);
    };
    walk(client_.plan());
    return found;
  }
  static Value Argument(const PlanNode& node, const std::string& key) {
    for (const auto& [name, value] : node.arguments) {
      if (name == key) return value;
    }
    return Value();
  }
  // One figure of all workers together; -1 when there are none.
  static int64_t SumOf(const PlanNode& node, const std::string& key) {
    const Value workers = Argument(node, "Workers");
    if (workers.is_null()) return -1;
    int64_t sum = 0;
    for (const Value& worker : workers.list()) sum += worker.Get(key).integer();
    return sum;
  }
  size_t requests() {
    const std::vector<size_t> counts = node_.TakeRequestCounts();
    return std::accumulate(counts.begin(), counts.end(), size_t{0});
  }

  GraphNode node_;
  GraphClient client_;
};

TEST_F(ProfileTest, WorkersTellWhatTheirOperatorsDid) {
  requests();
  EXPECT_EQ(client_.Run("PROFILE MATCH (n:User) WHERE n.age >= 5 RETURN sum(n.id) AS s"),
            "s\n2600");
  const size_t asked = requests();
  ASSERT_EQ(Find("NodeByLabelScan").size(), 1u);
  const PlanNode& scan = *Find("NodeByLabelScan")[0];
  EXPECT_EQ(scan.rows, 100);
  EXPECT_EQ(SumOf(scan, "rows"), 100);
  EXPECT_EQ(Argument(scan, "Workers").list().size(), 3u);
  EXPECT_GT(scan.db_hits, 100);
  EXPECT_EQ(SumOf(scan, "dbHits"), scan.db_hits);
  EXPECT_GT(scan.time_nanos, 0);
  EXPECT_EQ(SumOf(scan, "time"), scan.time_nanos);
  EXPECT_EQ(Argument(scan, "DbHits").integer(), scan.db_hits);
  EXPECT_EQ(Find("Filter")[0]->rows, 50);
  // The workers begin the sum, home ends it.
  ASSERT_EQ(Find("Aggregation").size(), 2u);
  EXPECT_EQ(Find("Aggregation")[0]->rows, 1);
  EXPECT_EQ(Find("Aggregation")[1]->rows, 3);
  const PlanNode& remote = *Find("Remote")[0];
  EXPECT_EQ(remote.rows, 3);
  EXPECT_EQ(SumOf(remote, "requests"), static_cast<int64_t>(asked));
  EXPECT_GT(SumOf(remote, "sentBytes"), 100);
  EXPECT_GT(SumOf(remote, "receivedBytes"), 10);
  int64_t db_hits = scan.db_hits + Find("Filter")[0]->db_hits + Find("Argument")[0]->db_hits +
                    Find("Aggregation")[1]->db_hits;
  for (const PlanNode* fetch : Find("CacheProperties")) db_hits += fetch->db_hits;
  EXPECT_EQ(SumOf(remote, "dbHits"), db_hits);
}

TEST_F(ProfileTest, APointReadIsWorkOfOneWorker) {
  EXPECT_EQ(client_.Run("PROFILE MATCH (n:User {id: 7}) RETURN n.age"), "n.age\n7");
  EXPECT_EQ(Argument(*Find("Remote")[0], "Workers").list().size(), 1u);
  EXPECT_EQ(Find("NodeUniqueIndexSeek")[0]->rows, 1);
  EXPECT_EQ(Find("NodeUniqueIndexSeek")[0]->children[0].rows, 1);
}

TEST_F(ProfileTest, WhatAShardCountsIsNotLookedAt) {
  requests();
  EXPECT_EQ(client_.Run("PROFILE MATCH (n:User) RETURN count(n) AS c"), "c\n100");
  EXPECT_EQ(requests(), 3u);
  ASSERT_EQ(Find("NodeCountFromCountStore").size(), 1u);
  EXPECT_EQ(Find("NodeCountFromCountStore")[0]->rows, 3);
  EXPECT_LT(Find("NodeCountFromCountStore")[0]->db_hits, 100);
  EXPECT_EQ(client_.Run("PROFILE MATCH ()-[r:NEXT]->() RETURN count(*) AS c"), "c\n99");
  EXPECT_EQ(Find("RelationshipCountFromCountStore")[0]->rows, 3);
  EXPECT_LT(Find("RelationshipCountFromCountStore")[0]->db_hits, 100);
}

TEST_F(ProfileTest, AnEdgeIsAskedForWhereItsIdSays) {
  const std::string id = client_.Run("MATCH (:User {id: 7})-[r]->() RETURN id(r) AS id");
  const std::string number = id.substr(id.find('\n') + 1);
  requests();
  EXPECT_EQ(client_.Run("PROFILE MATCH (a)-[r]->(b) WHERE elementId(r) = '" + number +
                        "' RETURN id(a) <> id(b) AS ok"),
            "ok\ntrue");
  EXPECT_EQ(requests(), 1u);
  EXPECT_EQ(Find("DirectedRelationshipByElementIdSeek")[0]->rows, 1);
  EXPECT_EQ(
      client_.Run("PROFILE MATCH (a)-[r]-(b) WHERE id(r) = " + number + " RETURN count(*) AS c"),
      "c\n2");
  EXPECT_EQ(requests(), 1u);
  EXPECT_EQ(Find("UndirectedRelationshipByIdSeek")[0]->rows, 2);
}

TEST_F(ProfileTest, TwoKeysAreAskedForAtTheSameTime) {
  const std::string two = "MATCH (a:User {id: 7}), (b:User {id: 20}) ";
  node_.TakeMostWaiting();
  EXPECT_EQ(client_.Run(two + "WITH a, b ORDER BY id(a) RETURN a = b AS same"), "same\nfalse");
  EXPECT_EQ(node_.TakeMostWaiting(), 2u);
  EXPECT_EQ(client_.Run("MATCH (a:User {id: 7}), (b:User {id: a.age}) WITH a, b ORDER BY id(a) "
                        "RETURN a = b AS same"),
            "same\ntrue");
  EXPECT_EQ(node_.TakeMostWaiting(), 1u) << "one needs the other";
}

TEST_F(ProfileTest, WhatRowsSayOfTheirElementsIsNotAskedForAgain) {
  client_.Run("UNWIND range(1, 3000) AS i CREATE (:Many {id: i})");
  EXPECT_EQ(client_.Run("PROFILE MATCH (n:Many) SET n += {age: 1} RETURN count(n) AS c"),
            "c\n3000\n+ 3000 properties set");
  ASSERT_EQ(Find("SetProperties").size(), 1u);
  EXPECT_EQ(SumOf(*Find("SetProperties")[0], "requests"), -1);
}

TEST_F(ProfileTest, FragmentsInsideOfOperatorsCountAllTheirRuns) {
  EXPECT_EQ(client_.Run("PROFILE MATCH (n:User {id: 7})-[:NEXT*3]->(m) RETURN m.id"), "m.id\n10");
  EXPECT_EQ(Find("VarLengthExpand(All)")[0]->rows, 1);
  EXPECT_EQ(Find("Expand(All)")[0]->rows, 3);
  EXPECT_EQ(SumOf(*Find("Expand(All)")[0], "rows"), 3);
}

TEST_F(ProfileTest, ALookupShowsWhomItAsked) {
  requests();
  EXPECT_EQ(client_.Run("PROFILE MATCH (:User {id: 7})-->(m) RETURN m"),
            "m\n(:User {id: 8, age: 8})");
  EXPECT_EQ(requests(), 2u);
  EXPECT_EQ(SumOf(*Find("Lookup")[0], "requests"), 1);
  EXPECT_GT(SumOf(*Find("Lookup")[0], "receivedBytes"), 0);
  EXPECT_EQ(Find("Lookup")[0]->rows, 1);
}

TEST_F(ProfileTest, WhatIsNotReadToItsEndIsShownAsFarAsItCame) {
  EXPECT_EQ(client_.Run("PROFILE UNWIND range(1, 50) AS i MATCH (n:User) RETURN i LIMIT 1"),
            "i\n1");
  EXPECT_GT(Find("NodeByLabelScan")[0]->rows, 0);
  EXPECT_GT(Find("NodeByLabelScan")[0]->db_hits, 0);
}

TEST_F(ProfileTest, ExplainHasNoFigures) {
  client_.Run("EXPLAIN MATCH (n:User {id: 7}) RETURN n.age");
  const PlanNode& remote = *Find("Remote")[0];
  EXPECT_TRUE(Argument(remote, "Rows").is_null());
  EXPECT_TRUE(Argument(remote, "Workers").is_null());
}

}  // namespace
}  // namespace tidemark::cypher_test
