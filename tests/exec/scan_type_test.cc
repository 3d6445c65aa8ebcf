// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/exec/mini_cluster.h"

namespace tidemark::exec {
namespace {

TEST(ScanTypeTest, AScanByTypeGivesPropertiesAndStopsWhenThereAreMany) {
  MiniCluster cluster(1);
  const VertexId a = cluster.RunAndCommit({CreateVertex(cluster.SlotAt(1))}).at(0).vertex;
  constexpr int kCount = 300;
  std::vector<Operation> operations(kCount, CreateEdge(a, a));
  std::string text(kMaxResultBytes / 40, 'x');
  for (Operation& operation : operations) operation.bytes = Named(text);
  cluster.RunAndCommit(operations);
  Operation scan;
  scan.kind = OperationKind::kScanType;
  scan.type = kKnows;
  std::set<EdgeId> seen;
  int page_count = 0;
  do {
    const auto page = cluster.RunOne(cluster.Begin(), scan);
    ASSERT_TRUE(page.ok()) << page.status();
    ++page_count;
    EXPECT_LE(page->edges.size(), 40u);
    for (const EdgeRow& row : page->edges) {
      EXPECT_EQ(row.properties, Named(text));
      EXPECT_TRUE(seen.insert(row.id).second);
    }
    scan.cursor = page->cursor;
  } while (!scan.cursor.empty());
  EXPECT_EQ(seen.size(), static_cast<size_t>(kCount));
  EXPECT_GE(page_count, kCount / 40);
}

}  // namespace
}  // namespace tidemark::exec
