// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "exec/fragment_step.h"
#include "query/batch/batch.h"
#include "query/plan/operator.h"

namespace tidemark::exec {

// What a run of a fragment is opened with.
struct FragmentInput {
  query::BatchRef rows;         // the columns of the fragment's Input but the row number
  std::vector<VertexId> found;  // see FragmentCall
};

// A run of a fragment at one worker, over the rows of one request. To destroy it ends the run.
// Owner: the operator that asked. Threads: the loop of home.
class RemoteRun {
 public:
  virtual ~RemoteRun() = default;

  // What the fragment gives next. REQUIRES: the call before was answered, not with is_end. `done`
  // is called once, within the call or later, unless the run is destroyed before. Errors:
  // query::Error as it was at the worker; kUnavailable and others of the cluster.
  virtual void Next(std::function<void(absl::StatusOr<FragmentRows>)> done) = 0;
};

// What a home fragment needs of the cluster, for one statement of a transaction.
// Owner: the session. Threads: the loop of home.
class WorkerPort {
 public:
  virtual ~WorkerPort() = default;

  virtual uint32_t worker_count() const = 0;
  virtual NodeId OwnerOf(VertexId vertex) const = 0;
  virtual NodeId OwnerOf(EdgeId edge) const = 0;  // of its source
  virtual NodeId OwnerOf(SlotId slot) const = 0;
  // The operator outlives the run. kResourceExhausted when the rows cannot be sent.
  virtual absl::StatusOr<std::unique_ptr<RemoteRun>> Open(NodeId worker,
                                                          const query::plan::Remote& remote,
                                                          FragmentInput input) = 0;
};

}  // namespace tidemark::exec
