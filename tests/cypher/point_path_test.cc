// SPDX-License-Identifier: Apache-2.0
// Statements that ask for vertices by unique keys and by ids: what they give, and how many workers
// hear of them, on three workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/index_key.h"
#include "query/batch/column.h"
#include "tests/cypher/graph_client.h"

namespace tidemark::cypher_test {
namespace {

constexpr int kUserCount = 40;
// Each batch of rows is a round of its own.
constexpr size_t kRounds = (50 + query::kMaxBatchRows - 1) / query::kMaxBatchRows;

// Users with an id, and with a name that is unique too: its key is where chance has it.
class PointPath : public ::testing::Test {
 protected:
  PointPath() : node_(3, 7), client_(&node_) {
    Do("CREATE CONSTRAINT FOR (n:User) REQUIRE n.id IS UNIQUE");
    Do("CREATE CONSTRAINT FOR (n:User) REQUIRE n.name IS UNIQUE");
    Do(absl::StrCat("UNWIND range(1, ", kUserCount, ") AS i ",
                    "CREATE (:User {id: i, name: 'u' + i, age: i % 7})"));
  }

  std::string Do(const std::string& text, const std::string& parameters = "") {
    node_.TakeRequestCounts();
    std::string answer = client_.Run(text, parameters);
    counts_ = node_.TakeRequestCounts();
    return answer;
  }
  size_t requests() const { return std::accumulate(counts_.begin(), counts_.end(), size_t{0}); }
  static std::string Id(int id) { return absl::StrCat("{id: ", id, "}"); }
  static std::string User(int id) {
    return absl::StrCat("(:User {id: ", id, ", name: \"u", id, "\", age: ", id % 7, "})");
  }
  static std::string Shown(int id) { return "n\n" + User(id); }
  NodeId OwnerOfId(int64_t id) const {
    const auto key = graph::UniqueKeysEqualTo({graph::Value::Integer(id)});
    return OwnerOfSlot(graph::SlotOfIndexKey(IndexId(1), key->at(0)), 3);
  }

  GraphNode node_;
  GraphClient client_;
  std::vector<size_t> counts_;
};

TEST_F(PointPath, OneRequestToTheOwnerOfTheKey) {
  for (int id = 1; id <= kUserCount; ++id) {
    const std::string age = absl::StrCat(id % 7);
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n", Id(id)), Shown(id));
    EXPECT_EQ(requests(), 1u);
    EXPECT_EQ(counts_[OwnerOfId(id).value() - 1], 1u);
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n.age", Id(id)), "n.age\n" + age);
    EXPECT_EQ(requests(), 1u);
    EXPECT_EQ(Do("MATCH (n:User) WHERE n.id = $id AND n.age >= 3 WITH n AS m "
                 "RETURN count(m) AS c, max(m.age) AS a",
                 Id(id)),
              id % 7 >= 3 ? absl::StrCat("c | a\n1 | ", age) : "c | a\n0 | null");
    EXPECT_EQ(requests(), 1u);
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN labels(n) AS l, properties(n).age AS a LIMIT 1",
                 Id(id)),
              absl::StrCat("l | a\n[\"User\"] | ", age));
    EXPECT_EQ(requests(), 1u);
  }
}

TEST_F(PointPath, AVertexThatLivesElsewhereIsReadThere) {
  std::set<size_t> seen;
  for (int id = 1; id <= kUserCount; ++id) {
    EXPECT_EQ(
        Do("MATCH (n:User {name: $name}) RETURN n.id, n.age", absl::StrCat("{name: 'u", id, "'}")),
        absl::StrCat("n.id | n.age\n", id, " | ", id % 7));
    seen.insert(requests());
    EXPECT_LE(*std::max_element(counts_.begin(), counts_.end()), 1u);
    EXPECT_EQ(Do("MATCH (n:User {name: $name}) RETURN count(*) AS c, sum(n.id) AS s",
                 absl::StrCat("{name: 'u", id, "'}")),
              absl::StrCat("c | s\n1 | ", id));
  }
  EXPECT_EQ(seen, (std::set<size_t>{1, 2}));
}

