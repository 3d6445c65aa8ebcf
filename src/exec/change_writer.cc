// SPDX-License-Identifier: Apache-2.0
#include "exec/change_writer.h"

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

Change ToChange(storage::KeyChange key) {
  Change change;
  change.kind = ChangeKind::kChangeKey;
  change.index = key.index;
  change.vertex = key.vertex;
  change.bytes = std::move(key.key);
  change.present = key.claim;
  return change;
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

ChangeWriter::ChangeWriter(storage::Shard* shard, storage::View view,
                           std::vector<ChangeOutput>* outputs)
    : shard_(shard), view_(view), outputs_(outputs) {
  CHECK(shard != nullptr && outputs != nullptr);
}

absl::StatusOr<bool> ChangeWriter::Run(size_t cause, const Change& change, int64_t* units) {
  // Of the detach delete that is under way all edges go before anything else happens.
  CHECK(!under_way_ || change.kind == ChangeKind::kDeleteVertex) << KindName(change.kind);
  cause_ = cause;
  if (change.kind == ChangeKind::kDeleteVertex && change.detach) return DetachDelete(change, units);
  // Each label is an entry of its own in an index.
  *units -= kUnitsPerWrite * static_cast<int64_t>(1 + change.labels.size());
  if (change.kind == ChangeKind::kValidate) return Validate(units);
  RETURN_IF_ERROR(Write(change));
  return true;
}

absl::Status ChangeWriter::Write(const Change& change) {
  const storage::EdgeEnds ends{change.edge, change.vertex, change.target, change.type};
  switch (change.kind) {
    case ChangeKind::kCreateVertex:
      return CreateVertex(change);
    case ChangeKind::kDeleteVertex:
      return DeleteVertex(change.vertex);
    case ChangeKind::kSetLabel:
      RETURN_IF_ERROR(
          shard_->SetLabel(view_, change.vertex, change.label, change.present, &changed_keys_));
      return ChangeKeys();
    case ChangeKind::kSetVertexProperties:
      return SetVertexProperties(change);
    case ChangeKind::kCreateEdge:
      return CreateEdge(change);
    case ChangeKind::kDeleteEdge:
      return DeleteEdge(change.edge, /*target_done=*/change.detach);
    case ChangeKind::kSetEdgeProperties:
      return SetEdgeProperties(change);
    case ChangeKind::kLinkTarget:
      return shard_->LinkTarget(view_, ends);
    case ChangeKind::kUnlinkTarget:
      return UnlinkTarget(ends);
    case ChangeKind::kChangeKey:
      return ChangeKey({change.index, change.vertex, change.bytes, change.present});
    case ChangeKind::kKeysLater:
      keys_later_ = true;
      return absl::OkStatus();
    case ChangeKind::kTouchVertex:
      return shard_->TouchVertex(view_, change.vertex);
    case ChangeKind::kValidate:
      break;
  }
  return absl::InternalError("not a change of an element");
}

absl::Status ChangeWriter::CreateVertex(const Change& change) {
  std::vector<LabelId> labels = change.labels;
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  const storage::NewVertex vertex{change.slot, labels, change.bytes};
  ChangeOutput made{cause_, {.kind = ChangeKind::kCreateVertex}};
  ASSIGN_OR_RETURN(made.change.vertex, shard_->CreateVertex(view_, vertex, &changed_keys_));
  outputs_->push_back(std::move(made));
  return ChangeKeys();
}

absl::Status ChangeWriter::SetVertexProperties(const Change& change) {
  ASSIGN_OR_RETURN(const std::vector<PropertyChange> properties, UnpackProperties(change.bytes));
  for (const auto& [key, value] : properties) {
    RETURN_IF_ERROR(shard_->SetVertexProperty(view_, change.vertex, key, value, &changed_keys_));
  }
  return ChangeKeys();
}

absl::Status ChangeWriter::SetEdgeProperties(const Change& change) {
  ASSIGN_OR_RETURN(const std::vector<PropertyChange> properties, UnpackProperties(change.bytes));
  for (const auto& [key, value] : properties) {
    RETURN_IF_ERROR(shard_->SetEdgeProperty(view_, change.edge, key, value));
  }
  return absl::OkStatus();
}

absl::Status ChangeWriter::DeleteVertex(VertexId vertex) {
  RETURN_IF_ERROR(shard_->DeleteVertex(view_, vertex, &changed_keys_));
  return ChangeKeys();
}

absl::Status ChangeWriter::CreateEdge(const Change& change) {
  storage::EdgeEnds ends{EdgeId(), change.vertex, change.target, change.type};
  ASSIGN_OR_RETURN(ends.edge, shard_->CreateEdge(view_, ends, change.bytes));
  outputs_->push_back({cause_, {.kind = ChangeKind::kCreateEdge, .edge = ends.edge}});
  if (!shard_->Owns(ends.target.slot())) AddFollowUp(ChangeKind::kLinkTarget, ends);
  return absl::OkStatus();
}

absl::Status ChangeWriter::DeleteEdge(EdgeId edge, bool target_done) {
  // Both ends of an edge may be detached by one transaction: then the edge is gone already.
  if (target_done && !shard_->GetEdge(view_, edge).has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const storage::EdgeEnds ends, shard_->DeleteEdge(view_, edge));
  if (!target_done && !shard_->Owns(ends.target.slot())) {
    AddFollowUp(ChangeKind::kUnlinkTarget, ends);
  }
  return absl::OkStatus();
}

absl::Status ChangeWriter::UnlinkTarget(const storage::EdgeEnds& ends) {
  const absl::Status status = shard_->UnlinkTarget(view_, ends);
  // The source's owner has let the deletion through, so only this transaction itself can have
  // removed the entry: by detaching the target, which may be under way still.
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<bool> ChangeWriter::DetachDelete(const Change& change, int64_t* units) {
  if (!under_way_) {
    ASSIGN_OR_RETURN(cursor_, DecodeCursor(change.cursor));
    under_way_ = true;
  }
  while (!cursor_.done) {
    if (follow_up_count_ >= kMaxDetachFollowUpCount) {
      Change rest = change;
      rest.cursor = EncodeCursor(cursor_);
      AddFollowUp(std::move(rest));
      under_way_ = false;
      return true;
    }
    if (*units <= 0) return false;
    neighbours_.clear();
    if (!shard_->Expand(view_, {change.vertex, storage::Direction::kAny, {}, kDetachChunkCount},
                        &cursor_, &neighbours_)) {
      return absl::NotFoundError(absl::StrCat("vertex ", change.vertex.value(), " does not exist"));
    }
    *units -= kUnitsPerWrite * static_cast<int64_t>(1 + neighbours_.size());
    for (const storage::Neighbour& neighbour : neighbours_) {
      RETURN_IF_ERROR(DeleteNeighbour(change.vertex, neighbour));
    }
  }
  under_way_ = false;
  RETURN_IF_ERROR(DeleteVertex(change.vertex));
  return true;
}

absl::Status ChangeWriter::DeleteNeighbour(VertexId vertex, const storage::Neighbour& neighbour) {
  if (neighbour.outgoing || shard_->Owns(neighbour.vertex.slot())) {
    return DeleteEdge(neighbour.edge, /*target_done=*/false);
  }
  const storage::EdgeEnds ends{neighbour.edge, neighbour.vertex, vertex, neighbour.type};
  RETURN_IF_ERROR(shard_->UnlinkTarget(view_, ends));
  Change at_source;
  at_source.kind = ChangeKind::kDeleteEdge;
  at_source.edge = neighbour.edge;
  at_source.detach = true;
  AddFollowUp(std::move(at_source));
  return absl::OkStatus();
}

absl::Status ChangeWriter::ChangeKeys() {
  DropKeysBetween(&changed_keys_);
  std::vector<storage::KeyChange> changes = std::move(changed_keys_);
  changed_keys_.clear();
  for (storage::KeyChange& change : changes) {
    if (!keys_later_ && shard_->Owns(graph::SlotOfIndexKey(change.index, change.key))) {
      RETURN_IF_ERROR(ChangeKey(std::move(change)));
      continue;
    }
    AddFollowUp(ToChange(std::move(change)));
  }
  return absl::OkStatus();
}

absl::Status ChangeWriter::ChangeKey(storage::KeyChange change) {
  absl::Status status = shard_->ChangeKey(view_, change);
  if (absl::IsAlreadyExists(status)) refused_ = ToChange(std::move(change));
  return status;
}

absl::StatusOr<bool> ChangeWriter::Validate(int64_t* units) {
  absl::StatusOr<bool> done = shard_->ValidateBeforeCommit(view_.tx, &validation_, units);
  if (absl::IsFailedPrecondition(done.status())) {
    refused_ = ToChange({validation_.broken, validation_.vertex, {}, true});
  }
  if (!done.ok() || *done) validation_ = storage::Validation();
  return done;
}

void ChangeWriter::AddFollowUp(Change change) {
  ++follow_up_count_;
  outputs_->push_back({cause_, std::move(change)});
}

void ChangeWriter::AddFollowUp(ChangeKind kind, const storage::EdgeEnds& ends) {
  Change change;
  change.kind = kind;
  change.edge = ends.edge;
  change.vertex = ends.source;
  change.target = ends.target;
  change.type = ends.type;
  AddFollowUp(std::move(change));
}

}  // namespace tidemark::exec
