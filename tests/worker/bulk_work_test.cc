// SPDX-License-Identifier: Apache-2.0
#include "worker/bulk_work.h"

#include <gmock/gmock.h>

#include "tests/worker/engine_parts.h"

namespace tidemark::worker {
namespace {

using ::testing::ElementsAre;

class BulkWorkTest : public EngineParts {
 protected:
  BulkWorkTest() {
    WriteVertices(TxId(1), 10);
    for (const uint32_t id : {1, 2}) {
      graph::IndexDefinition definition;
      definition.id = IndexId(id);
      definition.label = LabelId(1);
      definition.keys = {KeyId(id)};
      definition.name = absl::StrCat("index ", id);
      shard().AddSchemaChange(TxId(1), definition);
    }
    CommitInShard(TxId(1), Csn(1));
  }
  // Slices and jobs until nothing is left.
  void RunToTheEnd() {
    do {
      while (bulk_.RunSlice(/*quiet=*/true).has_value()) bulk_.CheckInvariants();
      executor_.RunPosted();
    } while (executor_.RunJob());
  }
  static txn::SnapshotOrder Order(uint64_t csn) { return {{Epoch(1), Csn(csn)}, Csn(1), 0}; }

  int wakes_ = 0;
  BulkWork bulk_{&context_, [this] { ++wakes_; }};
};

TEST_F(BulkWorkTest, WithoutWorkThereIsNothingToDo) {
  EXPECT_TRUE(bulk_.empty());
  EXPECT_FALSE(bulk_.RunSlice(true).has_value());
  EXPECT_FALSE(bulk_.is_late());
}

TEST_F(BulkWorkTest, IndexesAreBuiltOnceInTheOrderOfTheOrders) {
  bulk_.BuildIndex(IndexId(2));
  bulk_.BuildIndex(IndexId(1));
  bulk_.BuildIndex(IndexId(2));
  EXPECT_EQ(wakes_, 2) << "the third changes nothing";
  RunToTheEnd();
  EXPECT_THAT(events_.built, ElementsAre(IndexId(2), IndexId(1)));
  EXPECT_TRUE(bulk_.empty());
}

TEST_F(BulkWorkTest, ASnapshotTellsWhatItHolds) {
  bulk_.StartSnapshot(Order(1));
  RunToTheEnd();
  ASSERT_EQ(events_.snapshots.size(), 1u);
  EXPECT_TRUE(events_.snapshots[0].status.ok()) << events_.snapshots[0].status;
  EXPECT_EQ(events_.snapshots[0].id.csn, Csn(1));
  EXPECT_EQ(events_.snapshots[0].vertices, 10u);
  EXPECT_TRUE(files_.Exists(directory_->snapshots_path() + "/" +
                            durability::SnapshotName(Epoch(1), Csn(1))));
}

TEST_F(BulkWorkTest, TheResultOfAnAbandonedSnapshotMeansNothingToOneOfTheSameCsn) {
  bulk_.StartSnapshot(Order(1));
  // To the end of its last job: what it has to tell is posted.
  do {
    while (bulk_.RunSlice(true).has_value()) {
    }
    executor_.RunTurn();
  } while (executor_.RunJob());
  bulk_.StartSnapshot(Order(1));
  executor_.RunPosted();
  EXPECT_TRUE(events_.snapshots.empty());
  EXPECT_FALSE(bulk_.empty());
  RunToTheEnd();
  EXPECT_EQ(events_.snapshots.size(), 1u);
}

TEST_F(BulkWorkTest, AbandonedWorkIsNotTold) {
  bulk_.StartSnapshot(Order(1));
  bulk_.BuildIndex(IndexId(1));
  bulk_.AbandonAll();
  EXPECT_TRUE(bulk_.empty());
  RunToTheEnd();
  EXPECT_TRUE(events_.snapshots.empty());
  EXPECT_TRUE(events_.built.empty());
}

TEST_F(BulkWorkTest, ItPausesWhileClientsAreAtWork) {
  bulk_.BuildIndex(IndexId(1));
  bulk_.BuildIndex(IndexId(2));
  EXPECT_EQ(bulk_.RunSlice(/*quiet=*/false), BulkPace::kMaxPauseMicros);
  EXPECT_EQ(events_.built.size(), 1u);
  executor_.PassTime(300);
  EXPECT_EQ(bulk_.RunSlice(false), BulkPace::kMaxPauseMicros - 300);
  EXPECT_EQ(events_.built.size(), 1u) << "its time has not come";
  executor_.PassTime(600);
  EXPECT_FALSE(bulk_.RunSlice(false).has_value());
  EXPECT_EQ(events_.built.size(), 2u);
}

}  // namespace
}  // namespace tidemark::worker
