// SPDX-License-Identifier: Apache-2.0
#include "master/constraint_builder.h"

#include <map>
#include <utility>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "session/translate.h"

namespace tidemark::master {
namespace {

constexpr uint32_t kChunkVertexCount = 1000;
// Tries of one chunk before a constraint is given up because writers never leave its vertices.
constexpr uint32_t kMaxAttemptCount = 1000;
constexpr int64_t kRetryDelayMicros = 10'000;

}  // namespace

ConstraintBuilder::ConstraintBuilder(session::Backend* backend, env::Executor* executor,
                                     graph::IndexDefinition definition, Done done)
    : backend_(backend),
      executor_(executor),
      definition_(std::move(definition)),
      done_(std::move(done)) {}

void ConstraintBuilder::Start() { ScanChunk(); }

void ConstraintBuilder::Cancel() {
  alive_.reset();
  if (tx_.value() != 0) backend_->Rollback(tx_);
  tx_ = TxId(0);
}

void ConstraintBuilder::ScanChunk() {
  const absl::StatusOr<session::BegunTransaction> begun = backend_->Begin({});
  if (!begun.ok()) return Retry(begun.status());
  const TxId tx = begun->tx;
  tx_ = tx;
  backend_->WatchTransaction(tx_, [this, weak = std::weak_ptr<bool>(alive_)](const auto& reason) {
    if (weak.expired()) return;
    tx_ = TxId(0);
    Retry(reason);
  });
  exec::Operation scan;
  scan.kind = exec::OperationKind::kScanLabel;
  scan.label = definition_.label;
  scan.limit = kChunkVertexCount;
  scan.cursor = cursor_;
  backend_->Execute(tx, worker_, exec::EncodeBatch({scan}),
                    [this, tx, weak = std::weak_ptr<bool>(alive_)](session::ExecuteReply reply) {
                      if (!weak.expired() && tx_ == tx) OnRows(std::move(reply));
                    });
}

void ConstraintBuilder::OnRows(session::ExecuteReply reply) {
  if (!reply.status.ok()) return Retry(reply.status);
  absl::StatusOr<exec::BatchResult> batch = exec::DecodeBatchResult(reply.results);
  if (!batch.ok() || batch->results.size() != 1) {
    return Finish(absl::InternalError("a worker gave a malformed result"));
  }
  next_cursor_ = batch->results[0].cursor;
  const std::vector<exec::VertexRow>& rows = batch->results[0].vertices;
  if (definition_.kind == graph::IndexKind::kUnique) return ClaimKeys(rows);
  const absl::Status status = CheckRows(rows);
  if (!status.ok()) return Finish(status);
  CommitChunk();
}

absl::Status ConstraintBuilder::CheckRows(const std::vector<exec::VertexRow>& rows) {
  for (const exec::VertexRow& row : rows) {
    if (graph::FindProperty(row.properties, definition_.keys[0]).has_value()) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "constraint ", session::DescribeConstraint(definition_, backend_->names(), ""), ": vertex ",
        row.id.value(), " lacks the property; set it, then create the constraint again"));
  }
  return absl::OkStatus();
}

void ConstraintBuilder::ClaimKeys(const std::vector<exec::VertexRow>& rows) {
  std::map<NodeId, std::vector<exec::Operation>> batches;
  for (const exec::VertexRow& row : rows) {
    const absl::StatusOr<std::optional<std::string>> key =
        graph::UniqueKeyOf(row.properties, definition_.keys);
    if (!key.ok()) return Finish(key.status());
    if (!key->has_value()) continue;
    exec::Operation touch;
    touch.kind = exec::OperationKind::kTouchVertex;
    touch.vertex = row.id;
    batches[worker_].push_back(std::move(touch));
    exec::Operation claim;
    claim.kind = exec::OperationKind::kChangeKey;
    claim.index = definition_.id;
    claim.vertex = row.id;
    claim.bytes = **key;
    claim.present = true;
    const NodeId owner =
        OwnerOfSlot(graph::SlotOfIndexKey(definition_.id, claim.bytes), backend_->worker_count());
    batches[owner].push_back(std::move(claim));
  }
  if (batches.empty()) return CommitChunk();
  waiting_ = static_cast<uint32_t>(batches.size());
  taken_ = absl::OkStatus();
  conflict_ = absl::OkStatus();
  const TxId tx = tx_;
  for (const auto& [node, operations] : batches) {
    backend_->Execute(tx, node, exec::EncodeBatch(operations),
                      [this, tx, weak = std::weak_ptr<bool>(alive_)](session::ExecuteReply reply) {
                        // Answers of a chunk that was given up may come after the next has begun.
                        if (!weak.expired() && tx_ == tx) OnClaimed(reply);
                      });
    if (tx_ != tx) return;
  }
}

void ConstraintBuilder::OnClaimed(const session::ExecuteReply& reply) {
  absl::Status& kind = reply.status.code() == absl::StatusCode::kAlreadyExists ? taken_ : conflict_;
  kind.Update(session::NameConstraint(reply.status, reply.results, *backend_));
  if (--waiting_ == 0) EndChunk();
}

// A key counts as taken twice only when no vertex of the chunk has changed since it was read: its
// old key may have gone to another vertex in the meantime, by right.
void ConstraintBuilder::EndChunk() {
  if (!conflict_.ok()) return Retry(conflict_);
  if (taken_.ok()) return CommitChunk();
  Finish(taken_);
}

void ConstraintBuilder::CommitChunk() {
  const TxId tx = tx_;
  tx_ = TxId(0);
  backend_->Commit(tx, [this, weak = std::weak_ptr<bool>(alive_)](const auto& bookmark) {
    if (weak.expired()) return;
    if (!bookmark.ok()) return Retry(bookmark.status());
    NextChunk();
  });
}

void ConstraintBuilder::NextChunk() {
  attempt_count_ = 0;
  cursor_ = next_cursor_;
  if (cursor_.empty()) worker_ = worker_.Next();
  if (worker_.value() > backend_->worker_count()) return Finish(absl::OkStatus());
  ScanChunk();
}

void ConstraintBuilder::Retry(const absl::Status& status) {
  if (tx_.value() != 0) backend_->Rollback(tx_);
  tx_ = TxId(0);
  if (++attempt_count_ > kMaxAttemptCount) {
    return Finish(Annotate(status, absl::StrCat("constraint \"", definition_.name,
                                                "\" could not be built, try again")));
  }
  executor_->RunAfter(kRetryDelayMicros, [this, weak = std::weak_ptr<bool>(alive_)] {
    if (!weak.expired()) ScanChunk();
  });
}

void ConstraintBuilder::Finish(const absl::Status& status) {
  if (tx_.value() != 0) backend_->Rollback(tx_);
  tx_ = TxId(0);
  if (done_ == nullptr) return;
  const Done done = std::move(done_);
  done_ = nullptr;
  done(status);
}

}  // namespace tidemark::master
