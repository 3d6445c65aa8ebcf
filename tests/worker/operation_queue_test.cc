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

}  // namespace
}  // namespace tidemark::worker
