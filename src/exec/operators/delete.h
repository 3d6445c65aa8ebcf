// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "exec/operators/update.h"

namespace tidemark::exec {

// Deletes elements: first all edges of all rows, then the vertices.
// Owner, threads: as of every Update. Errors: DeleteConnectedNode.
class Delete final : public Update {
 public:
  Delete(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Change() override;

 private:
  // One after the other.
  enum class Phase : uint8_t { kCollect, kFindEdges, kEdges, kPostpone, kVertices, kDone };

  const query::plan::Delete& del() const { return query::plan::As<query::plan::Delete>(plan()); }
  absl::StatusOr<Pulled> DoPhase();
  // Takes the elements of all rows; kEnd when it has them.
  absl::StatusOr<Pulled> Collect();
  absl::Status AddTarget(const graph::Value& value);
  // Asks the owners of the vertices for their edges: with DETACH to delete them, else to know which
  // vertices have some.
  absl::StatusOr<Pulled> FindEdges();
  void LeaveConnected();
  // Deletes the next ones; kEnd when none is left.
  absl::StatusOr<Pulled> DeleteSome(bool edges);

  Phase phase_ = Phase::kCollect;
  ElementSet targets_;
  std::set<VertexId> connected_;
  size_t next_vertex_ = 0;
  std::unique_ptr<Operator> request_;
  size_t next_ = 0;  // row batch or element
  WriterCall call_;
};

}  // namespace tidemark::exec
