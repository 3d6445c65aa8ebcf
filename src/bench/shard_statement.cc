// SPDX-License-Identifier: Apache-2.0
#include "bench/shard_statement.h"

#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "catalog/schema.h"
#include "exec/slice_pace.h"
#include "exec/worker_port.h"
#include "query/binder/binder.h"
#include "query/parser/parser.h"
#include "query/planner/planner.h"

namespace tidemark::bench {
namespace {

constexpr NodeId kWorker{1};

class NoProcedures : public query::ProcedureCatalog {
 public:
  const query::ProcedureSignature* Find(std::string_view) const override { return nullptr; }
  absl::Span<const std::string_view> Names() const override { return {}; }
};

query::plan::Plan PlanOf(const std::string& text, const catalog::NameTable& names) {
  query::Arena arena;
  const NoProcedures procedures;
  const auto tree = query::Parse(text, &arena);
  CHECK(tree.ok()) << tree.status();
  const auto statement = query::Bind(**tree, {&names, &procedures}, &arena);
  CHECK(statement.ok()) << statement.status();
  const catalog::SchemaTable schema;
  query::PlannerInput input;
  input.worker_count = 1;
  input.schema = &schema;
  input.read_csn = Csn(1);
  auto plan = query::MakePlan(**statement, input);
  CHECK(plan.ok()) << plan.status();
  return *std::move(plan);
}

}  // namespace

class ShardStatement::Remote final : public exec::RemoteRun {
 public:
  Remote(ShardStatement* statement, storage::View view, std::string call)
      : statement_(statement), view_(view), call_(std::move(call)) {}

  void Next(std::function<void(absl::StatusOr<exec::FragmentRows>)> done) override {
    exec::FragmentStep step{exec::FragmentStepKind::kNext, 1, {}};
    if (!std::exchange(is_open_, true)) {
      step = {exec::FragmentStepKind::kOpen, 1, std::move(call_)};
    }
    const auto work = statement_->runs_.MakeWork({statement_->shard_, view_}, std::move(step));
    while (!work->RunSome(exec::kSliceUnits)) continue;
    if (!work->status().ok()) return done(work->status());
    done(exec::DecodeRows(&statement_->pool_, work->TakeAnswer()));
  }

 private:
  ShardStatement* const statement_;
  const storage::View view_;
  std::string call_;
  bool is_open_ = false;
};

class ShardStatement::Port final : public exec::WorkerPort {
 public:
  Port(ShardStatement* statement, storage::View view, const exec::QueryInput* input)
      : statement_(statement), view_(view), input_(input) {}

  uint32_t worker_count() const override { return 1; }
  NodeId OwnerOf(VertexId) const override { return kWorker; }
  NodeId OwnerOf(EdgeId) const override { return kWorker; }
  NodeId OwnerOf(SlotId) const override { return kWorker; }
  absl::StatusOr<std::unique_ptr<exec::RemoteRun>> Open(NodeId, const query::plan::Remote& remote,
                                                        exec::FragmentInput input) override {
    exec::FragmentCall call;
    call.fragment = remote.encoded.bytes;
    call.returned = remote.returned;
    call.statement = input_->statement;
    call.parameters = input_->parameters;
    call.input = std::move(input.rows);
    call.found = std::move(input.found);
    ASSIGN_OR_RETURN(std::string bytes, exec::EncodeCall(call));
    return std::make_unique<Remote>(statement_, view_, std::move(bytes));
  }

 private:
  ShardStatement* const statement_;
  const storage::View view_;
  const exec::QueryInput* const input_;
};

ShardStatement::ShardStatement(storage::Shard* shard, std::string text)
    : shard_(shard),
      text_(std::move(text)),
      plan_(PlanOf(text_, names_)),
      runs_(std::numeric_limits<int64_t>::max()) {}

int64_t ShardStatement::Run(storage::View view, std::vector<graph::Value> parameters) {
  exec::QueryInput input;
  input.statement = text_;
  input.parameters = std::move(parameters);
  Port port(this, view, &input);
  exec::QueryRun run(plan_, input, {&pool_, &memory_, memory_.limit_bytes(), &names_, nullptr},
                     {&port, nullptr, nullptr, [] {}});
  while (true) {
    int64_t units = exec::kSliceUnits;
    query::BatchRef batch;
    const absl::StatusOr<exec::Pulled> pulled = run.Pull(&units, &batch);
    CHECK(pulled.ok()) << text_ << ": " << pulled.status();
    CHECK(*pulled != exec::Pulled::kEnd) << text_ << " gives no row";
    if (*pulled == exec::Pulled::kBatch) return batch->ValueAt(plan_.columns[0], 0).integer();
  }
}

}  // namespace tidemark::bench
