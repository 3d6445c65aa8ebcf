// SPDX-License-Identifier: Apache-2.0
#include "session/batch_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::session {
namespace {

using ::testing::ElementsAre;

// Workers that answer every operation with an empty result, and the first message with follow-ups.
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
  void Execute(TxId, NodeId worker, std::string operations,
               std::function<void(ExecuteReply)> done) override {
    const absl::StatusOr<std::vector<exec::Operation>> sent = exec::DecodeBatch(operations);
    ASSERT_TRUE(sent.ok()) << sent.status();
    messages_[worker].push_back(sent->size());
    exec::BatchResult result;
    result.results.resize(sent->size());
    result.follow_ups = std::exchange(follow_ups_, {});
    answers_.push_back([done, encoded = exec::EncodeBatchResult(result)] {
      done({absl::OkStatus(), encoded});
    });
  }
  void Commit(TxId, std::function<void(absl::StatusOr<Bookmark>)>) override {}
  void Rollback(TxId) override {}
  void WatchTransaction(TxId, std::function<void(const absl::Status&)>) override {}
  void InternNames(std::vector<NameRequest>, std::function<void(absl::Status)> done) override {
    done(absl::OkStatus());
  }
  const catalog::NameTable& names() const override { return names_; }
  const catalog::SchemaTable& schema() const override { return schema_; }
  uint32_t worker_count() const override { return 2; }
  NodeId NextPlacement() override { return NodeId(1); }

  void FollowUp(exec::Operation operation) { follow_ups_.push_back(std::move(operation)); }
  // Answers what was asked, oldest first; the number of messages that waited at once, each time.
  std::vector<size_t> AnswerAll() {
    std::vector<size_t> waiting;
    while (!answers_.empty()) {
      waiting.push_back(answers_.size());
      for (size_t i = waiting.back(); i > 0; --i) {
        const std::function<void()> answer = std::move(answers_.front());
        answers_.pop_front();
        answer();
      }
    }
    return waiting;
  }
  const std::vector<size_t>& messages(uint32_t worker) { return messages_[NodeId(worker)]; }

 private:
  catalog::NameTable names_;
  catalog::SchemaTable schema_;
  std::vector<exec::Operation> follow_ups_;
  std::map<NodeId, std::vector<size_t>> messages_;
  std::deque<std::function<void()>> answers_;
};

Operation RemoveThreeProperties(uint16_t slot) {
  Operation operation;
  operation.kind = OperationKind::kSetVertexProperties;
  operation.vertex.id = VertexId(SlotId(slot), 1);
  operation.properties = {{"a", ""}, {"b", ""}, {"c", ""}};
  return operation;
}

TEST(BatchRunnerTest, WhatIsTooMuchForOneMessageGoesInSeveralBeforeAnyFollowUp) {
  FakeBackend backend;
  std::vector<Operation> operations(80'000, RemoveThreeProperties(0));
  operations.push_back(RemoveThreeProperties(kSlotCount - 1));
  exec::Operation follow_up;
  follow_up.kind = exec::OperationKind::kTouchVertex;
  follow_up.vertex = VertexId(SlotId(kSlotCount - 1), 1);
  backend.FollowUp(follow_up);
  size_t results = 0;
  const auto runner =
      std::make_shared<BatchRunner>(&backend, TxId(1), std::move(operations),
                                    [&](absl::StatusOr<std::vector<OperationResult>> done) {
                                      ASSERT_TRUE(done.ok()) << done.status();
                                      results = done->size();
                                    });
  runner->Start();
  EXPECT_THAT(backend.AnswerAll(), ElementsAre(2, 1, 1));
  EXPECT_EQ(results, 80'001u);
  EXPECT_THAT(backend.messages(1),
              ElementsAre(exec::kMaxBatchOperationCount, 240'000 - exec::kMaxBatchOperationCount));
  EXPECT_THAT(backend.messages(2), ElementsAre(3, 1));
}

}  // namespace
}  // namespace tidemark::session
