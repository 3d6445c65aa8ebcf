// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "env/executor.h"
#include "exec/change.h"
#include "exec/fragment_step.h"
#include "graph/index_definition.h"
#include "session/backend.h"
#include "session/fragment_calls.h"
#include "session/operation.h"
#include "session/typed_batch.h"

namespace tidemark::master {

// Checks a new constraint against the vertices that are there, and claims the keys of a uniqueness
// constraint for them. Writers maintain the constraint already; the builder walks over every
// worker's vertices with the label in small transactions of its own, so a vertex that changes
// meanwhile is a conflict and the chunk is done again.
// Owner: SchemaManager; destroying it stops the work, but only Cancel ends its transaction: at the
// end of the process there is nobody left to tell. Threads: the master's loop.
class ConstraintBuilder {
 public:
  using Done = std::function<void(const absl::Status&)>;

  // `done`: OK, or why the constraint cannot be: kAlreadyExists and kFailedPrecondition name the
  // vertices. Does not own the backend and the executor.
  ConstraintBuilder(session::Backend* backend, env::Executor* executor,
                    graph::IndexDefinition definition, Done done);

  void Start();
  // Stops the work and undoes what is not committed of it. `done` is not called any more.
  void Cancel();

 private:
  void ScanChunk();
  void OnRows(const absl::StatusOr<std::vector<session::OperationResult>>& results);
  absl::Status CheckRows(const std::vector<session::VertexRow>& rows);
  void ClaimKeys(const std::vector<session::VertexRow>& rows);
  // Sends the changes to a worker; OnClaimed follows.
  void Send(NodeId worker, absl::Span<const exec::Change> changes);
  void OnClaimed(const absl::StatusOr<exec::FragmentRows>& answer);
  void EndChunk();
  // Forgets the transaction of the chunk.
  void EndTransaction();
  void CommitChunk();
  void NextChunk();
  void Retry(const absl::Status& status);
  void Finish(const absl::Status& status);

  session::Backend* const backend_;
  env::Executor* const executor_;
  const graph::IndexDefinition definition_;
  Done done_;
  TxId tx_;
  // Of the chunk under way.
  std::shared_ptr<session::TypedBatch> scan_;
  std::optional<session::FragmentCalls> claims_;
  std::string cursor_;
  std::string next_cursor_;
  uint32_t waiting_ = 0;
  absl::Status taken_;     // a key of the chunk has another holder
  absl::Status conflict_;  // the chunk is to be done again
  uint32_t attempt_count_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::master
