// SPDX-License-Identifier: Apache-2.0
#include "session/query_node.h"

#include <limits>
#include <utility>

#include "base/status.h"

namespace tidemark::session {
namespace {

using graph::NameKind;

bool HasSameNames(const catalog::NameTable& a, const catalog::NameTable& b) {
  for (const NameKind kind : graph::kNameKinds) {
    if (a.count(kind) != b.count(kind)) return false;  // a name is never removed
  }
  return true;
}

}  // namespace

QueryNode::QueryNode(Backend* backend, const env::Env& env) : backend_(backend), env_(env) {
  // All queries may fill what there is for results; one of them half of it.
  host_ = {pool_.get(), this, limit_bytes() / 2, &backend->names()};
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
  const auto held = std::make_shared<Held>(Held{pool_, std::move(rows)});
  env_.executor->Submit(
      env::JobQueue::kFree, [held] { held->rows = nullptr; },
      [this, bytes, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) Give(bytes);
      });
}

std::shared_ptr<const catalog::NameTable> QueryNode::CopyNames() {
  if (copied_names_ == nullptr || !HasSameNames(*copied_names_, backend_->names())) {
    copied_names_ = std::make_shared<const catalog::NameTable>(backend_->names());
  }
  return copied_names_;
}

void QueryNode::PrepareStatement(std::string text, Csn read_csn, std::weak_ptr<void> alive,
                                 std::function<void(Prepared)> done) {
  auto intern = [this, text, read_csn, alive, done](Prepared prepared) {
    const bool must_intern = prepared.ok() && (*prepared)->writes &&
                             (*prepared)->mode != StatementMode::kExplain &&
                             !(*prepared)->unresolved.empty();
    if (!must_intern) return done(std::move(prepared));
    backend_->InternNames((*prepared)->unresolved,
                          [this, text, read_csn, alive, done](const absl::Status& status) {
                            if (alive.expired()) return;
                            if (!status.ok()) return done(status);
                            PrepareOnce(text, read_csn, alive, done);
                          });
  };
  PrepareOnce(std::move(text), read_csn, std::move(alive), std::move(intern));
}

void QueryNode::PrepareOnce(std::string text, Csn read_csn, std::weak_ptr<void> alive,
                            std::function<void(Prepared)> done) {
  StatementContext context{&backend_->names(), &backend_->schema(), backend_->worker_count(),
                           read_csn};
  if (text.size() <= kMaxTextOnLoopBytes) {
    context.max_variables = kMaxVariablesOnLoop;
    Prepared prepared = Prepare(text, context);
    if (!prepared.ok() || *prepared != nullptr) return done(std::move(prepared));
    context.max_variables = std::numeric_limits<size_t>::max();
  }
  const auto result = std::make_shared<Prepared>(absl::InternalError("not prepared"));
  const auto job = [result, text = std::move(text), context, names = CopyNames(),
                    schema = catalog::SchemaTable(backend_->schema())]() mutable {
    context.names = names.get();
    context.schema = &schema;
    *result = Prepare(text, context);
  };
  env_.executor->Submit(env::JobQueue::kPlan, job,
                        [result, alive = std::move(alive), done = std::move(done)] {
                          if (!alive.expired()) done(std::move(*result));
                        });
}

}  // namespace tidemark::session
