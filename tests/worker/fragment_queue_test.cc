// SPDX-License-Identifier: Apache-2.0
// Who runs when: by turns, when answers are enough, and when the log has no room.
#include "worker/fragment_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/plan/plan_coding.h"
#include "tests/exec/fragment_calls.h"

namespace tidemark::worker {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kQueryBytes = uint64_t{64} << 20;
constexpr int kVertexCount = 30'000;

// An opening step.
wire::Execute StepOf(uint64_t tx, uint64_t run, std::string call, Csn read_csn = Csn(0)) {
  wire::Execute execute;
  execute.set_tx(tx);
  execute.set_read_csn(read_csn.value());
  execute.set_request(run);
  execute.set_kind(static_cast<uint32_t>(exec::FragmentStepKind::kOpen));
  execute.set_run(run);
  execute.set_call(std::move(call));
  return execute;
}

std::unique_ptr<const query::plan::Remote> MakeFetch() {
  auto input = std::make_unique<query::plan::Input>();
  input->slot_count = 1;
  auto fetch = std::make_unique<query::plan::Fetch>();
  fetch->number = 1;
  fetch->wants_all = true;
  fetch->takes_deleted = true;
  fetch->inputs.push_back(std::move(input));
  auto remote = std::make_unique<query::plan::Remote>();
  remote->returned = {1, 2};
  remote->fragment.root = std::move(fetch);
  remote->fragment.operator_count = 2;
  EncodeFragment(remote.get());
  return remote;
}

// Looks for a vertex that is not there, so many times.
std::string CallOfNothing(size_t count) {
  static const query::plan::Remote* const remote = MakeFetch().release();
  static query::SlabPool* const pool = new query::SlabPool();
  const VertexId nothing(SlotId(1), 1);
  query::BatchRef input = query::Batch::Make(pool, count);
  input->set_row_count(count);
  query::Column* const column = input->AddColumn(query::ColumnKind::kVertex);
  for (size_t row = 0; row < count; ++row) column->SetWord(row, nothing.value());
  return exec::CallOf(*remote, input);
}

// A worker with many persons. To read all their ids takes many slices, and gives much.
class FragmentQueueTest : public ::testing::Test {
 protected:
  FragmentQueueTest() {
    const TxId tx(1000);
    const LabelId label(1);
    for (int i = 0; i < kVertexCount; ++i) {
      CHECK(shard_.CreateVertex({Csn(0), tx}, {SlotId(0), {label}, {}}, nullptr).ok());
    }
    shard_.TakePendingMutations(tx);
    shard_.Commit(tx, Csn(1));
    int64_t units = int64_t{1} << 40;
    CHECK(shard_.ApplySome(&units));
    auto scan = std::make_unique<query::plan::ScanVertices>();
    scan->inputs.push_back(std::make_unique<query::plan::Input>());
    scan->number = 1;
    scan_.returned = {1};
    scan_.fragment.root = std::move(scan);
    scan_.fragment.operator_count = 2;
    EncodeFragment(&scan_);
  }

  void AddLarge(uint64_t tx) {
    query::BatchRef input = query::Batch::Make(&pool_, 1);
    input->AddRow();
    queue_.Add(&shard_, StepOf(tx, ++run_, exec::CallOf(scan_, input), Csn(1)));
  }
  // Of a transaction that finds nothing.
  void AddSmall(uint64_t tx) { queue_.Add(&shard_, StepOf(tx, ++run_, CallOfNothing(1), Csn(1))); }
  // Runs slices until the first line has made much.
  void RunUntilMuchIsMade() {
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(queue_.RunSlice(kSliceUnits, 0).has_value());
    ASSERT_TRUE(answered_.empty());
  }

  static constexpr int64_t kSliceUnits = 1'024;

