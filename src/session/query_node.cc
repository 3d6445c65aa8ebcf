// SPDX-License-Identifier: Apache-2.0
#include "session/query_node.h"

#include <limits>
#include <utility>

#include "base/status.h"

namespace tidemark::session {

QueryNode::QueryNode(Backend* backend, const env::Env& env) : backend_(backend), env_(env) {
  // All queries may fill what there is for results; one of them half of it.
  host_ = {backend->slabs().get(), this, limit_bytes() / 2, &backend->names(), env.clock};
}

bool QueryNode::TryTake(uint64_t bytes) { return backend_->result_memory()->TryTake(bytes); }

void QueryNode::Give(uint64_t bytes) { backend_->result_memory()->Give(bytes); }

uint64_t QueryNode::limit_bytes() const { return backend_->result_memory()->limit_bytes(); }

void QueryNode::Drop(std::unique_ptr<ResultStream> rows) {
  if (!rows->is_large()) return;
  const uint64_t bytes = rows->Close();
  struct Held {
    std::shared_ptr<query::SlabPool> pool;  // outlives the rows
    std::unique_ptr<ResultStream> rows;
  };
  const auto held = std::make_shared<Held>(Held{backend_->slabs(), std::move(rows)});
  env_.executor->Submit(
      env::JobQueue::kFree, [held] { held->rows = nullptr; },
      [this, bytes, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) Give(bytes);
      });
}

std::shared_ptr<const catalog::NameTable> QueryNode::CopyNames() {
  if (copied_names_ == nullptr || copied_names_->counts() != backend_->names().counts()) {
    copied_names_ = std::make_shared<const catalog::NameTable>(backend_->names());
  }
  return copied_names_;
}

StatementContext QueryNode::ContextAt(Csn read_csn) const {
  return {&backend_->names(), &backend_->schema(), backend_->worker_count(), read_csn,
          backend_->statistics()};
}

void QueryNode::PrepareStatement(graph::Value text, Csn read_csn, std::weak_ptr<void> alive,
                                 std::function<void(Prepared)> done) {
  const auto must_intern = [](const PreparedStatement& prepared) {
    return prepared.writes && prepared.mode != StatementMode::kExplain &&
           !prepared.unresolved.empty();
  };
  auto cached = plans_.Find(text.string(), ContextAt(read_csn));
  if (cached != nullptr && !must_intern(*cached)) return done(std::move(cached));
  auto intern = [this, must_intern, text, read_csn, alive, done](Prepared prepared) {
    if (!prepared.ok() || !must_intern(**prepared)) return done(std::move(prepared));
    backend_->InternNames((*prepared)->unresolved,
                          [this, text, read_csn, alive, done](const absl::Status& status) {
                            if (alive.expired()) return;
                            if (!status.ok()) return done(status);
                            PrepareOnce(text, read_csn, alive, done);
                          });
  };
  PrepareOnce(std::move(text), read_csn, std::move(alive), std::move(intern));
}

void QueryNode::PrepareOnce(graph::Value text, Csn read_csn, std::weak_ptr<void> alive,
                            std::function<void(Prepared)> done) {
  StatementContext context = ContextAt(read_csn);
  if (text.string().size() > kMaxTextOnLoopBytes) {
    return PrepareByJob(std::move(text), context, std::move(alive), std::move(done));
  }
  context.max_variables = kMaxVariablesOnLoop;
  Prepared prepared = Prepare(text, context);
  if (prepared.ok() && *prepared == nullptr) {
    context.max_variables = std::numeric_limits<size_t>::max();
    return PrepareByJob(std::move(text), context, std::move(alive), std::move(done));
  }
  if (prepared.ok()) plans_.Put(context, *prepared);
  done(std::move(prepared));
}

void QueryNode::PrepareByJob(graph::Value text, const StatementContext& context,
                             std::weak_ptr<void> alive, std::function<void(Prepared)> done) {
  struct Work {
    StatementContext context;
    std::shared_ptr<const catalog::NameTable> names;
    catalog::SchemaTable schema;
    Prepared prepared = absl::InternalError("not prepared");
  };
  const auto work = std::make_shared<Work>(Work{context, CopyNames(), backend_->schema()});
  work->context.names = work->names.get();
  work->context.schema = &work->schema;
  const auto job = [work, text = std::move(text)] {
    work->prepared = Prepare(text, work->context);
  };
  env_.executor->Submit(env::JobQueue::kPlan, job,
                        [this, work, alive = std::move(alive), done = std::move(done)] {
                          if (alive.expired()) return;
                          if (work->prepared.ok()) plans_.Put(work->context, *work->prepared);
                          done(work->prepared);
                          // The plan of a long text takes long to destroy, should nobody keep it.
                          const auto held = std::make_shared<Prepared>(std::move(work->prepared));
                          env_.executor->Submit(
                              env::JobQueue::kFree, [held] { *held = nullptr; }, [] {});
                        });
}

}  // namespace tidemark::session
