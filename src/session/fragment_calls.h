// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/query_run.h"
#include "exec/worker_port.h"
#include "query/batch/batch.h"
#include "query/plan/operator.h"
#include "session/backend.h"
#include "session/worker_port.h"

namespace tidemark::session {

// Fragments of no statement, run at workers for one transaction, each to its end or to that of the
// transaction. Owner: who waits for what they give. Threads: the loop.
class FragmentCalls {
 public:
  using OnRows = std::function<void(const absl::StatusOr<exec::FragmentRows>&)>;

  // The backend outlives the use of the calls.
  FragmentCalls(Backend* backend, TxId tx)
      : slabs_(backend->slabs()), workers_(backend, tx, slabs_.get(), &input_) {}
  ~FragmentCalls() { workers_.Abandon(); }
  FragmentCalls(const FragmentCalls&) = delete;
  FragmentCalls& operator=(const FragmentCalls&) = delete;

  // Runs `remote`, which outlives the run, over the rows. `on_rows` is called for each piece of the
  // answer, from inside or later, at last with is_end or an error; then it may destroy the calls.
  void Start(NodeId worker, const query::plan::Remote& remote, const query::BatchRef& input,
             OnRows on_rows);

 private:
  using Place = std::list<std::unique_ptr<exec::RemoteRun>>::iterator;

  void Ask(Place run, OnRows on_rows);

  const exec::QueryInput input_;
  const std::shared_ptr<query::SlabPool> slabs_;
  SessionWorkers workers_;
  std::list<std::unique_ptr<exec::RemoteRun>> runs_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::session
