// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/master_log_record.h"
#include "txn/types.h"

namespace tidemark::txn {

// What the synced part of the master log says about epochs, members, watermark and snapshots. Fed
// with every record in the order of the log, when read at the start and when synced later. Names
// and schema records pass through without effect (the catalog keeps them).
// Owner: the coordinator; also made by tools that read a log. Threads: one.
class LogState {
 public:
  // kDataLoss when the record cannot follow what came before (epoch or watermark going back ...).
  absl::Status Apply(const durability::MasterLogRecord& record);

  const ClusterId& cluster_id() const { return cluster_.id; }
  uint32_t worker_count() const { return cluster_.worker_count; }
  uint32_t feature_level() const { return cluster_.feature_level; }
  NodeSet members() const { return members_; }
  // 0 before the first Epoch record.
  Epoch epoch() const { return epochs_.empty() ? Epoch() : epochs_.back().epoch; }
  const std::vector<durability::EpochRecord>& epochs() const { return epochs_; }

  // W: the newest csn of a Watermark or SnapshotComplete record. The base of an Epoch record is a
  // ceiling for older epochs and says nothing about W.
  Csn watermark() const { return watermark_; }
  // The worker's newest commit <= watermark().
  Csn LastOf(NodeId node) const;
  // Complete snapshots, oldest first, retained or not.
  const std::vector<durability::SnapshotCompleteRecord>& snapshots() const { return snapshots_; }

  // An Epoch record after `id.epoch` has a base below id.csn: the commit has been undone.
  bool IsDead(CommitId id) const;
  // `id` can name a commit: its epoch is not above epoch() and it is not dead.
  bool IsKnown(CommitId id) const { return id.epoch <= epoch() && !IsDead(id); }

  void CheckInvariants() const;

 private:
  absl::Status ApplyEpoch(const durability::EpochRecord& record);
  absl::Status ApplyWatermark(const durability::WatermarkRecord& record);
  absl::Status ApplySnapshot(const durability::SnapshotCompleteRecord& record);

  durability::ClusterRecord cluster_;
  NodeSet members_;
  std::vector<durability::EpochRecord> epochs_;  // ascending
  // lowest_base_after_[i]: the lowest base of epochs_[i] and all later ones.
  std::vector<Csn> lowest_base_from_;
  Csn watermark_;
  std::map<NodeId, Csn> last_;
  std::vector<durability::SnapshotCompleteRecord> snapshots_;
};

}  // namespace tidemark::txn
