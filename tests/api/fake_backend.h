// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/coding.h"
#include "env/executor.h"
#include "exec/change_rows.h"
#include "exec/fragment_step.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "query/batch/batch_coding.h"
#include "session/backend.h"
#include "session/read_plan.h"

namespace tidemark::api {

// Changes are made and give nothing. An expansion of a vertex gives `row_count` neighbours with the
// vertex's own id; a look at one gives 1,100 vertices with a property whose name is so long that no
// message can hold them.
class FakeBackend : public session::Backend {
 public:
  static constexpr size_t kGiantRowCount = 1100;
  static constexpr uint64_t kMemoryBytes = uint64_t{256} << 20;

  explicit FakeBackend(env::Executor* executor) : executor_(executor) {
    EXPECT_TRUE(names_.Add(graph::NameKind::kType, "TO").ok());
    EXPECT_TRUE(names_.Add(graph::NameKind::kKey, std::string(65'535, 'k')).ok());
  }

  std::atomic<size_t> row_count{1};  // set by the test, read by the loop
  std::atomic<bool> answers{true};   // else nothing is answered
  std::atomic<int> execute_count{0};
  std::atomic<int> rollback_count{0};
  void AwaitExecute() const {
    while (execute_count.load() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  absl::StatusOr<session::BegunTransaction> Begin(const session::BeginOptions&) override {
    return session::BegunTransaction{TxId(1), {}};
  }
  void WhenReadable(const session::Bookmark&, std::function<void()> done) override { done(); }
  void RunFragment(TxId, NodeId, exec::FragmentStep step,
                   std::function<void(absl::StatusOr<std::string>)> done) override {
    if (step.kind == exec::FragmentStepKind::kClose) return;
    ++execute_count;
    if (!answers.load()) return;
    const absl::StatusOr<exec::FragmentCall> call = exec::DecodeCall(slabs().get(), step.bytes);
    ASSERT_TRUE(call.ok()) << call.status();
    executor_->Post([done = std::move(done), answer = AnswerTo(*call)] { done(answer); });
  }
  void Commit(TxId, std::function<void(absl::StatusOr<session::Bookmark>)> done) override {
    done(session::Bookmark{Epoch(3), Csn(7)});
  }
  void Rollback(TxId) override { ++rollback_count; }
  void NoteUsed(TxId) override {}
  void NoteWaits(TxId) override {}
  void WatchTransaction(TxId, std::function<void(const absl::Status&)>) override {}
  void InternNames(std::vector<session::NameRequest> names,
                   std::function<void(absl::Status)> done) override {
    for (const session::NameRequest& name : names) {
      EXPECT_TRUE(names_.Add(name.kind, name.text).ok()) << name.text;
    }
    done(absl::OkStatus());
  }
  void ChangeSchema(session::SchemaChange, std::function<void(absl::Status)>) override {
    LOG(FATAL) << "nothing changes the schema";
  }
  void Post(std::function<void()> fn) override { executor_->Post(std::move(fn)); }
  session::MemoryBudget* result_memory() override { return &result_memory_; }
  session::MemoryBudget* request_memory() { return &request_memory_; }
  const catalog::NameTable& names() const override { return names_; }
  const catalog::SchemaTable& schema() const override { return schema_; }
  uint32_t worker_count() const override { return 1; }
  NodeId NextPlacement() override { return NodeId(1); }
  void StartTrace(TxId, int64_t) override {}
  session::Trace TakeTrace(TxId) override {
    return {{NodeId(0), session::TraceKind::kWork, "all", 5}};
  }

 private:
  // Adds a row of an answer to the last batch, or to a new one.
  class Rows {
   public:
    explicit Rows(query::SlabPool* pool) : pool_(pool) {}

    uint16_t Add(const std::vector<query::ColumnKind>& kinds) {
      if (batches_.empty() || batches_.back()->full()) {
        batches_.push_back(query::Batch::Make(pool_));
        for (const query::ColumnKind kind : kinds) {
          query::Column* const column = batches_.back()->AddColumn(kind);
          if (kind == query::ColumnKind::kEdge) column->MakeEnds();
        }
      }
      return batches_.back()->AddRow();
    }
    query::Column* column(size_t i) { return batches_.back()->column(i); }
    std::string Finish() const {
      std::string answer = exec::EncodeHead({.is_end = true});
      for (const query::BatchRef& batch : batches_) {
        std::string encoded;
        CHECK(query::AppendBatch(*batch, &encoded).ok());
        AppendBytes(&answer, encoded);
      }
      return answer;
    }

   private:
    query::SlabPool* const pool_;
    std::vector<query::BatchRef> batches_;
  };

  std::string AnswerTo(const exec::FragmentCall& call) {
    const bool is_look =
        call.fragment ==
        session::ReadOfVertex(VertexId(SlotId(0), 1), 1).plan->remote.encoded.bytes;
    Rows rows(slabs().get());
    if (call.fragment == exec::ChangeFragment().encoded.bytes) return rows.Finish();
    for (uint16_t row = 0; row < call.input->row_count(); ++row) {
      if (is_look) {
        AddVertices(row, &rows);
      } else {
        AddNeighbours(row, VertexId(call.input->CellAt(2, row).word), &rows);
      }
    }
    return rows.Finish();
  }
  void AddVertices(uint16_t number, Rows* rows) const {
    using Kind = query::ColumnKind;
    for (size_t i = 0; i < kGiantRowCount; ++i) {
      const uint16_t row = rows->Add({Kind::kInteger, Kind::kVertex, Kind::kValue, Kind::kValue});
      rows->column(0)->SetWord(row, number);
      rows->column(1)->SetWord(row, VertexId(SlotId(0), 1).value());
      rows->column(3)->SetValue(row, graph::Value::Bytes(LongNamedProperty()));
    }
  }
  // The last row says that there are no more.
  void AddNeighbours(uint16_t number, VertexId vertex, Rows* rows) const {
    using Kind = query::ColumnKind;
    const size_t count = row_count.load();
    for (size_t i = 0; i <= count; ++i) {
      const uint16_t row =
          rows->Add({Kind::kInteger, Kind::kValue, Kind::kVertex, Kind::kEdge, Kind::kBoolean});
      rows->column(0)->SetWord(row, number);
      rows->column(2)->SetWord(row, vertex.value());
      rows->column(3)->SetEdge(row, {EdgeId(SlotId(0), 1), vertex, vertex, TypeId(1)});
      rows->column(4)->SetWord(row, 1);
      if (i == count) rows->column(1)->SetValue(row, graph::Value::Bytes(""));
    }
  }
  static std::string LongNamedProperty() {
    std::string packed;
    const std::string value = graph::EncodeValue(graph::Value::Boolean(true));
    EXPECT_TRUE(graph::PackProperties({{KeyId(1), value}}, &packed).ok());
    return packed;
  }

  env::Executor* const executor_;
  session::MemoryBudget request_memory_{executor_, kMemoryBytes};
  session::MemoryBudget result_memory_{executor_, kMemoryBytes};
  catalog::NameTable names_;
  catalog::SchemaTable schema_;
};

class FakeService : public ClientService {
 public:
  explicit FakeService(FakeBackend* backend) : backend_(backend) {}
  std::unique_ptr<session::Session> NewSession() override {
    return std::make_unique<session::Session>(backend_);
  }
  const catalog::NameTable& names() const override { return backend_->names(); }
  session::MemoryBudget* request_memory() override { return backend_->request_memory(); }
  int64_t NowMicros() override { return 0; }
  void CreateIndex(const Index&, Done<Index>) override {}
  void DropIndex(const std::string&, std::function<void(absl::Status)>) override {}
  ListIndexesResponse ListIndexes() override { return {}; }
  void Status(Done<StatusResponse> done) override { done(StatusResponse()); }
  void SnapshotNow(Done<SnapshotInfo>) override {}
  void FlushNow(Done<uint64_t>) override {}

 private:
  FakeBackend* const backend_;
};

}  // namespace tidemark::api
