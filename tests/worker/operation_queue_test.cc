// SPDX-License-Identifier: Apache-2.0
// Who runs when: by turns, when answers are enough, and when the log has no room.
#include "worker/operation_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exec/operation_coding.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"

namespace tidemark::worker {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kQueryBytes = uint64_t{64} << 20;
constexpr size_t kRowBytes = 200'000;

class OperationQueueTest : public ::testing::Test {
 protected:
  OperationQueueTest() { vertex_ = Create(kRowBytes); }

  // In transaction 1.
  VertexId Create(size_t bytes) {
    exec::Operation create;
    create.kind = exec::OperationKind::kCreateVertex;
    create.slot = SlotId(0);
    const std::string text = graph::EncodeValue(graph::Value::String(std::string(bytes, 'x')));
    EXPECT_TRUE(graph::PackProperties({{KeyId(1), text}}, &create.bytes).ok());
    Add(1, {create});
    while (queue_.RunSlice(1'000'000, 0).has_value()) {
    }
    const auto result = exec::DecodeBatchResult(results_.back());
    EXPECT_TRUE(result.ok());
    answered_.clear();
    return result->results.at(0).vertex;
  }

  void Add(uint64_t tx, const std::vector<exec::Operation>& operations) {
    wire::Execute execute;
    execute.set_tx(tx);
    execute.set_operations(exec::EncodeBatch(operations));
    queue_.Add(&shard_, std::move(execute));
  }
  // Reads the large vertex so many times; in the transaction that made it.
  void AddReads(size_t count) {
    exec::Operation get;
    get.kind = exec::OperationKind::kGetVertex;
    get.vertex = vertex_;
    Add(1, std::vector<exec::Operation>(count, get));
  }
  // Of a transaction that finds nothing.
  void AddSmall(uint64_t tx) {
    exec::Operation get;
    get.kind = exec::OperationKind::kGetVertex;
    get.vertex = VertexId(SlotId(1), 1);
    Add(tx, {get});
  }

