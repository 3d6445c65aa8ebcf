// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "exec/cursor_coding.h"
#include "tests/exec/mini_cluster.h"

namespace tidemark::exec {
namespace {

// A cursor comes from outside: whatever it says, the page is bounded and nothing breaks.
TEST(ForeignCursorTest, ACursorThatNobodyGaveDoesNoHarm) {
  MiniCluster cluster(2);
  cluster.CreateIndexes();
  std::vector<Operation> creates;
  for (int i = 0; i < 100; ++i) {
    creates.push_back(CreateVertex(cluster.SlotAt(1), {kPerson}, Aged(i)));
  }
  const std::vector<OperationResult> created = cluster.RunAndCommit(creates);
  const VertexId hub = created[0].vertex;
  for (const OperationResult& one : created) cluster.RunAndCommit({CreateEdge(hub, one.vertex)});
  std::vector<Operation> reads(4);
  reads[0].kind = OperationKind::kScanLabel;
  reads[0].label = kPerson;
  reads[1].kind = OperationKind::kScanType;
  reads[1].type = kKnows;
  reads[2].kind = OperationKind::kScanIndex;
  reads[2].index = kAgeIndex;
  reads[2].bytes = KeyOf(int64_t{10});
  reads[2].last_key = KeyOf(int64_t{90});
  reads[3] = ExpandAll(hub);
  const MiniCluster::Tx tx = cluster.Begin();
  std::mt19937_64 random(11);
  const auto number = [&random] {
    return random() % 3 == 0 ? random() : random() % 3 == 0 ? random() % 5000 : random() % 100;
  };
  for (int i = 0; i < 20'000; ++i) {
    Operation read = reads[random() % reads.size()];
    read.limit = 7;
    storage::Shard::Cursor cursor{number(), number(), {}, false};
    if (random() % 2 == 0) cursor.key = KeyOf(static_cast<int64_t>(random() % 100));
    if (random() % 8 == 0) cursor.key = std::string(random() % 30, static_cast<char>(random()));
    read.cursor = EncodeCursor(cursor);
    const auto page = cluster.RunOne(tx, read);
    if (!page.ok()) continue;
    ASSERT_LE(page->vertices.size() + page->edges.size() + page->neighbours.size(), 7u);
  }
}

}  // namespace
}  // namespace tidemark::exec
