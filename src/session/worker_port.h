// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/ids.h"
#include "exec/query_run.h"
#include "exec/worker_port.h"
#include "query/batch/slab_pool.h"
#include "session/backend.h"

namespace tidemark::session {

// The workers as one statement of a transaction reaches them: through the backend.
// Owner: the ResultStream. Threads: the loop.
class SessionWorkers final : public exec::WorkerPort {
 public:
  // All but tx outlive the port. `input` is the statement as its expressions see it.
  SessionWorkers(Backend* backend, TxId tx, query::SlabPool* pool, const exec::QueryInput* input)
      : backend_(backend), tx_(tx), pool_(pool), input_(input) {}

  // Closes all runs that are open. Nothing comes of them any more, and they may be destroyed on
  // another thread.
  void Close();
  // The same, but workers are not told: the transaction ends, and its runs with it. The backend may
  // be gone.
  void Abandon() { is_closed_ = true; }

  uint32_t worker_count() const override { return backend_->worker_count(); }
  NodeId OwnerOf(VertexId vertex) const override;
  NodeId OwnerOf(EdgeId edge) const override;
  NodeId OwnerOf(SlotId slot) const override;
  absl::StatusOr<std::unique_ptr<exec::RemoteRun>> Open(NodeId worker,
                                                        const query::plan::Remote& remote,
                                                        exec::FragmentInput input) override;

 private:
  class Run;

  Backend* const backend_;
  const TxId tx_;
  query::SlabPool* const pool_;
  const exec::QueryInput* const input_;
  absl::flat_hash_set<Run*> runs_;
  bool is_closed_ = false;
};

}  // namespace tidemark::session
