// SPDX-License-Identifier: Apache-2.0
#include "tests/exec/fragment_workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "graph/value_text.h"
#include "query/binder/binder.h"
#include "query/parser/parser.h"
#include "query/plan/plan_coding.h"
#include "query/planner/planner.h"

namespace tidemark::exec {
namespace {

using graph::NameKind;

class NoProcedures : public query::ProcedureCatalog {
 public:
  const query::ProcedureSignature* Find(std::string_view) const override { return nullptr; }
  absl::Span<const std::string_view> Names() const override { return {}; }
};

void AddIndex(graph::IndexKind kind, KeyId key, const char* name, catalog::SchemaTable* schema) {
  graph::IndexDefinition wanted;
  wanted.kind = kind;
  wanted.label = kPerson;
  wanted.keys = {key};
  absl::StatusOr<graph::IndexDefinition> planned = schema->Plan(wanted, name);
  CHECK(planned.ok()) << planned.status();
  planned->state = graph::IndexState::kOnline;
  schema->Apply(*planned, Csn(0));
}

}  // namespace

const catalog::NameTable& Names() {
  static const catalog::NameTable* const names = [] {
    auto* made = new catalog::NameTable;
    for (const char* label : {"Person", "Town"}) CHECK(made->Add(NameKind::kLabel, label).ok());
    for (const char* type : {"KNOWS", "LIKES"}) CHECK(made->Add(NameKind::kType, type).ok());
    for (const char* key : {"name", "age"}) CHECK(made->Add(NameKind::kKey, key).ok());
    return made;
  }();
  return *names;
}

const catalog::SchemaTable& Schema() {
  static const catalog::SchemaTable* const schema = [] {
    auto* made = new catalog::SchemaTable;
    AddIndex(graph::IndexKind::kUnique, kName, "unique_name", made);
    AddIndex(graph::IndexKind::kLabelProperty, kAge, "age", made);
    CHECK(made->all().size() == 2);
    return made;
  }();
  return *schema;
}

query::plan::Plan PlanOf(const std::string& text, uint32_t worker_count) {
  query::Arena arena;
  const NoProcedures procedures;
  const auto tree = query::Parse(text, &arena);
  CHECK(tree.ok()) << tree.status();
  const auto statement = query::Bind(**tree, {&Names(), &procedures}, &arena);
  CHECK(statement.ok()) << statement.status();
  query::PlannerInput input;
  input.worker_count = worker_count;
  input.schema = &Schema();
  input.read_csn = Csn(1);
  auto plan = query::MakePlan(**statement, input);
  CHECK(plan.ok()) << plan.status();
  return *std::move(plan);
}

class FragmentWorkers::Run final : public RemoteRun {
 public:
  Run(FragmentWorkers* workers, storage::View view, NodeId worker, std::string call)
      : workers_(workers),
        view_(view),
        worker_(worker),
        number_(++workers->last_run_),
        call_(std::move(call)) {}
  ~Run() override {
    if (is_open_) Send({FragmentStepKind::kClose, number_, {}}, [](const Answer&) {});
  }

  void Next(std::function<void(absl::StatusOr<FragmentRows>)> done) override {
    FragmentStep step{FragmentStepKind::kNext, number_, {}};
    if (!is_open_) step = {FragmentStepKind::kOpen, number_, std::move(call_)};
    is_open_ = true;
    Send(std::move(step),
         [this, done = std::move(done), alive = std::weak_ptr<bool>(alive_)](const Answer& answer) {
           if (alive.expired()) return;
           is_open_ = answer.ok();
           if (!answer.ok()) return done(answer.status());
           absl::StatusOr<FragmentRows> rows = DecodeRows(&workers_->pool_, *answer);
           if (rows.ok() && rows->is_end) is_open_ = false;
           done(std::move(rows));
         });
  }

 private:
  void Send(FragmentStep step, std::function<void(const Answer&)> done) {
    workers_->queues_[worker_.value() - 1].push_back({view_, std::move(step), std::move(done)});
  }