  storage::Shard shard_{storage::ShardLimits(), 1, NodeId(1)};
  query::SlabPool pool_;
  query::plan::Remote scan_;
  uint64_t run_ = 0;
  std::vector<uint64_t> answered_;
  FragmentQueue queue_{
      kQueryBytes, [this](const wire::Execute& execute, const absl::StatusOr<std::string>& answer) {
        EXPECT_TRUE(answer.ok()) << answer.status();
        answered_.push_back(execute.tx());
      }};
};

TEST_F(FragmentQueueTest, WhatGivesMuchWaitsWhileAnswersAreHeldAndWhatGivesLittleGoesOn) {
  AddLarge(1);
  RunUntilMuchIsMade();
  AddSmall(2);
  EXPECT_EQ(queue_.RunSlice(kSliceUnits, kMaxAnswerBytes + 1), TxId(2));
  EXPECT_EQ(answered_, std::vector<uint64_t>{2});
  EXPECT_FALSE(queue_.RunSlice(kSliceUnits, kMaxAnswerBytes + 1).has_value());
  EXPECT_FALSE(queue_.empty());
  while (queue_.RunSlice(kSliceUnits, 0).has_value()) {
  }
  EXPECT_EQ(answered_, (std::vector<uint64_t>{2, 1}));
}

TEST_F(FragmentQueueTest, WhatIsMadeIsCountedExactlyWhateverComesAndGoes) {
  for (int round = 0; round < 3; ++round) {
    AddLarge(1);
    AddLarge(1);
    for (uint64_t tx = 2; tx < 6; ++tx) AddSmall(tx);
    queue_.CheckInvariants();
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(queue_.RunSlice(kSliceUnits, 0).has_value());
      queue_.CheckInvariants();
    }
    if (round == 1) queue_.Remove(TxId(1));
    queue_.CheckInvariants();
    if (round == 2) queue_.Clear();
    while (queue_.RunSlice(kSliceUnits, 0).has_value()) queue_.CheckInvariants();
    queue_.CheckInvariants();
  }
}

