// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/master_log/master_log_record.h"

namespace tidemark::durability {

// What the records of a master log add up to. Pure data: no disk, no loop.
// Owner: MasterLog. Threads: one. Errors: kDataLoss for a record that cannot follow the ones before
// it (epoch or watermark going back, a name given twice, no Cluster record at the front).
class MasterLogState {
 public:
  explicit MasterLogState(size_t snapshot_retention_count = 3)
      : snapshot_retention_count_(snapshot_retention_count) {}

  absl::Status Apply(const MasterLogRecord& record);
  // What Apply would say; changes nothing.
  absl::Status Check(const MasterLogRecord& record) const;

  const ClusterRecord& cluster() const { return cluster_; }
  const std::vector<EpochRecord>& epochs() const { return epochs_; }  // ascending
  Epoch epoch() const { return epochs_.empty() ? Epoch() : epochs_.back().epoch; }
  // A commit that a later epoch declared dead.
  bool IsDead(Epoch epoch, Csn csn) const;
  const std::set<NodeId>& members() const { return members_; }
  const std::map<std::pair<NameKind, uint32_t>, std::string>& names() const { return names_; }
  // Newest live definition of each index, dropped ones included.
  const std::map<IndexId, SchemaRecord>& schema() const { return schema_; }
  // W: the highest csn of Watermark and SnapshotComplete records, and each worker's newest commit
  // <= W.
  const WatermarkRecord& watermark() const { return watermark_; }
  // The newest ones, ascending, at most the retention.
  const std::vector<SnapshotCompleteRecord>& snapshots() const { return snapshots_; }

  // The records that rebuild this state.
  std::vector<MasterLogRecord> Compact() const;
  void CheckInvariants() const;

 private:
  absl::Status CheckOne(const ClusterRecord& record) const;
  absl::Status CheckOne(const EpochRecord& record) const;
  absl::Status CheckOne(const MemberRecord& record) const;
  absl::Status CheckOne(const NameRecord& record) const;
  absl::Status CheckOne(const SchemaRecord& record) const;
  absl::Status CheckOne(const WatermarkRecord& record) const;
  absl::Status CheckOne(const SnapshotCompleteRecord& record) const;
  void ApplyOne(const ClusterRecord& record);
  void ApplyOne(const EpochRecord& record);
  void ApplyOne(const MemberRecord& record);
  void ApplyOne(const NameRecord& record);
  void ApplyOne(const SchemaRecord& record);
  void ApplyOne(const WatermarkRecord& record);
  void ApplyOne(const SnapshotCompleteRecord& record);

  size_t snapshot_retention_count_;
  ClusterRecord cluster_;
  std::vector<EpochRecord> epochs_;
  std::set<NodeId> members_;
  std::map<std::pair<NameKind, uint32_t>, std::string> names_;
  std::map<IndexId, SchemaRecord> schema_;
  struct SchemaOrder {
    Csn csn;
    uint64_t number = 0;  // of the record: one commit may define several indexes
    friend auto operator<=>(const SchemaOrder&, const SchemaOrder&) = default;
  };
  // The newest definition of each index at or below the watermark, and every one above it, which an
  // epoch may take back. A watermark moves those that it passes, and looks at no others.
  std::map<IndexId, SchemaRecord> settled_;
  std::map<SchemaOrder, SchemaRecord> unsettled_;
  uint64_t schema_count_ = 0;
  WatermarkRecord watermark_;
  std::vector<SnapshotCompleteRecord> snapshots_;
};

}  // namespace tidemark::durability
