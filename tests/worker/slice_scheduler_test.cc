// SPDX-License-Identifier: Apache-2.0
// Who gets the loop: the clock stands still unless a test moves it.
#include "worker/slice_scheduler.h"

#include "tests/worker/engine_parts.h"

namespace tidemark::worker {
namespace {

class SliceSchedulerTest : public EngineParts {
 protected:
  SliceSchedulerTest() {
    context_.options.wal = false;
    commits_ = std::make_unique<CommitLog>(&context_, ScanWal());
    slices_ = std::make_unique<SliceScheduler>(
        &context_, SliceScheduler::Work{commits_.get(), &fragments_, &bulk_});
    graph::IndexDefinition definition;
    definition.id = IndexId(1);
    definition.label = LabelId(1);
    definition.keys = {KeyId(1)};
    definition.name = "index";
    shard().AddSchemaChange(TxId(1), definition);
    CommitInShard(TxId(1), Csn(1));
  }

  void Add(uint64_t tx, size_t change_count = 1) {
    for (wire::Execute& execute : ExecutesOf(tx, Csn(1), NewVertices(change_count))) {
      fragments_.Add(&shard(), std::move(execute));
    }
    slices_->WakeForClient();
  }
  void StartLargeCommit() {
    WriteVertices(TxId(2), 60'000);
    shard().TakePendingMutations(TxId(2));
    if (!commits_->Apply(TxId(2), Csn(2))) slices_->Wake();
    ASSERT_TRUE(commits_->applying());
  }

  std::unique_ptr<CommitLog> commits_;
  std::vector<uint64_t> answered_;
  FragmentQueue fragments_{uint64_t{64} << 20, [this](const wire::Execute& execute,
                                                      const absl::StatusOr<std::string>& answer) {
                             EXPECT_TRUE(answer.ok()) << answer.status();
                             answered_.push_back(execute.tx());
                           }};
  BulkWork bulk_{&context_, [this] { slices_->Wake(); }};
  std::unique_ptr<SliceScheduler> slices_;
};

TEST_F(SliceSchedulerTest, RunsUntilAllIsDoneAndThenRests) {
  for (uint64_t tx = 10; tx < 13; ++tx) Add(tx);
  bulk_.BuildIndex(IndexId(1));
  slices_->WakeForGarbage();
  executor_.RunPosted();
  EXPECT_EQ(answered_, (std::vector<uint64_t>{10, 11, 12}));
  EXPECT_EQ(events_.built.size(), 1u);
  EXPECT_TRUE(fragments_.empty());
  EXPECT_FALSE(executor_.has_posted());
}

TEST_F(SliceSchedulerTest, BesideALargeCommitSmallBatchesShareItsTurns) {
  StartLargeCommit();
  for (uint64_t tx = 10; tx < 30; ++tx) Add(tx);
  executor_.RunTurn();
  EXPECT_EQ(answered_.size(), 8u) << "not one for each slice of the commit";
  EXPECT_TRUE(commits_->applying());
  executor_.RunPosted();
  EXPECT_EQ(answered_.size(), 20u);
  EXPECT_FALSE(commits_->applying());
  EXPECT_EQ(events_.applied.back(), Csn(2));
}

TEST_F(SliceSchedulerTest, BulkWorkGetsOneTurnOfTenWhileClientsAreAtWork) {
  bulk_.BuildIndex(IndexId(1));
  for (uint64_t turn = 1; turn <= 10; ++turn) {
    EXPECT_TRUE(events_.built.empty()) << turn;
    Add(2 * turn);
    Add(2 * turn + 1);  // never empty behind a turn
    executor_.RunTurn();
  }
  EXPECT_EQ(events_.built.size(), 1u);
}

TEST_F(SliceSchedulerTest, WithoutOtherWorkBulkWorkGetsTheFirstTurn) {
  bulk_.BuildIndex(IndexId(1));
  executor_.RunTurn();
  EXPECT_EQ(events_.built.size(), 1u);
}

TEST_F(SliceSchedulerTest, OperationsThatWaitForRoomForAnswersDoNotTurnTheLoop) {
  events_.held_bytes = kMaxAnswerBytes + 1;
  Add(10, 1000);
  // Little is made by it: it goes on although much is held, but the second has nothing to lose.
  executor_.RunPosted();
  EXPECT_EQ(answered_.size(), 1u);
  EXPECT_FALSE(executor_.has_posted());
}

TEST_F(SliceSchedulerTest, ALargeOperationPausesWhileMemoryIsLowUnlessOthersWaitBehindIt) {
  executor_.set_memory_is_low(true);
  Add(10, 1000);
  executor_.RunPosted();
  EXPECT_TRUE(answered_.empty());
  EXPECT_FALSE(executor_.has_posted()) << "a timer wakes it";
  executor_.Advance(1'000'000);
  EXPECT_EQ(answered_.size(), 1u);
  Add(11, 1000);
  Add(12);
  executor_.RunTurn();
  EXPECT_TRUE(executor_.has_posted()) << "12 does not wait for 11's memory";
}

TEST_F(SliceSchedulerTest, TheSameOperationWaitsUntilThereIsMemoryButNotForEver) {
  Add(10, 1000);
  executor_.RunTurn();
  ASSERT_TRUE(answered_.empty());
  executor_.set_memory_is_low(true);
  executor_.RunPosted();
  executor_.Advance(20'000);
  EXPECT_TRUE(answered_.empty());
  executor_.set_memory_is_low(false);
  executor_.Advance(1'000);
  EXPECT_EQ(answered_.size(), 1u);
  executor_.set_memory_is_low(true);
  Add(11, 1000);
  executor_.RunPosted();
  executor_.Advance(10'000'000);
  EXPECT_EQ(answered_.size(), 2u);
}

TEST_F(SliceSchedulerTest, NothingRunsAfterItIsGone) {
  Add(10);
  slices_ = nullptr;
  executor_.RunPosted();
  EXPECT_TRUE(answered_.empty());
}

}  // namespace
}  // namespace tidemark::worker
