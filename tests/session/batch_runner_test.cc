// SPDX-License-Identifier: Apache-2.0
#include "session/batch_runner.h"

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
#include "graph/value.h"
#include "graph/value_coding.h"

namespace tidemark::session {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Le;

// Workers that answer every operation with the same number of neighbours, none at first, and the
// first message with follow-ups.
class FakeBackend : public Backend {
 public:
  FakeBackend() {
    for (const char* key : {"a", "b", "c"}) {
      EXPECT_TRUE(names_.Add(graph::NameKind::kKey, key).ok());
    }
  }
  absl::StatusOr<BegunTransaction> Begin(const BeginOptions&) override {
    return absl::UnimplementedError("begin");
  }
  void WhenReadable(const Bookmark&, std::function<void()> done) override { done(); }
  void Execute(TxId, NodeId worker, std::string operations,
               std::function<void(ExecuteReply)> done) override {
    const absl::StatusOr<std::vector<exec::Operation>> sent = exec::DecodeBatch(operations);
    ASSERT_TRUE(sent.ok()) << sent.status();
    messages_[worker].push_back(sent->size());
    exec::BatchResult result;
    result.results.resize(sent->size());
    for (size_t i = 0; i < sent->size(); ++i) {
      const VertexId vertex = sent->at(i).vertex;
      if (row_count_ > 0) result.results[i].neighbours.assign(row_count_, Row(vertex));
    }
    for (exec::Operation& operation : std::exchange(follow_ups_, {})) {
      result.follow_ups.push_back({0, std::move(operation)});
    }
    if (fail_next_.has_value()) {
      return answers_.push_back([done, failed = *std::exchange(fail_next_, std::nullopt)] {
        done({absl::NotFoundError("there is no such vertex"), {}, failed});
      });
    }
    std::string encoded = exec::EncodeBatchResult(result);
    if (std::exchange(cut_next_, false)) encoded.pop_back();
    answers_.push_back([done, encoded] { done({absl::OkStatus(), encoded}); });
  }
  void RunFragment(TxId, NodeId, exec::FragmentStep, std::function<void(ExecuteReply)>) override {
    LOG(FATAL) << "nobody asks in Cypher";
  }
  void Commit(TxId, std::function<void(absl::StatusOr<Bookmark>)>) override {}
  void Rollback(TxId) override {}
  void NoteUsed(TxId) override {}
  void WatchTransaction(TxId, std::function<void(const absl::Status&)>) override {}
  void InternNames(std::vector<NameRequest>, std::function<void(absl::Status)> done) override {
    done(absl::OkStatus());
  }
  void ChangeSchema(SchemaChange, std::function<void(absl::Status)>) override {
    LOG(FATAL) << "nothing changes the schema";
  }
  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  MemoryBudget* result_memory() override { return &result_memory_; }
  const catalog::NameTable& names() const override { return names_; }
  const catalog::SchemaTable& schema() const override { return schema_; }
  uint32_t worker_count() const override { return 2; }
  NodeId NextPlacement() override { return NodeId(1); }
  void StartTrace(TxId, int64_t) override {}
  Trace TakeTrace(TxId) override { return {}; }

  void FollowUp(exec::Operation operation) { follow_ups_.push_back(std::move(operation)); }
  // Fails the next message's operation of this number.
  void FailNext(size_t operation) { fail_next_ = operation; }
  void AnswerWithRows(size_t count) { row_count_ = count; }
  // The next answer lacks its last byte.
  void CutNext() { cut_next_ = true; }
  void AnswerOne() { TakeFront (&answers_)(); }
  void RunOneStep() { TakeFront (&posted_)(); }
  // Runs what was posted, and what that posts; the number of steps.
  size_t RunSteps() {
    size_t count = 0;
    for (; !posted_.empty(); ++count) TakeFront (&posted_)();
    return count;
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
  static exec::NeighbourRow Row(VertexId vertex) {
    return {vertex, EdgeId(vertex.slot(), 1), TypeId(1), true};
  }
  static std::function<void()> TakeFront(std::deque<std::function<void()>>* queue) {
    std::function<void()> fn = std::move(queue->front());
    queue->pop_front();
    return fn;
  }

  MemoryBudget result_memory_{nullptr, uint64_t{256} << 20};  // nobody waits for it
  catalog::NameTable names_;
  catalog::SchemaTable schema_;
  std::vector<exec::Operation> follow_ups_;
  std::map<NodeId, std::vector<size_t>> messages_;
  std::deque<std::function<void()>> answers_;
  std::deque<std::function<void()>> posted_;
  std::optional<size_t> fail_next_;
  size_t row_count_ = 0;
  bool cut_next_ = false;
};

Operation RemoveThreeProperties(uint16_t slot) {
  Operation operation;
  operation.kind = OperationKind::kSetVertexProperties;
  operation.vertex.id = VertexId(SlotId(slot), 1);
  operation.properties = {{"a", ""}, {"b", ""}, {"c", ""}};
  return operation;
}

// The edges of one vertex of the first worker's and one of the last worker's slots, by turns.
std::vector<Operation> Expansions(size_t count) {
  std::vector<Operation> operations(count);
  for (size_t i = 0; i < count; ++i) {
    operations[i].kind = OperationKind::kExpand;
    operations[i].vertex.id =
        VertexId(SlotId(i % 2 == 0 ? 0 : kSlotCount - 1), static_cast<uint32_t>(i + 1));
  }
  return operations;
}

size_t SumOf(const std::vector<size_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), size_t{0});
}

