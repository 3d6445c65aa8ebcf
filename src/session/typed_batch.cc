// SPDX-License-Identifier: Apache-2.0
#include "session/typed_batch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"

namespace tidemark::session {
namespace {

using exec::GraphChange;
using exec::GraphChangeKind;

// A batch of no more than this may go in one step.
constexpr size_t kMaxBatchDropCount = 64;
constexpr size_t kMaxBatchDropBytes = 16 << 10;
constexpr size_t kBatchDropPerStep = 256;

GraphChangeKind KindOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kCreateVertex:
      return GraphChangeKind::kCreateVertex;
    case OperationKind::kCreateEdge:
      return GraphChangeKind::kCreateEdge;
    case OperationKind::kSetVertexProperties:
      return GraphChangeKind::kSetVertexProperties;
    case OperationKind::kSetEdgeProperties:
      return GraphChangeKind::kSetEdgeProperties;
    case OperationKind::kSetLabels:
      return GraphChangeKind::kSetLabels;
    case OperationKind::kDeleteVertex:
      return GraphChangeKind::kDeleteVertex;
    case OperationKind::kDeleteEdge:
      return GraphChangeKind::kDeleteEdge;
    default:
      break;
  }
  LOG(FATAL) << "operation " << static_cast<int>(kind) << " changes nothing";
}

bool IsRead(const Operation& operation) { return ClassOf(operation.kind) == OperationClass::kRead; }

}  // namespace

TypedBatch::TypedBatch(const Options& options, std::vector<Operation> operations, Done done)
    : options_(options),
      operations_(std::move(operations)),
      done_(std::move(done)),
      room_(options.backend->result_memory()) {}

void TypedBatch::Start() {
  const auto self = shared_from_this();  // whoever started it may let go when it is done
  if (operations_.size() > kMaxBatchOperationCount) {
    return Finish(absl::ResourceExhaustedError(
        absl::StrCat("a batch has ", operations_.size(), " operations; at most ",
                     kMaxBatchOperationCount, " are allowed, send several")));
  }
  results_.resize(operations_.size());
  GoOn();
}

void TypedBatch::GoOn() {
  if (next_ == operations_.size()) return Finish(absl::OkStatus());
  const bool reads = IsRead(operations_[next_]);
  size_t end = next_;
  for (; end < operations_.size() && IsRead(operations_[end]) == reads; ++end) {
    const absl::Status status = CheckReferences(end);
    if (!status.ok()) return Finish(Annotate(status, absl::StrCat("operation ", end)));
  }
  return reads ? Read(end) : Change(end);
}

absl::Status TypedBatch::CheckReferences(size_t index) const {
  const Operation& operation = operations_[index];
  for (const VertexRef* ref : {&operation.vertex, &operation.target}) {
    if (ref->created_by < 0) continue;
    const auto maker = static_cast<size_t>(ref->created_by);
    if (maker < index && operations_[maker].kind == OperationKind::kCreateVertex) continue;
    return absl::InvalidArgumentError(absl::StrCat("refers to operation ", ref->created_by,
                                                   ", which is not an earlier create vertex"));
  }
  if (operation.kind == OperationKind::kCreateEdge && operation.types.size() != 1) {
    return absl::InvalidArgumentError("an edge has exactly one type");
  }
  return absl::OkStatus();
}

void TypedBatch::Read(size_t end) {
  const TypedReads::Batch batch{options_.backend, options_.tx, options_.read_csn,
                                &operations_,     &results_,   &room_};
  reads_ = std::make_shared<TypedReads>(batch, next_, end,
                                        [this, end, self = weak_from_this()](absl::Status status) {
                                          const auto held = self.lock();
                                          if (held == nullptr || done_ == nullptr) return;
                                          reads_ = nullptr;
                                          if (!status.ok()) return Finish(std::move(status));
                                          next_ = end;
                                          GoOn();
                                        });
  reads_->Start();
}

void TypedBatch::Change(size_t end) {
  std::vector<GraphChange> changes;
  changes.reserve(end - next_);
  for (size_t i = next_; i < end; ++i) changes.push_back(ChangeAt(i));
  wrote_ = true;
  changes_ = std::make_shared<ChangeRunner>(
      ChangeRunner::Options{options_.backend, options_.tx, next_}, std::move(changes),
      [this, end,
       self = weak_from_this()](absl::StatusOr<std::vector<exec::CreatedElement>> created) {
        const auto held = self.lock();
        if (held == nullptr || done_ == nullptr) return;
        changes_ = nullptr;
        if (!created.ok()) return Finish(created.status());
        TakeCreated(next_, *created);
        next_ = end;
        GoOn();
      });
  changes_->Start();
}

// References to what these changes make are numbers among them; what was made before is known.
GraphChange TypedBatch::ChangeAt(size_t index) {
  Operation& operation = operations_[index];
  GraphChange change;
  change.kind = KindOf(operation.kind);
  const auto refer = [this](const VertexRef& ref) -> exec::ChangedVertex {
    if (ref.created_by < 0) return {ref.id, -1};
    const auto maker = static_cast<size_t>(ref.created_by);
    if (maker < next_) return {results_[maker].vertex, -1};
    return {VertexId(), static_cast<int64_t>(maker - next_)};
  };
  change.vertex = refer(operation.vertex);
  change.target = refer(operation.target);
  change.edge = operation.edge;
  change.labels = std::move(operation.labels);
  change.removed_labels = std::move(operation.removed_labels);
  if (!operation.types.empty()) change.type = std::move(operation.types[0]);
  change.properties = std::move(operation.properties);
  change.detach = operation.detach;
  return change;
}

void TypedBatch::TakeCreated(size_t begin, const std::vector<exec::CreatedElement>& created) {
  for (size_t i = 0; i < created.size(); ++i) {
    results_[begin + i].vertex = created[i].vertex;
    results_[begin + i].edge = created[i].edge;
  }
}

void TypedBatch::Cancel() {
  if (done_ == nullptr) return;
  done_ = nullptr;
  if (changes_ != nullptr) changes_->Cancel();
  if (reads_ != nullptr) reads_->Cancel();
  Drop();
}

void TypedBatch::Drop() {
  if (operations_.size() <= kMaxBatchDropCount && room_.bytes() <= kMaxBatchDropBytes) return;
  options_.backend->Post([self = shared_from_this()] { self->DropSome(); });
}

void TypedBatch::DropSome() {
  size_t units = kBatchDropPerStep;
  for (; units > 0 && !results_.empty(); results_.pop_back()) {
    units -= std::min(units, 1 + RowCount(results_.back()));
  }
  for (; units > 0 && !operations_.empty(); operations_.pop_back()) --units;
  if (units == 0) options_.backend->Post([self = shared_from_this()] { self->DropSome(); });
}

void TypedBatch::Finish(absl::Status status) {
  if (done_ == nullptr) return;
  const Done done = std::exchange(done_, nullptr);
  Drop();
  if (status.ok()) {
    done(std::move(results_));
  } else {
    done(std::move(status));
  }
}

}  // namespace tidemark::session