  FragmentWorkers* const workers_;
  const storage::View view_;
  const NodeId worker_;
  const uint64_t number_;
  std::string call_;
  bool is_open_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class FragmentWorkers::Port final : public WorkerPort {
 public:
  Port(FragmentWorkers* workers, storage::View view, std::string statement)
      : workers_(workers), view_(view), statement_(std::move(statement)) {}

  uint32_t worker_count() const override { return workers_->cluster_->worker_count(); }
  NodeId OwnerOf(VertexId vertex) const override {
    return workers_->cluster_->OwnerOf(vertex.slot());
  }
  NodeId OwnerOf(EdgeId edge) const override { return workers_->cluster_->OwnerOf(edge.slot()); }
  NodeId OwnerOf(SlotId slot) const override { return workers_->cluster_->OwnerOf(slot); }
  absl::StatusOr<std::unique_ptr<RemoteRun>> Open(NodeId worker, const query::plan::Remote& remote,
                                                  FragmentInput input) override {
    FragmentCall call;
    if (remote.encoded.needs.names) {
      call.names = std::make_shared<catalog::NameTable>(Names());
    }
    call.fragment = remote.encoded.bytes;
    call.returned = remote.returned;
    call.statement = statement_;
    call.input = std::move(input.rows);
    call.found = std::move(input.found);
    ASSIGN_OR_RETURN(std::string bytes, EncodeCall(call));
    return std::make_unique<Run>(workers_, view_, worker, std::move(bytes));
  }

 private:
  FragmentWorkers* const workers_;
  const storage::View view_;
  const std::string statement_;
};

FragmentWorkers::FragmentWorkers(MiniCluster* cluster, uint64_t seed)
    : cluster_(cluster),
      queues_(cluster->worker_count()),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {
  for (uint32_t i = 0; i < cluster->worker_count(); ++i) {
    runs_.push_back(std::make_unique<FragmentRuns>(uint64_t{1} << 30));
  }
}

bool FragmentWorkers::Pump() {
  std::vector<size_t> busy;
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (!queues_[i].empty()) busy.push_back(i);
  }
  if (busy.empty()) return false;
  const size_t worker = busy[random_() % busy.size()];
  Message message = std::move(queues_[worker].front());
  queues_[worker].pop_front();
  storage::Shard& shard = cluster_->shard(NodeId(static_cast<uint32_t>(worker + 1)));
  max_call_bytes_ = std::max(max_call_bytes_, message.step.bytes.size());
  const auto work = runs_[worker]->MakeWork({&shard, message.view}, std::move(message.step));
  while (!work->RunSome(slice_units)) continue;
  ++step_count_;
  const Answer answer = work->status().ok() ? Answer(work->TakeAnswer()) : work->status();
  if (answer.ok()) max_answer_bytes_ = std::max(max_answer_bytes_, answer->size());
  message.done(answer);
  return true;
}

absl::StatusOr<std::vector<std::string>> FragmentWorkers::Rows(const query::plan::Plan& plan,
                                                               const std::string& text,
                                                               storage::View view) {
  std::vector<std::string> rows;
  absl::Status status;
  {
    Port port(this, view, text);
    bool is_awake = false;
    QueryInput input;
    input.statement = text;
    QueryRun run(plan, input, {&pool_, &memory_, uint64_t{1} << 30, &Names()},
                 {&port, nullptr, nullptr, [&is_awake] { is_awake = true; }});
    while (true) {
      int64_t units = slice_units;
      query::BatchRef batch;
      const absl::StatusOr<Pulled> pulled = run.Pull(&units, &batch);
      peak_bytes_ = std::max(peak_bytes_, memory_.used_bytes);
      status = pulled.status();
      if (!status.ok() || *pulled == Pulled::kEnd) break;
      while (*pulled == Pulled::kWait && !is_awake) CHECK(Pump()) << "the query waits for nothing";
      is_awake = false;
      if (*pulled != Pulled::kBatch) continue;
      batch->ForEachRow([&](uint16_t row) {
        std::string& line = rows.emplace_back();
        for (const uint32_t slot : plan.columns) {
          absl::StrAppend(&line, line.empty() ? "" : " ",
                          graph::ToText(batch->ValueAt(slot, row), 100));
        }
      });
    }
  }
  while (Pump()) continue;
  for (const auto& runs : runs_) EXPECT_EQ(runs->size(), 0u) << text;
  EXPECT_EQ(memory_.used_bytes, 0u) << text;
  RETURN_IF_ERROR(status);
  return rows;
}

}  // namespace tidemark::exec