TEST(BatchRunnerTest, ALargeBatchGoesInPartsAndFollowUpsOnlyBehindAllAnswers) {
  FakeBackend backend;
  constexpr size_t kCount = 10 * kMaxPartOperationCount;
  std::vector<Operation> operations(kCount, RemoveThreeProperties(0));
  operations.push_back(RemoveThreeProperties(kSlotCount - 1));
  exec::Operation follow_up;
  follow_up.kind = exec::OperationKind::kTouchVertex;
  follow_up.vertex = VertexId(SlotId(kSlotCount - 1), 1);
  backend.FollowUp(follow_up);
  size_t results = 0;
  const auto runner =
      std::make_shared<BatchRunner>(&backend, TxId(1), Csn(1), std::move(operations),
                                    [&](absl::StatusOr<std::vector<OperationResult>> done) {
                                      ASSERT_TRUE(done.ok()) << done.status();
                                      results = done->size();
                                    });
  runner->Start();
  // One part per step: the first, and nothing more before the loop's next step.
  ASSERT_EQ(backend.messages(1).size(), 1u);
  // The follow-up behind everything else, alone.
  const std::vector<size_t> waiting = backend.AnswerAll();
  ASSERT_GE(waiting.size(), 2u);
  EXPECT_EQ(waiting.back(), 1u);
  EXPECT_EQ(results, kCount + 1);
  EXPECT_EQ(SumOf(backend.messages(1)), 3 * kCount);
  EXPECT_THAT(backend.messages(1), Each(Le(kMaxPartOperationCount + 1)));
  EXPECT_THAT(backend.messages(2), ElementsAre(3, 1));
}

TEST(BatchRunnerTest, AWindowOfPartsIsUnderWayAtEachWorker) {
  FakeBackend backend;
  // Three operations at the worker for one of the client.
  constexpr size_t kCount = 10 * kWindowPartCount * kMaxPartOperationCount;
  std::vector<Operation> operations;
  for (size_t i = 0; i < kCount; ++i) {
    operations.push_back(RemoveThreeProperties(i % 4 == 0 ? kSlotCount - 1 : 0));
  }
  bool is_done = false;
  const auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), std::move(operations),
      [&](const absl::StatusOr<std::vector<OperationResult>>& done) { is_done = done.ok(); });
  runner->Start();
  const std::vector<size_t> waiting = backend.AnswerAll();
  EXPECT_THAT(waiting, Each(Le(2 * kWindowPartCount)));
  EXPECT_GE(waiting.size(), 10u);
  EXPECT_TRUE(is_done);
  EXPECT_EQ(SumOf(backend.messages(1)) + SumOf(backend.messages(2)), 3 * kCount);
}

Operation SetLargeProperty(size_t bytes) {
  Operation operation;
  operation.kind = OperationKind::kSetVertexProperties;
  operation.vertex.id = VertexId(SlotId(0), 1);
  const graph::Value text = graph::Value::String(std::string(bytes, 'x'));
  operation.properties = {{"a", graph::EncodeValue(text)}};
  return operation;
}

TEST(BatchRunnerTest, TheWindowCountsBytesToo) {
  FakeBackend backend;
  constexpr size_t kBytes = kMaxPartBytes * 3 / 4;  // two operations fill a part
  constexpr size_t kCount = 8 * kWindowBytes / kBytes;
  bool is_done = false;
  const auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), std::vector<Operation>(kCount, SetLargeProperty(kBytes)),
      [&](const absl::StatusOr<std::vector<OperationResult>>& done) { is_done = done.ok(); });
  runner->Start();
  const std::vector<size_t> waiting = backend.AnswerAll();
  EXPECT_THAT(backend.messages(1), Each(Le(2u)));
  EXPECT_THAT(waiting, Each(Le(kWindowBytes / kBytes / 2 + 1)));
  EXPECT_TRUE(is_done);
}

TEST(BatchRunnerTest, ResultsThatFindNoRoomEndTheBatchAndGiveBackWhatTheyTook) {
  FakeBackend backend;
  backend.AnswerWithRows(kMaxReadPerStep);
  MemoryBudget* const memory = backend.result_memory();
  memory->Take(memory->limit_bytes() - 1000);
  absl::Status status;
  auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), Expansions(kMaxPartOperationCount),
      [&](const absl::StatusOr<std::vector<OperationResult>>& done) { status = done.status(); });
  runner->Start();
  backend.AnswerAll();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), ::testing::HasSubstr("find no room"));
  runner.reset();
  EXPECT_EQ(memory->used_bytes(), memory->limit_bytes() - 1000);
}

