// SPDX-License-Identifier: Apache-2.0
#include "session/typed_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/coding.h"
#include "exec/change_rows.h"
#include "graph/value.h"
#include "graph/value_coding.h"
#include "query/batch/batch_coding.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

// Workers that make every change, and answer the first request with follow-ups; when is up to the
// test. Nobody may read.
class FakeBackend : public ShardBackend {
 public:
  FakeBackend() : ShardBackend(/*worker_count=*/2, /*seed=*/1) {
    InternNames({{graph::NameKind::kKey, "a"}}, [](const absl::Status&) {});
  }
  void RunFragment(TxId, NodeId worker, exec::FragmentStep step,
                   std::function<void(absl::StatusOr<std::string>)> done) override {
    if (step.kind == exec::FragmentStepKind::kClose) return;
    CHECK(step.kind == exec::FragmentStepKind::kOpen) << "an answer is one piece";
    const absl::StatusOr<exec::FragmentCall> call = exec::DecodeCall(slabs().get(), step.bytes);
    ASSERT_TRUE(call.ok()) << call.status();
    ASSERT_EQ(call->fragment, exec::ChangeFragment().encoded.bytes);
    messages_[worker].push_back(call->input->row_count());
    if (fail_next_.has_value()) {
      const absl::Status failed = exec::WithFailure(absl::NotFoundError("there is no such vertex"),
                                                    {*std::exchange(fail_next_, std::nullopt), {}});
      return answers_.push_back([done, failed] { done(failed); });
    }
    std::string answer = Answer(std::exchange(follow_ups_, {}));
    if (std::exchange(cut_next_, false)) answer.pop_back();
    answers_.push_back([done, answer] { done(answer); });
  }
  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }

  void FollowUp(exec::Change change) { follow_ups_.push_back({0, std::move(change)}); }
  // Fails the change in this row of the next request.
  void FailNext(size_t row) { fail_next_ = row; }
  // The next answer lacks its last byte.
  void CutNext() { cut_next_ = true; }
  void AnswerOne() { TakeFront (&answers_)(); }
  // Runs what was posted, and what that posts.
  void RunSteps() {
    while (!posted_.empty()) TakeFront (&posted_)();
  }
  // Answers what was asked, oldest first, after all steps that need no answer; the number of
  // messages that waited at once, each time.
  std::vector<size_t> AnswerAll() {
    std::vector<size_t> waiting;
    for (RunSteps(); !answers_.empty(); RunSteps()) {
      waiting.push_back(answers_.size());
      for (size_t i = waiting.back(); i > 0; --i) TakeFront (&answers_)();
    }
    return waiting;
  }
  const std::vector<size_t>& messages(uint32_t worker) { return messages_[NodeId(worker)]; }

 private:
  std::string Answer(const std::vector<exec::ChangeOutput>& outputs) {
    std::string answer = exec::EncodeHead({.is_end = true});
    for (size_t begin = 0; begin < outputs.size(); begin += query::kMaxBatchRows) {
      const query::BatchRef rows = exec::MakeOutputRows(
          slabs().get(), absl::MakeConstSpan(outputs).subspan(begin, query::kMaxBatchRows));
      std::string encoded;
      CHECK(query::AppendBatch(*rows, &encoded).ok());
      AppendBytes(&answer, encoded);
    }
    return answer;
  }
  static std::function<void()> TakeFront(std::deque<std::function<void()>>* queue) {
    std::function<void()> fn = std::move(queue->front());
    queue->pop_front();
    return fn;
  }

  std::vector<exec::ChangeOutput> follow_ups_;
  std::map<NodeId, std::vector<size_t>> messages_;
  std::deque<std::function<void()>> answers_;
  std::deque<std::function<void()>> posted_;
  std::optional<size_t> fail_next_;
  bool cut_next_ = false;
};

Operation RemoveProperty(uint16_t slot) {
  Operation operation;
  operation.kind = OperationKind::kSetVertexProperties;
  operation.vertex.id = VertexId(SlotId(slot), 1);
  operation.properties = {{"a", ""}};
  return operation;
}

