// SPDX-License-Identifier: Apache-2.0
#include "master/constraint_builder.h"

#include <map>
#include <utility>

#include "base/status.h"
#include "exec/change_rows.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "session/worker_changes.h"

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
  EndTransaction();
}

void ConstraintBuilder::EndTransaction() {
  tx_ = TxId(0);
  if (scan_ != nullptr) scan_->Cancel();
  scan_ = nullptr;
  claims_.reset();
}

void ConstraintBuilder::ScanChunk() {
  const absl::StatusOr<session::BegunTransaction> begun = backend_->Begin({});
  if (!begun.ok()) return Retry(begun.status());
  tx_ = begun->tx;
  backend_->WatchTransaction(tx_, [this, weak = std::weak_ptr<bool>(alive_)](const auto& reason) {
    if (weak.expired()) return;
    EndTransaction();
    Retry(reason);
  });
  session::Operation scan;
  scan.kind = session::OperationKind::kScanLabel;
  scan.labels = {backend_->names().Text(graph::NameKind::kLabel, definition_.label.value())};
  scan.limit = kChunkVertexCount;
  scan.cursor = cursor_;
  scan_ = std::make_shared<session::TypedBatch>(
      session::TypedBatch::Options{backend_, tx_, begun->snapshot.csn}, std::vector{scan},
      [this, weak = std::weak_ptr<bool>(alive_)](const auto& results) {
        if (!weak.expired()) OnRows(results);
      });
  scan_->Start();
}

void ConstraintBuilder::OnRows(
    const absl::StatusOr<std::vector<session::OperationResult>>& results) {
  if (!results.ok()) return Retry(results.status());
  next_cursor_ = results->front().cursor;
  const std::vector<session::VertexRow>& rows = results->front().vertices;
  if (definition_.kind == graph::IndexKind::kUnique) return ClaimKeys(rows);
  const absl::Status status = CheckRows(rows);
  if (!status.ok()) return Finish(status);
  CommitChunk();
}

absl::Status ConstraintBuilder::CheckRows(const std::vector<session::VertexRow>& rows) {
  for (const session::VertexRow& row : rows) {
    if (graph::FindProperty(row.properties, definition_.keys[0]).has_value()) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "constraint ", session::DescribeConstraint(definition_, backend_->names(), ""), ": vertex ",
        row.id.value(), " lacks the property; set it, then create the constraint again"));
  }
  return absl::OkStatus();
}

void ConstraintBuilder::ClaimKeys(const std::vector<session::VertexRow>& rows) {
  std::map<NodeId, std::vector<exec::Change>> changes;
  for (const session::VertexRow& row : rows) {
    const absl::StatusOr<std::optional<std::string>> key =
        graph::UniqueKeyOf(row.properties, definition_.keys);
    if (!key.ok()) return Finish(key.status());
    if (!key->has_value()) continue;
    exec::Change touch;
    touch.kind = exec::ChangeKind::kTouchVertex;
    touch.vertex = row.id;
    changes[OwnerOfSlot(row.id.slot(), backend_->worker_count())].push_back(std::move(touch));
    exec::Change claim;
    claim.kind = exec::ChangeKind::kChangeKey;
    claim.index = definition_.id;
    claim.vertex = row.id;
    claim.bytes = **key;
    claim.present = true;
    const NodeId owner =
        OwnerOfSlot(graph::SlotOfIndexKey(definition_.id, claim.bytes), backend_->worker_count());
    changes[owner].push_back(std::move(claim));
  }
  taken_ = absl::OkStatus();
  conflict_ = absl::OkStatus();
  claims_.emplace(backend_, tx_);
  waiting_ = 1;  // this function
  const TxId tx = tx_;
  for (const auto& [worker, all] : changes) {
    for (size_t begin = 0; begin < all.size() && tx_ == tx; begin += query::kMaxBatchRows) {
      Send(worker, absl::MakeConstSpan(all).subspan(begin, query::kMaxBatchRows));
    }
  }
  if (tx_ == tx && --waiting_ == 0) EndChunk();
}

void ConstraintBuilder::Send(NodeId worker, absl::Span<const exec::Change> changes) {
  ++waiting_;
  claims_->Start(worker, exec::ChangeFragment(),
                 exec::MakeChangeRows(backend_->slabs().get(), changes),
                 [this](const auto& answer) { OnClaimed(answer); });
}

void ConstraintBuilder::OnClaimed(const absl::StatusOr<exec::FragmentRows>& answer) {
  if (answer.ok() && !answer->is_end) return;
  if (!answer.ok()) {
    const bool is_taken = absl::IsAlreadyExists(answer.status());
    (is_taken ? taken_ : conflict_).Update(session::NameConstraint(answer.status(), *backend_));
  }
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
  EndTransaction();
  backend_->Commit(tx, [this, weak = std::weak_ptr<bool>(alive_)](const auto& bookmark) {
    if (weak.expired()) return;
    if (!bookmark.ok()) return Retry(bookmark.status());
    NextChunk();
  });
}

void ConstraintBuilder::NextChunk() {
  attempt_count_ = 0;
  cursor_ = next_cursor_;
  if (cursor_.empty()) return Finish(absl::OkStatus());
  ScanChunk();
}

void ConstraintBuilder::Retry(const absl::Status& status) {
  if (tx_.value() != 0) backend_->Rollback(tx_);
  EndTransaction();
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
  EndTransaction();
  if (done_ == nullptr) return;
  const Done done = std::move(done_);
  done_ = nullptr;
  done(status);
}

}  // namespace tidemark::master
