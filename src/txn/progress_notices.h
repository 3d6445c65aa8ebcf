// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>

#include "base/ids.h"
#include "txn/coordinator_context.h"

namespace tidemark::txn {

// Tells the workers the watermark and the horizon: below it no version is read any more, so they
// may drop what is older. No frame that names a newer csn goes to a worker before its notice.
// Owner: the coordinator. Threads: the master's loop.
class ProgressNotices {
 public:
  // Does not own the context, which outlives it.
  explicit ProgressNotices(CoordinatorContext* context) : context_(*context) {}

  // Nothing above `csn` becomes garbage until it is released. REQUIRES: nobody holds it.
  void HoldHorizon(Csn csn);
  void ReleaseHorizon() { held_.reset(); }
  Csn Horizon() const;
  // Sends what has moved since the last notice; nothing while the cluster is closed.
  void SendTo(NodeId node);
  // The worker knows nothing: it has a new stream, or the cluster opens.
  void Forget(NodeId node) { told_.erase(node); }
  void ForgetAll() { told_.clear(); }

  std::optional<Csn> held() const { return held_; }

 private:
  struct Told {
    Csn watermark;
    Csn horizon;
  };
  CoordinatorContext& context_;
  std::optional<Csn> held_;  // by a snapshot
  std::map<NodeId, Told> told_;
};

}  // namespace tidemark::txn