exec::Change Touch(uint16_t slot) {
  exec::Change change;
  change.kind = exec::ChangeKind::kTouchVertex;
  change.vertex = VertexId(SlotId(slot), 1);
  return change;
}

size_t SumOf(const std::vector<size_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), size_t{0});
}

// A batch under way, and what it gave.
struct Batch {
  Batch(Backend* backend, std::vector<Operation> operations, TxId tx = TxId(1), Csn csn = Csn(1))
      : batch(std::make_shared<TypedBatch>(
            TypedBatch::Options{backend, tx, csn}, std::move(operations),
            [this](absl::StatusOr<std::vector<OperationResult>> done) {
              status = done.status();
              if (done.ok()) results = *std::move(done);
            })) {
    batch->Start();
  }

  std::optional<absl::Status> status;
  std::vector<OperationResult> results;
  std::shared_ptr<TypedBatch> batch;
};

TEST(TypedBatchTest, ManyChangesGoInPartsAndFollowUpsOnlyBehindAllAnswers) {
  FakeBackend backend;
  constexpr size_t kCount = 10 * kMaxPartOperationCount;
  std::vector<Operation> operations(kCount, RemoveProperty(0));
  operations.push_back(RemoveProperty(kSlotCount - 1));
  backend.FollowUp(Touch(kSlotCount - 1));
  Batch batch(&backend, std::move(operations));
  // One part per step: the first, and nothing more before the loop's next step.
  ASSERT_EQ(backend.messages(1).size(), 1u);
  // The follow-up behind everything else, alone.
  const std::vector<size_t> waiting = backend.AnswerAll();
  ASSERT_GE(waiting.size(), 2u);
  EXPECT_EQ(waiting.back(), 1u);
  EXPECT_TRUE(batch.status->ok()) << *batch.status;
  EXPECT_EQ(batch.results.size(), kCount + 1);
  EXPECT_EQ(SumOf(backend.messages(1)), kCount);
  EXPECT_THAT(backend.messages(1), Each(Le(kMaxPartOperationCount + 1)));
  EXPECT_THAT(backend.messages(2), ElementsAre(1, 1));
}

TEST(TypedBatchTest, AWindowOfPartsIsUnderWayAtEachWorker) {
  FakeBackend backend;
  constexpr size_t kCount = 30 * kWindowPartCount * kMaxPartOperationCount;
  std::vector<Operation> operations;
  for (size_t i = 0; i < kCount; ++i) {
    operations.push_back(RemoveProperty(i % 4 == 0 ? kSlotCount - 1 : 0));
  }
  Batch batch(&backend, std::move(operations));
  const std::vector<size_t> waiting = backend.AnswerAll();
  EXPECT_THAT(waiting, Each(Le(2 * kWindowPartCount)));
  EXPECT_GE(waiting.size(), 10u);
  EXPECT_TRUE(batch.status->ok()) << *batch.status;
  EXPECT_EQ(SumOf(backend.messages(1)) + SumOf(backend.messages(2)), kCount);
}

Operation SetLargeProperty(size_t bytes) {
  Operation operation = RemoveProperty(0);
  const graph::Value text = graph::Value::String(std::string(bytes, 'x'));
  operation.properties = {{"a", graph::EncodeValue(text)}};
  return operation;
}

TEST(TypedBatchTest, TheWindowCountsBytesToo) {
  FakeBackend backend;
  constexpr size_t kBytes = kMaxPartBytes * 3 / 4;  // two operations fill a part
  constexpr size_t kCount = 8 * kWindowBytes / kBytes;
  Batch batch(&backend, std::vector<Operation>(kCount, SetLargeProperty(kBytes)));
  const std::vector<size_t> waiting = backend.AnswerAll();
  EXPECT_THAT(backend.messages(1), Each(Le(2u)));
  EXPECT_THAT(waiting, Each(Le(kWindowBytes / kBytes / 2 + 1)));
  EXPECT_TRUE(batch.status->ok()) << *batch.status;
}