// What steps before it have made is forgotten to the last byte: else what gives much would some
// day wait for ever behind what gives little, though no answers are held.
TEST_F(FragmentQueueTest, ManyStepsBeforeDoNotMakeOneThatGivesMuchWait) {
  for (int i = 0; i < 30'000; ++i) {
    AddSmall(2);
    ASSERT_TRUE(queue_.RunSlice(8'192, 0).has_value());
  }
  answered_.clear();
  AddLarge(1);
  RunUntilMuchIsMade();
  EXPECT_EQ(queue_.RunSlice(1, 0), TxId(1)) << "it goes on";
}

// In each slice a small fragment ends, and a large one does not.
constexpr int64_t kSmallSliceUnits = 64;

TEST_F(FragmentQueueTest, WhatIsNewGoesBeforeWhatIsLongWhichGoesOnAllTheSame) {
  AddLarge(1);
  ASSERT_EQ(queue_.RunSlice(kSmallSliceUnits, 0), TxId(1));
  EXPECT_TRUE(queue_.pauses());
  EXPECT_TRUE(queue_.is_in_the_middle());
  std::vector<TxId> turns;
  for (uint64_t tx = 2; tx < 102; ++tx) {
    AddSmall(tx);
    EXPECT_FALSE(queue_.is_in_the_middle());
    turns.push_back(*queue_.RunSlice(kSmallSliceUnits, 0));
  }
  const auto long_turns = std::count(turns.begin(), turns.end(), TxId(1));
  EXPECT_GE(long_turns, 10);
  EXPECT_LE(long_turns, 15);
}

// A statement that asks for little again and again is as long as one that asks for much.
TEST_F(FragmentQueueTest, WhatHasWorkedForLongIsNotNewAgain) {
  AddSmall(1);
  EXPECT_FALSE(queue_.is_in_the_middle());
  for (int i = 0; i < 10; ++i) queue_.NoteTime(TxId(1), exec::kLongMicros / 10);
  EXPECT_TRUE(queue_.is_in_the_middle());
  AddSmall(2);
  EXPECT_FALSE(queue_.is_in_the_middle());
  EXPECT_EQ(queue_.RunSlice(kSliceUnits, 0), TxId(2));
  EXPECT_EQ(queue_.RunSlice(kSliceUnits, 0), TxId(1));
  queue_.Remove(TxId(1));
  AddSmall(1);
  EXPECT_FALSE(queue_.is_in_the_middle());
}

TEST_F(FragmentQueueTest, OneThatGivesMuchComesToItsEndAlsoBeyondTheLimit) {
  AddLarge(1);
  // As much as the limit is held: it is the oldest, and goes on.
  int slices = 0;
  while (queue_.RunSlice(kSliceUnits, kMaxAnswerBytes).has_value()) ++slices;
  EXPECT_EQ(answered_, std::vector<uint64_t>{1});
  EXPECT_GT(slices, 10);
}

TEST_F(FragmentQueueTest, ARemovedTransactionNoLongerCounts) {
  AddLarge(1);
  RunUntilMuchIsMade();
  queue_.Remove(TxId(1));
  EXPECT_TRUE(queue_.empty());
  EXPECT_FALSE(queue_.RunSlice(kSliceUnits, 0).has_value());
  AddSmall(3);
  EXPECT_EQ(queue_.RunSlice(kSliceUnits, kMaxAnswerBytes), TxId(3));
}

// Steps that find nothing.
class TurnsTest : public ::testing::Test {
 protected:
  void Add(uint64_t tx, uint64_t request, size_t count) {
    queue_.Add(&shard_, StepOf(tx, request, CallOfNothing(count)));
  }

  storage::Shard shard_{storage::ShardLimits(), 1, NodeId(1)};
  std::vector<uint64_t> answered_;
  FragmentQueue queue_{
      kQueryBytes, [this](const wire::Execute& execute, const absl::StatusOr<std::string>& answer) {
        EXPECT_TRUE(answer.ok()) << answer.status();
        answered_.push_back(execute.request());
      }};
};

TEST_F(TurnsTest, OneTransactionsStepsInOrderSeveralTransactionsByTurns) {
  Add(1, 10, 1000);
  Add(1, 11, 1);
  Add(2, 20, 1);
  while (queue_.RunSlice(50, 0)) {
  }
  EXPECT_THAT(answered_, ElementsAre(20, 10, 11));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(TurnsTest, ARemovedTransactionIsNotAnswered) {
  Add(1, 10, 1000);
  Add(1, 11, 1);
  Add(2, 20, 1);
  queue_.RunSlice(50, 0);
  queue_.Remove(TxId(1));
  while (queue_.RunSlice(50, 0)) {
  }
  EXPECT_THAT(answered_, ElementsAre(20));
}

// Open, waiting or closed, as the test says.
class TestGate : public exec::WriteGate {
 public:
  absl::StatusOr<bool> MayWrite(uint64_t, uint64_t) override { return answer; }
  absl::StatusOr<bool> answer = true;
};

TEST(WriteGateTest, WritesWaitOrAreRefusedAndReadsGoOn) {
  storage::Shard shard{storage::ShardLimits(), 1, NodeId(1)};
  std::vector<std::pair<uint64_t, absl::StatusCode>> answered;
  FragmentQueue queue{kQueryBytes,
                      [&](const wire::Execute& execute, const absl::StatusOr<std::string>& answer) {
                        answered.emplace_back(execute.request(), answer.status().code());
                      }};
  TestGate gate;
  gate.answer = false;
  const std::string create = exec::CallOf({{.kind = exec::ChangeKind::kCreateVertex}});
  queue.Add(&shard, StepOf(1, 1, create), &gate);
  EXPECT_TRUE(queue.RunSlice(50, 0).has_value());
  EXPECT_TRUE(queue.waits());
  EXPECT_FALSE(queue.has_work());
  // What waits has no slice before it is asked again, whoever else has.
  EXPECT_FALSE(queue.RunSlice(50, 0).has_value());
  for (uint64_t tx = 2; tx < 20; ++tx) {
    queue.Add(&shard, StepOf(tx, tx, CallOfNothing(1)), &gate);
    EXPECT_TRUE(queue.has_work());
    EXPECT_EQ(queue.RunSlice(50, 0), TxId(tx));
    EXPECT_EQ(answered.back(), std::pair(tx, absl::StatusCode::kOk));
    EXPECT_FALSE(queue.RunSlice(50, kMaxAnswerBytes).has_value());
  }
  queue.AskAgain();
  EXPECT_EQ(queue.RunSlice(50, 0), TxId(1));
  EXPECT_TRUE(queue.waits());
  gate.answer = absl::ResourceExhaustedError("full");
  EXPECT_FALSE(queue.RunSlice(50, 0).has_value());
  queue.AskAgain();
  queue.RunSlice(50, 0);
  EXPECT_EQ(answered.back(), std::pair(uint64_t{1}, absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(queue.waits());
}

}  // namespace
}  // namespace tidemark::worker
