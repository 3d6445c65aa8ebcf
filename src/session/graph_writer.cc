// SPDX-License-Identifier: Apache-2.0
#include "session/graph_writer.h"

#include <utility>

#include "base/check.h"

namespace tidemark::session {

namespace {

OperationKind KindOf(exec::GraphChangeKind kind) {
  switch (kind) {
    case exec::GraphChangeKind::kCreateVertex:
      return OperationKind::kCreateVertex;
    case exec::GraphChangeKind::kCreateEdge:
      return OperationKind::kCreateEdge;
    case exec::GraphChangeKind::kSetVertexProperties:
      return OperationKind::kSetVertexProperties;
    case exec::GraphChangeKind::kSetEdgeProperties:
      return OperationKind::kSetEdgeProperties;
    case exec::GraphChangeKind::kSetLabels:
      return OperationKind::kSetLabels;
    case exec::GraphChangeKind::kDeleteVertex:
      return OperationKind::kDeleteVertex;
    case exec::GraphChangeKind::kDeleteEdge:
      return OperationKind::kDeleteEdge;
  }
  LOG(FATAL) << "no change of kind " << static_cast<int>(kind);
}

Operation ToOperation(exec::GraphChange change) {
  Operation operation;
  operation.kind = KindOf(change.kind);
  operation.vertex = {change.vertex.id, change.vertex.created_by};
  operation.target = {change.target.id, change.target.created_by};
  operation.edge = change.edge;
  operation.labels = std::move(change.labels);
  operation.removed_labels = std::move(change.removed_labels);
  if (!change.type.empty()) operation.types.push_back(std::move(change.type));
  operation.properties = std::move(change.properties);
  return operation;
}

}  // namespace

void SessionWriter::Close() {
  if (runner_ != nullptr) runner_->Cancel();
  runner_ = nullptr;
}

void SessionWriter::Write(
    std::vector<exec::GraphChange> changes,
    std::function<void(absl::StatusOr<std::vector<exec::CreatedElement>>)> done) {
  CHECK(runner_ == nullptr) << "a transaction writes one batch after the other";
  if (changes.empty()) return done(std::vector<exec::CreatedElement>());
  std::vector<Operation> operations;
  auto types = std::make_shared<std::vector<std::string>>();
  for (exec::GraphChange& change : changes) {
    types->push_back(change.type);
    operations.push_back(ToOperation(std::move(change)));
  }
  runner_ = std::make_shared<BatchRunner>(
      backend_, tx_, read_csn_, std::move(operations),
      [this, types, done = std::move(done)](absl::StatusOr<std::vector<OperationResult>> results) {
        runner_.reset();
        if (!results.ok()) return done(results.status());
        std::vector<exec::CreatedElement> created;
        for (size_t i = 0; i < results->size(); ++i) {
          const auto type = (*types)[i].empty()
                                ? std::nullopt
                                : backend_->names().Find(graph::NameKind::kType, (*types)[i]);
          created.push_back({(*results)[i].vertex, (*results)[i].edge, TypeId(type.value_or(0))});
        }
        done(std::move(created));
      });
  runner_->Start();
}

}  // namespace tidemark::session