TEST_F(PointPath, WhatHasNoKeyAsksNobody) {
  for (const char* value : {"null", "{a: 1}", "0.0 / 0.0"}) {
    const std::string parameters = absl::StrCat("{id: ", value, "}");
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n.id", parameters), "n.id") << value;
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN count(n) AS c", parameters), "c\n0");
    EXPECT_EQ(requests(), 0u) << value;
  }
  for (const char* value : {"'1'", "[1]", "true", "1000", "1.5", "''"}) {
    const std::string parameters = absl::StrCat("{id: ", value, "}");
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n.id", parameters), "n.id") << value;
    EXPECT_EQ(requests(), 1u) << value;
  }
  EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n.id", "{id: 5.0}"), "n.id\n5");
  EXPECT_EQ(requests(), 1u);
  // 0 and -0.0 are equal and have two keys.
  Do("CREATE (:User {id: -0.0})");
  EXPECT_EQ(Do("MATCH (n:User {id: 0}) RETURN n.id"), "n.id\n-0.0");
  EXPECT_LE(requests(), 2u);
}

TEST_F(PointPath, RowsGoToTheOwnersOfTheirKeys) {
  EXPECT_EQ(Do("UNWIND $rows AS r MATCH (n:User {id: r.id}) "
               "RETURN count(n) AS c, sum(n.id) AS s, sum(r.x) AS x",
               "{rows: [{id: 1, x: 1}, {id: 2, x: 10}, {id: 3, x: 100}, {id: 3, x: 1000},"
               "{id: 99, x: 1}, {x: 1}, {id: 4, x: 10000}, {id: 5, x: 100000}]}"),
            "c | s | x\n6 | 18 | 111111");
  EXPECT_LE(*std::max_element(counts_.begin(), counts_.end()), kRounds);
  EXPECT_EQ(Do("UNWIND range(1, 50) AS i MATCH (n:User {name: 'u' + i}) RETURN sum(n.id) AS s"),
            "s\n820");
  // Each worker for the keys, and for vertices that each of the others has found.
  EXPECT_LE(*std::max_element(counts_.begin(), counts_.end()), 3 * kRounds);
  EXPECT_EQ(Do("MATCH (a:User {id: $a}), (b:User {id: $b}) CREATE (a)-[r:KNOWS]->(b) RETURN a, b",
               "{a: 1, b: 2}"),
            "a | b\n" + User(1) + " | " + User(2) + "\n+ 1 relationships created");
  EXPECT_EQ(Do("MATCH (a:User {id: 1})-[r]->(b:User {id: 2}) RETURN type(r) AS t"), "t\n\"KNOWS\"");
  EXPECT_LE(requests(), 3u);
}

TEST_F(PointPath, ATransactionSeesItsOwnKeys) {
  Do(":begin");
  Do("CREATE (:User {id: 100, name: 'new', age: 1})");
  EXPECT_EQ(Do("MATCH (n:User {id: 100}) RETURN n.name"), "n.name\n\"new\"");
  EXPECT_EQ(requests(), 1u);
  // Its keys change; it stays where it is.
  for (int id = 101; id < 120; ++id) {
    EXPECT_EQ(Do("MATCH (n:User {id: $id - 1}) SET n.id = $id, n.age = n.age + 1 RETURN n", Id(id)),
              absl::StrCat("n\n(:User {id: ", id, ", name: \"new\", age: ", id - 99, "})\n",
                           "+ 2 properties set"));
    EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n.name", Id(id)), "n.name\n\"new\"");
    EXPECT_LE(requests(), 2u);
    EXPECT_EQ(Do("MATCH (n:User {id: $id - 1}) RETURN n.name", Id(id)), "n.name");
  }
  EXPECT_EQ(Do("MATCH (n:User {id: 119}) DELETE n"), "+ 1 nodes deleted");
  EXPECT_EQ(Do("MATCH (n:User {id: 119}) RETURN n.name"), "n.name");
  Do(":rollback");
  EXPECT_EQ(Do("MATCH (n:User {id: 100}) RETURN n.name"), "n.name");
}

TEST_F(PointPath, AReaderFromBeforeTheConstraintDoesWithoutIt) {
  Do("CREATE (:Town {code: 1, name: 'first'}), (:Town {code: 2, name: 'second'})");
  GraphClient old(&node_);
  old.Run(":begin");
  const std::string text = "MATCH (n:Town {code: $id}) RETURN n.name";
  EXPECT_EQ(old.Run(text, Id(2)), "n.name\n\"second\"");
  Do("MATCH (n:Town) DETACH DELETE n");
  Do("CREATE CONSTRAINT FOR (n:Town) REQUIRE n.code IS UNIQUE");
  Do("CREATE (:Town {code: 2, name: 'third'})");
  EXPECT_EQ(Do(text, Id(2)), "n.name\n\"third\"");
  EXPECT_EQ(requests(), 1u);
  EXPECT_EQ(old.Run(text, Id(2)), "n.name\n\"second\"");
}

