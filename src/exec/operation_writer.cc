// SPDX-License-Identifier: Apache-2.0
#include "exec/operation_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/cursor_coding.h"
#include "graph/index_key.h"

namespace tidemark::exec {
namespace {

constexpr int64_t kUnitsPerWrite = 64;  // about a microsecond
#ifdef TIDEMARK_TINY_LIMITS
constexpr size_t kDetachChunkCount = 4;
#else
constexpr size_t kDetachChunkCount = 256;
#endif

Operation ToOperation(storage::KeyChange change) {
  Operation operation;
  operation.kind = OperationKind::kChangeKey;
  operation.index = change.index;
  operation.vertex = change.vertex;
  operation.bytes = std::move(change.key);
  operation.present = change.claim;
  return operation;
}

// Several properties that one change sets give the vertex keys that it has neither before the
// change nor behind it, and that another vertex may have: what is claimed and released again, or
// the other way round, stays as it was. What is left is released first.
void DropKeysBetween(std::vector<storage::KeyChange>* changes) {
  std::vector<storage::KeyChange> left;
  for (storage::KeyChange& change : *changes) {
    const auto opposite = std::find_if(left.begin(), left.end(), [&](const auto& other) {
      return other.claim != change.claim && other.index == change.index && other.key == change.key;
    });
    if (opposite == left.end()) {
      left.push_back(std::move(change));
    } else {
      left.erase(opposite);
    }
  }
  std::stable_partition(left.begin(), left.end(), [](const auto& change) { return !change.claim; });
  *changes = std::move(left);
}

}  // namespace

OperationWriter::OperationWriter(storage::Shard* shard, storage::View view, BatchResultWriter* out)
    : shard_(shard), view_(view), out_(out) {
  CHECK(shard != nullptr && out != nullptr);
}

absl::StatusOr<bool> OperationWriter::Run(const Operation& operation, int64_t* units,
                                          OperationResult* result) {
  CHECK(IsWrite(operation.kind)) << KindName(operation.kind);
  // Of the detach delete that is under way all edges go before anything else happens.
  CHECK(!under_way_ || operation.kind == OperationKind::kDeleteVertex) << KindName(operation.kind);
  if (operation.kind == OperationKind::kDeleteVertex && operation.detach) {
    return DetachDelete(operation, units);
  }
  *units -= kUnitsPerWrite;
  if (operation.kind == OperationKind::kValidate) return Validate(units);
  RETURN_IF_ERROR(Write(operation, result));
  return true;
}

absl::Status OperationWriter::Write(const Operation& operation, OperationResult* result) {
  const storage::EdgeEnds ends{operation.edge, operation.vertex, operation.target, operation.type};
  switch (operation.kind) {
    case OperationKind::kCreateVertex:
      return CreateVertex(operation, result);
    case OperationKind::kDeleteVertex:
      return DeleteVertex(operation.vertex);
    case OperationKind::kSetLabel:
      RETURN_IF_ERROR(shard_->SetLabel(view_, operation.vertex, operation.label, operation.present,
                                       &changed_keys_));
      return ChangeKeys();
    case OperationKind::kSetVertexProperty:
      RETURN_IF_ERROR(shard_->SetVertexProperty(view_, operation.vertex, operation.key,
                                                operation.bytes, &changed_keys_));
      return operation.more ? absl::OkStatus() : ChangeKeys();
    case OperationKind::kCreateEdge:
      return CreateEdge(operation, result);
    case OperationKind::kDeleteEdge:
      return DeleteEdge(operation.edge, /*target_done=*/operation.detach);
    case OperationKind::kSetEdgeProperty:
      return shard_->SetEdgeProperty(view_, operation.edge, operation.key, operation.bytes);
    case OperationKind::kLinkTarget:
      return shard_->LinkTarget(view_, ends);
    case OperationKind::kUnlinkTarget:
      return UnlinkTarget(ends);
    case OperationKind::kChangeKey:
      return ChangeKey({operation.index, operation.vertex, operation.bytes, operation.present});
    case OperationKind::kKeysLater:
      keys_later_ = true;
      return absl::OkStatus();
    case OperationKind::kTouchVertex:
      return shard_->TouchVertex(view_, operation.vertex);
    default:
      return absl::InternalError("not a write");
  }
}

absl::Status OperationWriter::CreateVertex(const Operation& operation, OperationResult* result) {
  std::vector<LabelId> labels = operation.labels;
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  const storage::NewVertex vertex{operation.slot, labels, operation.bytes};
  ASSIGN_OR_RETURN(result->vertex, shard_->CreateVertex(view_, vertex, &changed_keys_));
  return ChangeKeys();
}

absl::Status OperationWriter::DeleteVertex(VertexId vertex) {
  RETURN_IF_ERROR(shard_->DeleteVertex(view_, vertex, &changed_keys_));
  return ChangeKeys();
}

absl::Status OperationWriter::CreateEdge(const Operation& operation, OperationResult* result) {
  storage::EdgeEnds ends{EdgeId(), operation.vertex, operation.target, operation.type};
  ASSIGN_OR_RETURN(ends.edge, shard_->CreateEdge(view_, ends, operation.bytes));
  result->edge = ends.edge;
  if (!shard_->Owns(ends.target.slot())) AddFollowUp(OperationKind::kLinkTarget, ends);
  return absl::OkStatus();
}

absl::Status OperationWriter::DeleteEdge(EdgeId edge, bool target_done) {
  // Both ends of an edge may be detached by one transaction: then the edge is gone already.
  if (target_done && !shard_->GetEdge(view_, edge).has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const storage::EdgeEnds ends, shard_->DeleteEdge(view_, edge));
  if (!target_done && !shard_->Owns(ends.target.slot())) {
    AddFollowUp(OperationKind::kUnlinkTarget, ends);
  }
  return absl::OkStatus();
}

absl::Status OperationWriter::UnlinkTarget(const storage::EdgeEnds& ends) {
  const absl::Status status = shard_->UnlinkTarget(view_, ends);
  // The source's owner has let the deletion through, so only this transaction itself can have
  // removed the entry: by detaching the target, which may be under way still.
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<bool> OperationWriter::DetachDelete(const Operation& operation, int64_t* units) {
  if (!under_way_) {
    ASSIGN_OR_RETURN(cursor_, DecodeCursor(operation.cursor));
    under_way_ = true;
  }
  while (!cursor_.done) {
    if (out_->follow_up_count() >= kMaxDetachFollowUpCount) {
      Operation rest = operation;
      rest.cursor = EncodeCursor(cursor_);
      out_->AddFollowUp(rest);
      under_way_ = false;
      return true;
    }
    if (*units <= 0) return false;
    neighbours_.clear();
    if (!shard_->Expand(view_, {operation.vertex, storage::Direction::kAny, {}, kDetachChunkCount},
                        &cursor_, &neighbours_)) {
      return absl::NotFoundError(
          absl::StrCat("vertex ", operation.vertex.value(), " does not exist"));
    }
    *units -= kUnitsPerWrite * static_cast<int64_t>(1 + neighbours_.size());
    for (const storage::Neighbour& neighbour : neighbours_) {
      RETURN_IF_ERROR(DeleteNeighbour(operation.vertex, neighbour));
    }
  }
  under_way_ = false;
  RETURN_IF_ERROR(DeleteVertex(operation.vertex));
  return true;
}

absl::Status OperationWriter::DeleteNeighbour(VertexId vertex,
                                              const storage::Neighbour& neighbour) {
  if (neighbour.outgoing || shard_->Owns(neighbour.vertex.slot())) {
    return DeleteEdge(neighbour.edge, /*target_done=*/false);
  }
  const storage::EdgeEnds ends{neighbour.edge, neighbour.vertex, vertex, neighbour.type};
  RETURN_IF_ERROR(shard_->UnlinkTarget(view_, ends));
  Operation at_source;
  at_source.kind = OperationKind::kDeleteEdge;
  at_source.edge = neighbour.edge;
  at_source.detach = true;
  out_->AddFollowUp(at_source);
  return absl::OkStatus();
}

absl::Status OperationWriter::ChangeKeys() {
  DropKeysBetween(&changed_keys_);
  std::vector<storage::KeyChange> changes = std::move(changed_keys_);
  changed_keys_.clear();
  for (storage::KeyChange& change : changes) {
    if (!keys_later_ && shard_->Owns(graph::SlotOfIndexKey(change.index, change.key))) {
      RETURN_IF_ERROR(ChangeKey(std::move(change)));
      continue;
    }
    out_->AddFollowUp(ToOperation(std::move(change)));
  }
  return absl::OkStatus();
}

absl::Status OperationWriter::ChangeKey(storage::KeyChange change) {
  absl::Status status = shard_->ChangeKey(view_, change);
  if (absl::IsAlreadyExists(status)) refused_ = ToOperation(std::move(change));
  return status;
}

absl::StatusOr<bool> OperationWriter::Validate(int64_t* units) {
  absl::StatusOr<bool> done = shard_->ValidateBeforeCommit(view_.tx, &validation_, units);
  if (absl::IsFailedPrecondition(done.status())) {
    refused_ = ToOperation({validation_.broken, validation_.vertex, {}, true});
  }
  if (!done.ok() || *done) validation_ = storage::Validation();
  return done;
}

void OperationWriter::AddFollowUp(OperationKind kind, const storage::EdgeEnds& ends) {
  Operation operation;
  operation.kind = kind;
  operation.edge = ends.edge;
  operation.vertex = ends.source;
  operation.target = ends.target;
  operation.type = ends.type;
  out_->AddFollowUp(operation);
}

}  // namespace tidemark::exec
