// SPDX-License-Identifier: Apache-2.0
#include "worker/operation_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "exec/operation.h"

namespace tidemark::worker {
namespace {

using ::testing::ElementsAre;

class OperationQueueTest : public ::testing::Test {
 protected:
  // A batch of reads of nothing.
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
  OperationQueue queue_{[this](const wire::Execute& execute, const BatchOutcome& outcome) {
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    answered_.push_back(execute.request());
  }};
};

TEST_F(OperationQueueTest, OneTransactionsBatchesInOrderSeveralTransactionsByTurns) {
  Add(1, 10, 1000);
  Add(1, 11, 1);
  Add(2, 20, 1);
  while (queue_.RunSlice(50)) {
  }
  EXPECT_THAT(answered_, ElementsAre(20, 10, 11));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(OperationQueueTest, ARemovedTransactionIsNotAnswered) {
  Add(1, 10, 1000);
  Add(1, 11, 1);
  Add(2, 20, 1);
  queue_.RunSlice(50);
  queue_.Remove(TxId(1));
  while (queue_.RunSlice(50)) {
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
  OperationQueue queue{[&](const wire::Execute& execute, const BatchOutcome& outcome) {
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
  EXPECT_TRUE(queue.RunSlice(50).has_value());
  EXPECT_TRUE(queue.waits_for_room());
  add(2, exec::OperationKind::kGetVertex);
  queue.RunSlice(50);
  queue.RunSlice(50);
  EXPECT_THAT(answered, ElementsAre(std::pair(2, absl::StatusCode::kOk)));
  gate.answer = absl::ResourceExhaustedError("full");
  queue.RunSlice(50);
  EXPECT_EQ(answered.back(), std::pair(uint64_t{1}, absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(queue.waits_for_room());
}

}  // namespace
}  // namespace tidemark::worker