  storage::Shard shard_{storage::ShardLimits(), 1, NodeId(1)};
  std::vector<uint64_t> answered_;
  std::vector<std::string> results_;
  OperationQueue queue_{kQueryBytes, [this](const wire::Execute& execute, BatchOutcome outcome) {
                          EXPECT_TRUE(outcome.status.ok()) << outcome.status;
                          answered_.push_back(execute.tx());
                          results_.push_back(std::move(outcome.results));
                        }};
  VertexId vertex_;
};

TEST_F(OperationQueueTest, WhatGivesMuchWaitsWhileAnswersAreHeldAndWhatGivesLittleGoesOn) {
  AddReads(100);
  ASSERT_TRUE(queue_.RunSlice(8'192, 0).has_value());
  AddSmall(2);
  EXPECT_EQ(queue_.RunSlice(8'192, kMaxAnswerBytes + 1), TxId(2));
  EXPECT_EQ(answered_, std::vector<uint64_t>{2});
  EXPECT_FALSE(queue_.RunSlice(8'192, kMaxAnswerBytes + 1).has_value());
  EXPECT_FALSE(queue_.empty());
  while (queue_.RunSlice(8'192, 0).has_value()) {
  }
  EXPECT_EQ(answered_, (std::vector<uint64_t>{2, 1}));
}

TEST_F(OperationQueueTest, WhatIsMadeIsCountedExactlyWhateverComesAndGoes) {
  for (int round = 0; round < 3; ++round) {
    AddReads(3);
    AddReads(1);
    for (uint64_t tx = 2; tx < 6; ++tx) AddSmall(tx);
    queue_.CheckInvariants();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(queue_.RunSlice(100, 0).has_value());
      queue_.CheckInvariants();
    }
    if (round == 1) queue_.Remove(TxId(1));
    queue_.CheckInvariants();
    if (round == 2) queue_.Clear();
    while (queue_.RunSlice(100, 0).has_value()) queue_.CheckInvariants();
    queue_.CheckInvariants();
  }
}

// What batches before it have made is forgotten to the last byte: else what gives much would some
// day wait for ever behind what gives little, though no answers are held.
TEST_F(OperationQueueTest, ManyBatchesBeforeDoNotMakeOneThatGivesMuchWait) {
  vertex_ = Create(kLittleAnswerBytes + 1000);
  for (int i = 0; i < 30'000; ++i) {
    AddSmall(2);
    ASSERT_TRUE(queue_.RunSlice(8'192, 0).has_value());
  }
  AddReads(2);
  ASSERT_EQ(queue_.RunSlice(1, 0), TxId(1)) << "one row, which is much";
  EXPECT_EQ(queue_.RunSlice(1, 0), TxId(1)) << "it goes on";
}

TEST_F(OperationQueueTest, WhatIsNewGoesBeforeWhatIsLongWhichGoesOnAllTheSame) {
  AddReads(10'000);
  ASSERT_EQ(queue_.RunSlice(1, 0), TxId(1));
  EXPECT_TRUE(queue_.pauses());
  EXPECT_TRUE(queue_.is_in_the_middle());
  std::vector<TxId> turns;
  for (uint64_t tx = 2; tx < 102; ++tx) {
    AddSmall(tx);
    EXPECT_FALSE(queue_.is_in_the_middle());
    turns.push_back(*queue_.RunSlice(1, 0));
  }
  const auto long_turns = std::count(turns.begin(), turns.end(), TxId(1));
  EXPECT_GE(long_turns, 10);
  EXPECT_LE(long_turns, 15);
}

TEST_F(OperationQueueTest, OneThatGivesMuchComesToItsEndAlsoBeyondTheLimit) {
  AddReads(150);
  // As much as the limit is held: it is the oldest, and goes on.
  int slices = 0;
  while (queue_.RunSlice(8'192, kMaxAnswerBytes).has_value()) ++slices;
  EXPECT_EQ(answered_, std::vector<uint64_t>{1});
  EXPECT_GT(slices, 10) << "a slice copies more than it should";
}

TEST_F(OperationQueueTest, ARemovedTransactionNoLongerCounts) {
  AddReads(100);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(queue_.RunSlice(8'192, 0).has_value());
  queue_.Remove(TxId(1));
  EXPECT_TRUE(queue_.empty());
  EXPECT_FALSE(queue_.RunSlice(8'192, 0).has_value());
  AddSmall(3);
  EXPECT_EQ(queue_.RunSlice(8'192, kMaxAnswerBytes), TxId(3));
}

// Batches that read nothing.
class TurnsTest : public ::testing::Test {
 protected:
  void Add(uint64_t tx, uint64_t request, size_t count) {
    exec::Operation get;
    get.kind = exec::OperationKind::kGetVertex;
    get.vertex = VertexId(SlotId(0), 1);
    wire::Execute execute;
    execute.set_tx(tx);
    execute.set_request(request);
    execute.set_operations(exec::EncodeBatch(std::vector<exec::Operation>(count, get)));
    queue_.Add(&shard_, std::move(execute));
  }

  storage::Shard shard_{storage::ShardLimits(), 1, NodeId(1)};
  std::vector<uint64_t> answered_;
  OperationQueue queue_{kQueryBytes,
                        [this](const wire::Execute& execute, const BatchOutcome& outcome) {
                          EXPECT_TRUE(outcome.status.ok()) << outcome.status;
                          answered_.push_back(execute.request());
                        }};
};

TEST_F(TurnsTest, OneTransactionsBatchesInOrderSeveralTransactionsByTurns) {
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
  OperationQueue queue{kQueryBytes, [&](const wire::Execute& execute, const BatchOutcome& outcome) {
                         answered.emplace_back(execute.request(), outcome.status.code());
                       }};
  TestGate gate;
  const auto add = [&](uint64_t tx, exec::OperationKind kind) {
    exec::Operation operation;
    operation.kind = kind;
    operation.vertex = VertexId(SlotId(0), 1);
    wire::Execute execute;
    execute.set_tx(tx);
    execute.set_request(tx);
    execute.set_operations(exec::EncodeBatch({operation}));
    queue.Add(&shard, std::move(execute), &gate);
  };
  gate.answer = false;
  add(1, exec::OperationKind::kCreateVertex);
  EXPECT_TRUE(queue.RunSlice(50, 0).has_value());
  EXPECT_TRUE(queue.waits_for_room());
  add(2, exec::OperationKind::kGetVertex);
  queue.RunSlice(50, 0);
  queue.RunSlice(50, 0);
  EXPECT_THAT(answered, ElementsAre(std::pair(2, absl::StatusCode::kOk)));
  gate.answer = absl::ResourceExhaustedError("full");
  queue.RunSlice(50, 0);
  EXPECT_EQ(answered.back(), std::pair(uint64_t{1}, absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(queue.waits_for_room());
}

}  // namespace
}  // namespace tidemark::worker