TEST(BatchRunnerTest, AnErrorNamesTheOperationOfTheBatchAndNothingMoreIsSent) {
  FakeBackend backend;
  std::vector<Operation> operations(3 * kMaxPartOperationCount, RemoveThreeProperties(0));
  backend.FailNext(4);  // three operations at the worker for one of the client
  absl::Status status;
  const auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), std::move(operations),
      [&](const absl::StatusOr<std::vector<OperationResult>>& done) { status = done.status(); });
  runner->Start();
  const size_t sent = backend.messages(1).size();
  backend.AnswerOne();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "operation 1 (set vertex property): there is no such vertex");
  backend.AnswerAll();
  EXPECT_EQ(backend.messages(1).size(), sent);
}

constexpr size_t kRowCount = 50;
constexpr size_t kExpansionCount = kMaxPartOperationCount;
// More than the worker's answer can be read in.
constexpr size_t kMinSteps = kExpansionCount / 2 * kRowCount / (kMaxReadPerStep + kRowCount + 1);

TEST(BatchRunnerTest, LargeAnswersAreReadInSlicesOneAfterTheOther) {
  FakeBackend backend;
  backend.AnswerWithRows(kRowCount);
  const std::vector<Operation> operations = Expansions(kExpansionCount);
  std::optional<std::vector<OperationResult>> results;
  const auto runner =
      std::make_shared<BatchRunner>(&backend, TxId(1), Csn(1), operations,
                                    [&](absl::StatusOr<std::vector<OperationResult>> done) {
                                      ASSERT_TRUE(done.ok()) << done.status();
                                      results = *std::move(done);
                                    });
  runner->Start();
  backend.RunSteps();
  backend.AnswerOne();
  backend.RunOneStep();
  backend.AnswerOne();  // while the first answer is being read
  size_t steps = 1;
  for (; !results.has_value(); ++steps) backend.RunOneStep();
  EXPECT_GE(steps, 2 * kMinSteps);
  ASSERT_EQ(results->size(), kExpansionCount);
  for (size_t i = 0; i < kExpansionCount; ++i) {
    ASSERT_EQ(results->at(i).neighbours.size(), kRowCount) << i;
    ASSERT_EQ(results->at(i).neighbours[0].vertex, operations[i].vertex.id) << i;
  }
  backend.RunSteps();
}

TEST(BatchRunnerTest, FollowUpsOfALargeAnswerAreReadInSlicesAndAllSent) {
  FakeBackend backend;
  constexpr size_t kCount = 10 * kMaxReadPerStep;
  exec::Operation follow_up;
  follow_up.kind = exec::OperationKind::kTouchVertex;
  follow_up.vertex = VertexId(SlotId(kSlotCount - 1), 1);
  for (size_t i = 0; i < kCount; ++i) backend.FollowUp(follow_up);
  bool is_done = false;
  const auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), std::vector<Operation>{RemoveThreeProperties(0)},
      [&](const absl::StatusOr<std::vector<OperationResult>>& done) { is_done = done.ok(); });
  runner->Start();
  backend.RunSteps();
  backend.AnswerOne();
  for (int i = 0; i < 5; ++i) backend.RunOneStep();
  EXPECT_TRUE(backend.messages(2).empty());  // not before all of them are known
  backend.AnswerAll();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(SumOf(backend.messages(2)), kCount);
}

TEST(BatchRunnerTest, ACanceledRunnerReadsNoFurther) {
  FakeBackend backend;
  backend.AnswerWithRows(kRowCount);
  bool was_called = false;
  auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), Expansions(kExpansionCount),
      [&](const absl::StatusOr<std::vector<OperationResult>>&) { was_called = true; });
  runner->Start();
  backend.RunSteps();
  backend.AnswerOne();
  backend.RunOneStep();
  runner->Cancel();
  const std::weak_ptr<BatchRunner> weak = runner;
  runner.reset();
  backend.AnswerAll();
  EXPECT_FALSE(was_called);
  EXPECT_TRUE(weak.expired());
}

TEST(BatchRunnerTest, ADamagedEndOfALargeAnswerIsAnErrorOfItsWorker) {
  FakeBackend backend;
  backend.AnswerWithRows(kRowCount);
  backend.CutNext();
  absl::Status status;
  const auto runner = std::make_shared<BatchRunner>(
      &backend, TxId(1), Csn(1), Expansions(kExpansionCount),
      [&](const absl::StatusOr<std::vector<OperationResult>>& done) { status = done.status(); });
  runner->Start();
  backend.RunSteps();
  backend.AnswerOne();
  EXPECT_TRUE(status.ok());
  backend.AnswerAll();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(),
            "worker 1 gave a malformed result: batch result: malformed count of follow-ups 0");
}

}  // namespace
}  // namespace tidemark::session