TEST(TypedBatchTest, AnErrorNamesTheOperationOfTheBatchAndNothingMoreIsSent) {
  FakeBackend backend;
  backend.FailNext(1);
  Batch batch(&backend, std::vector<Operation>(3 * kMaxPartOperationCount, RemoveProperty(0)));
  const size_t sent = backend.messages(1).size();
  backend.AnswerOne();
  ASSERT_TRUE(batch.status.has_value());
  EXPECT_EQ(batch.status->code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(batch.status->message(),
            "operation 1 (set vertex properties): there is no such vertex");
  backend.AnswerAll();
  EXPECT_EQ(backend.messages(1).size(), sent);
}

TEST(TypedBatchTest, ManyFollowUpsOfOneAnswerAreAllSent) {
  FakeBackend backend;
  constexpr size_t kCount = 20 * kMaxPartOperationCount;
  for (size_t i = 0; i < kCount; ++i) backend.FollowUp(Touch(kSlotCount - 1));
  Batch batch(&backend, {RemoveProperty(0)});
  backend.RunSteps();
  EXPECT_TRUE(backend.messages(2).empty());
  backend.AnswerAll();
  EXPECT_TRUE(batch.status->ok()) << *batch.status;
  EXPECT_EQ(SumOf(backend.messages(2)), kCount);
  EXPECT_THAT(backend.messages(2), Each(Le(kMaxPartOperationCount + 1)));
}

TEST(TypedBatchTest, ACanceledBatchAnswersNobodyAndIsFreed) {
  FakeBackend backend;
  Batch batch(&backend, std::vector<Operation>(3 * kMaxPartOperationCount, RemoveProperty(0)));
  backend.RunSteps();
  backend.AnswerOne();
  batch.batch->Cancel();
  const std::weak_ptr<TypedBatch> weak = batch.batch;
  batch.batch.reset();
  backend.AnswerAll();
  EXPECT_FALSE(batch.status.has_value());
  EXPECT_TRUE(weak.expired());
}

TEST(TypedBatchTest, ADamagedAnswerIsAnError) {
  FakeBackend backend;
  backend.FollowUp(Touch(kSlotCount - 1));
  backend.CutNext();
  Batch batch(&backend, {RemoveProperty(0)});
  backend.AnswerAll();
  ASSERT_TRUE(batch.status.has_value());
  EXPECT_EQ(batch.status->code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(backend.messages(2).empty());
}

// Shards in the place of workers.
class TypedReadsTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  TypedReadsTest() {
    for (const graph::NameKind kind : graph::kNameKinds) {
      backend_.InternNames({{kind, "a"}}, [](const absl::Status&) {});
    }
  }

  Batch Run(std::vector<Operation> operations) {
    const BegunTransaction begun = *backend_.Begin({});
    Batch batch(&backend_, std::move(operations), begun.tx, begun.snapshot.csn);
    backend_.Run();
    CHECK(batch.status.has_value());
    if (batch.status->ok()) backend_.Commit(begun.tx, [](const auto&) {});
    return {std::move(batch)};
  }

  ShardBackend backend_{GetParam(), 3};
};

Operation NewVertex(size_t bytes = 0) {
  Operation operation;
  operation.kind = OperationKind::kCreateVertex;
  operation.labels = {"a"};
  const graph::Value text = graph::Value::String(std::string(bytes, 'x'));
  operation.properties = {{"a", graph::EncodeValue(text)}};
  return operation;
}

Operation NewEdge(int64_t source, int64_t target) {
  Operation operation;
  operation.kind = OperationKind::kCreateEdge;
  operation.vertex.created_by = source;
  operation.target.created_by = target;
  operation.types = {"a"};
  return operation;
}

Operation LookAt(int64_t created_by) {
  Operation operation;
  operation.vertex.created_by = created_by;
  return operation;
}

TEST_P(TypedReadsTest, ReadsSeeWhatTheChangesBeforeThemMade) {
  Operation expand = LookAt(0);
  expand.kind = OperationKind::kExpand;
  const Batch batch = Run({NewVertex(), NewVertex(5), NewEdge(0, 1), NewEdge(0, 0), LookAt(1),
                           expand, NewVertex(9), LookAt(6), NewEdge(6, 1)});
  ASSERT_TRUE(batch.status->ok()) << *batch.status;
  const std::vector<OperationResult>& results = batch.results;
  ASSERT_EQ(results[4].vertices.size(), 1u);
  EXPECT_EQ(results[4].vertices[0].id, results[1].vertex);
  EXPECT_THAT(results[4].vertices[0].labels, ElementsAre(LabelId(1)));
  EXPECT_EQ(results[5].neighbours.size(), 2u) << "a loop comes once";
  ASSERT_EQ(results[7].vertices.size(), 1u);
  EXPECT_EQ(results[7].vertices[0].id, results[6].vertex);
  EXPECT_TRUE(results[8].edge.valid());
}

TEST_P(TypedReadsTest, WhatRefersToNoVertexOfTheBatchIsRefused) {
  for (const auto& operations :
       {std::vector{NewVertex(), LookAt(1)}, std::vector{LookAt(1), NewVertex()},
        std::vector{NewVertex(), NewEdge(0, 1)},
        std::vector{NewVertex(), NewEdge(0, 0), LookAt(1)}}) {
    const Batch batch = Run(operations);
    EXPECT_EQ(batch.status->code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(batch.status->message()),
                HasSubstr("refers to operation 1, which is not an earlier create vertex"));
  }
}

TEST_P(TypedReadsTest, ManyLargeVerticesAreReadWhole) {
  constexpr size_t kBytes = exec::kMaxFragmentAnswerBytes / 20;
  std::vector<Operation> operations(100, NewVertex(kBytes));
  for (int64_t i = 0; i < 100; ++i) operations.push_back(LookAt(99 - i));
  const Batch batch = Run(std::move(operations));
  ASSERT_TRUE(batch.status->ok()) << *batch.status;
  for (size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(batch.results[100 + i].vertices.size(), 1u) << i;
    EXPECT_EQ(batch.results[100 + i].vertices[0].id, batch.results[99 - i].vertex);
    EXPECT_GT(batch.results[100 + i].vertices[0].properties.size(), kBytes);
  }
}

TEST_P(TypedReadsTest, ResultsThatFindNoRoomEndTheBatchAndGiveBackWhatTheyTook) {
  constexpr size_t kBytes = 8 << 10;
  std::vector<Operation> operations(20, NewVertex(kBytes));
  for (int64_t i = 0; i < 20; ++i) operations.push_back(LookAt(i));
  MemoryBudget* const memory = backend_.result_memory();
  memory->Take(memory->limit_bytes() - 1000);
  {
    const Batch batch = Run(operations);
    EXPECT_EQ(batch.status->code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(batch.status->message()), HasSubstr("find no room"));
  }
  backend_.Run();
  EXPECT_EQ(memory->used_bytes(), memory->limit_bytes() - 1000);
}

TEST_P(TypedReadsTest, AScanGoesOverAllWorkersPageByPage) {
  Run(std::vector<Operation>(250, NewVertex(3)));
  Operation scan;
  scan.kind = OperationKind::kScanLabel;
  scan.labels = {"a"};
  scan.limit = 7;
  std::map<VertexId, int> seen;
  do {
    const Batch page = Run({scan});
    ASSERT_TRUE(page.status->ok()) << *page.status;
    EXPECT_LE(page.results[0].vertices.size(), 7u);
    for (const VertexRow& row : page.results[0].vertices) ++seen[row.id];
    scan.cursor = page.results[0].cursor;
  } while (!scan.cursor.empty());
  EXPECT_EQ(seen.size(), 250u);
  for (const auto& [vertex, count] : seen) EXPECT_EQ(count, 1) << vertex;
}

INSTANTIATE_TEST_SUITE_P(Workers, TypedReadsTest, testing::Values(1, 3));

}  // namespace
}  // namespace tidemark::session
