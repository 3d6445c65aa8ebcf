// SPDX-License-Identifier: Apache-2.0
#include "txn/types.h"

#include "txn/cluster_status.h"

namespace tidemark::txn {

std::ostream& operator<<(std::ostream& out, const CommitId& id) {
  return out << id.epoch << "/" << id.csn;
}

std::string_view NameOf(ClusterState state) {
  switch (state) {
    case ClusterState::kReconciling:
      return "reconciling";
    case ClusterState::kOpen:
      return "open";
    case ClusterState::kStopping:
      return "stopping";
    case ClusterState::kStopped:
      return "stopped";
  }
  return "unknown";
}

std::string_view NameOf(WorkerState state) {
  switch (state) {
    case WorkerState::kAbsent:
      return "absent";
    case WorkerState::kConnected:
      return "connected";
    case WorkerState::kRegistered:
      return "registered";
    case WorkerState::kConverged:
      return "converged";
    case WorkerState::kOpen:
      return "open";
    case WorkerState::kRefused:
      return "refused";
    case WorkerState::kDiskSilent:
      return "waits for its disk";
  }
  return "unknown";
}

}  // namespace tidemark::txn
