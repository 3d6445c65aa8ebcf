// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/delete.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/element_table.h"
#include "query/functions/failures.h"
#include "query/plan/plan_coding.h"
#include "query/text/error.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::BatchRef;

namespace {

namespace plan = query::plan;

// To look whether an element is among those of the rows before.
constexpr int64_t kUnitsPerTarget = 4;

// For each vertex its edges: the vertex, its row number; the edge.
const plan::Remote& EdgesRequest() {
  static const plan::Remote* const request = [] {
    auto input = std::make_unique<plan::Input>();
    input->slot_count = 1;
    auto expand = std::make_unique<plan::Expand>();
    expand->direction = plan::Direction::kEither;
    expand->inputs.push_back(std::move(input));
    auto ids = std::make_unique<plan::Input>();
    ids->slot_count = 1;
    auto remote = std::make_unique<plan::Remote>();
    remote->route = plan::Route::kVertex;
    remote->sent = {0};
    remote->returned = {1, 2};
    remote->fragment.root = std::move(expand);
    remote->fragment.operator_count = 2;
    EncodeFragment(remote.get());
    remote->inputs.push_back(std::move(ids));
    return remote.release();
  }();
  return *request;
}

}  // namespace

Delete::Delete(const query::plan::Operator& plan, RunContext* context)
    : Update(plan, context), call_(context) {}

absl::StatusOr<Pulled> Delete::Change() {
  while (phase_ != Phase::kDone) {
    ASSIGN_OR_RETURN(const Pulled pulled, DoPhase());
    if (pulled != Pulled::kEnd) return pulled;
    phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
    next_ = 0;
  }
  context().elements->Clear();
  return Pulled::kEnd;
}

absl::StatusOr<Pulled> Delete::DoPhase() {
  switch (phase_) {
    case Phase::kCollect:
      if (next_ == 0 && del().takes_postponed) {
        std::swap(targets_, *context().elements->postponed());
      }
      return Collect();
    case Phase::kFindEdges:
      return del().is_detach ? FindEdges() : Pulled::kEnd;
    case Phase::kEdges:
      return DeleteSome(true);
    case Phase::kPostpone: {
      if (!del().postpones) return Pulled::kEnd;
      ASSIGN_OR_RETURN(const Pulled found, FindEdges());
      if (found == Pulled::kEnd) LeaveConnected();
      return found;
    }
    case Phase::kVertices:
      return DeleteSome(false);
    case Phase::kDone:
      break;
  }
  return Pulled::kEnd;
}

void Delete::LeaveConnected() {
  std::erase_if(targets_.vertices, [this](VertexId vertex) { return connected_.contains(vertex); });
  for (const VertexId vertex : connected_) context().elements->postponed()->Add(Value::Of(vertex));
}

absl::StatusOr<Pulled> Delete::Collect() {
  for (; next_ < rows().size(); ++next_) {
    const Batch& batch = *rows()[next_];
    const auto values = static_cast<int64_t>(batch.row_count() * del().targets.size());
    if (!TakeUnits(values * kUnitsPerTarget)) return Pulled::kPause;
    for (uint16_t row = 0; row < batch.row_count(); ++row) {
      for (const uint32_t slot : del().targets) {
        RETURN_IF_ERROR(AddTarget(batch.ValueAt(slot, row)));
      }
    }
  }
  return Pulled::kEnd;
}

absl::Status Delete::AddTarget(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
      return absl::OkStatus();
    case ValueType::kVertex:
    case ValueType::kEdge:
    case ValueType::kPath:
      targets_.Add(value);
      return absl::OkStatus();
    default:
      return query::TypeMismatch("NODE, RELATIONSHIP or PATH", value);
  }
}

absl::StatusOr<Pulled> Delete::FindEdges() {
  while (true) {
    if (request_ == nullptr) {
      const size_t count = std::min(targets_.vertices.size() - next_vertex_, query::kMaxBatchRows);
      if (count == 0) return Pulled::kEnd;
      BatchRef ids = Batch::Make(context().pool, count);
      ids->set_row_count(count);
      query::Column* const column = ids->AddColumn(query::ColumnKind::kVertex);
      for (size_t i = 0; i < count; ++i) {
        column->SetWord(i, targets_.vertices[next_vertex_++].value());
      }
      request_ = MakeFragment(EdgesRequest(), std::move(ids), &context());
    }
    BatchRef found;
    ASSIGN_OR_RETURN(const Pulled pulled, request_->Pull(&found));
    if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
    if (pulled == Pulled::kEnd) {
      request_.reset();
      continue;
    }
    context().units -= static_cast<int64_t>(found->selected_count()) * kUnitsPerTarget;
    found->ForEachRow([&](uint16_t row) {
      if (del().is_detach) {
        targets_.Add(found->ValueAt(2, row));
      } else {
        connected_.insert(found->ValueAt(0, row).vertex());
      }
    });
  }
}

absl::StatusOr<Pulled> Delete::DeleteSome(bool edges) {
  const size_t count = edges ? targets_.edges.size() : targets_.vertices.size();
  while (true) {
    if (call_.is_started()) {
      std::vector<CreatedElement> created;
      const absl::StatusOr<Pulled> pulled = call_.Continue(&created);
      if (absl::IsFailedPrecondition(pulled.status()) && !edges) {
        return ToStatus(query::MakeError(query::ErrorId::kDeleteConnectedNode, {}));
      }
      RETURN_IF_ERROR(pulled.status());
      if (*pulled != Pulled::kEnd) return *pulled;
    }
    if (next_ == count) return Pulled::kEnd;
    std::vector<GraphChange> changes;
    for (; next_ < count && changes.size() < kMaxChangeCount; ++next_) {
      GraphChange& change = changes.emplace_back();
      if (edges) {
        change.kind = GraphChangeKind::kDeleteEdge;
        change.edge = targets_.edges[next_];
      } else {
        change.kind = GraphChangeKind::kDeleteVertex;
        change.vertex.id = targets_.vertices[next_];
      }
    }
    (edges ? counters().edges_deleted : counters().vertices_deleted) +=
        static_cast<int64_t>(changes.size());
    call_.Start(std::move(changes));
  }
}

}  // namespace tidemark::exec