TEST_F(PointPath, AnIdIsAskedForAtItsOwner) {
  for (int id = 1; id <= kUserCount; ++id) {
    const std::string answer = Do("MATCH (n:User {id: $id}) RETURN elementId(n) AS e", Id(id));
    const std::string element = answer.substr(answer.find('\n') + 1);
    EXPECT_EQ(Do("MATCH (n) WHERE elementId(n) = $e RETURN n", "{e: " + element + "}"), Shown(id));
    EXPECT_EQ(requests(), 1u);
  }
  for (const char* id : {"'x'", "''", "null", "'99999999999999999999'"}) {
    EXPECT_EQ(Do("MATCH (n) WHERE elementId(n) = $e RETURN n", absl::StrCat("{e: ", id, "}")), "n");
    EXPECT_EQ(requests(), 0u) << id;
  }
}

TEST_F(PointPath, AWriteAsksForWhatItChangesOnce) {
  EXPECT_EQ(Do("MATCH (n:User {id: $id}) SET n.age = n.age + 10", Id(9)), "+ 1 properties set");
  EXPECT_EQ(requests(), 2u);  // what there is, with all it has; then the change
  EXPECT_EQ(counts_[OwnerOfId(9).value() - 1], 2u);
  EXPECT_EQ(Do("MATCH (n:User {id: $id}) RETURN n.age", Id(9)), "n.age\n12");
}

TEST_F(PointPath, WhatAWriteReturnsIsKnown) {
  Do("CREATE (:User {id: 200, name: 'x', age: 1})-[:KNOWS {since: 1}]->(:User {id: 201, name: "
     "'y'})");
  EXPECT_EQ(Do("MATCH (n:User {id: $id}) SET n.age = n.age + 10, n:User RETURN n", Id(200)),
            "n\n(:User {id: 200, name: \"x\", age: 11})\n+ 1 properties set");
  EXPECT_EQ(requests(), 2u);
  EXPECT_EQ(Do("CREATE (n:User {id: 202, name: 'z'}) RETURN n"),
            "n\n(:User {id: 202, name: \"z\"})\n"
            "+ 1 nodes created, 2 properties set, 1 labels added");
  const size_t created = requests();
  EXPECT_EQ(Do("CREATE (n:User {id: 203, name: 'w'})"),
            "+ 1 nodes created, 2 properties set, 1 labels added");
  EXPECT_LE(created, 2u);  // the vertex, and its second key where that belongs
  EXPECT_EQ(Do("MATCH (a:User {id: 200})-[r:KNOWS]->(b) SET r.since = 2, b.age = r.since "
               "RETURN r, b, a.age"),
            "r | b | a.age\n[:KNOWS {since: 2}] | (:User {id: 201, name: \"y\", age: 2}) | 11\n"
            "+ 2 properties set");
  // Names that nobody knew.
  EXPECT_EQ(Do("CREATE (n:User $p) RETURN n", "{p: {id: 204, fresh: 1}}"),
            "n\n(:User {id: 204, fresh: 1})\n+ 1 nodes created, 2 properties set, 1 labels added");
  EXPECT_EQ(Do("MATCH (n:User {id: 204}) SET n += $p RETURN n", "{p: {fresher: 1}}"),
            "n\n(:User {id: 204, fresh: 1, fresher: 1})\n+ 1 properties set");
  EXPECT_EQ(
      Do("UNWIND range(1, 2000) AS i CREATE (n:Many {i: i}) WITH n WHERE n.i > 1998 RETURN n"),
      "n\n(:Many {i: 1999})\n(:Many {i: 2000})\n"
      "+ 2000 nodes created, 2000 properties set, 2000 labels added");
  EXPECT_EQ(Do("MATCH (n:Many) SET n.j = n.i WITH n WHERE n.i > 1999 RETURN n"),
            "n\n(:Many {i: 2000, j: 2000})\n+ 2000 properties set");
}

TEST_F(PointPath, MergeLooksForManyRowsAtOnce) {
  EXPECT_EQ(Do("UNWIND range(31, 50) + range(31, 50) AS i MERGE (n:User {id: i}) "
               "ON CREATE SET n.age = 1 ON MATCH SET n.age = 2"),
            "+ 10 nodes created, 50 properties set, 10 labels added");
  // Of each worker: the keys, what is made, what all of them have, what is set.
  EXPECT_LE(*std::max_element(counts_.begin(), counts_.end()), 6 * kRounds);
  EXPECT_EQ(Do("MATCH (n:User) WHERE n.id > 30 RETURN count(n) AS c, sum(n.age) AS s"),
            "c | s\n20 | 40");
}

}  // namespace
}  // namespace tidemark::cypher_test
