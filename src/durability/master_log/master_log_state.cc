// SPDX-License-Identifier: Apache-2.0
#include "durability/master_log/master_log_state.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

absl::Status OutOfPlace(const MasterLogRecord& record, std::string_view why) {
  return absl::DataLossError(
      absl::StrCat("the record \"", DebugString(record), "\" cannot follow: ", ToAbsl(why)));
}

}  // namespace

absl::Status MasterLogState::Check(const MasterLogRecord& record) const {
  if (cluster_.id.IsZero() != std::holds_alternative<ClusterRecord>(record)) {
    return OutOfPlace(record, "a log begins with its one cluster record");
  }
  return std::visit([this](const auto& value) { return CheckOne(value); }, record);
}

absl::Status MasterLogState::Apply(const MasterLogRecord& record) {
  RETURN_IF_ERROR(Check(record));
  std::visit([this](const auto& value) { ApplyOne(value); }, record);
  return absl::OkStatus();
}

bool MasterLogState::IsDead(Epoch epoch, Csn csn) const {
  for (auto it = epochs_.rbegin(); it != epochs_.rend() && it->epoch > epoch; ++it) {
    if (it->base < csn) return true;
  }
  return false;
}

std::vector<MasterLogRecord> MasterLogState::Compact() const {
  std::vector<MasterLogRecord> records;
  records.emplace_back(cluster_);
  for (const EpochRecord& record : epochs_) records.emplace_back(record);
  for (const NodeId node : members_) records.emplace_back(MemberRecord{node});
  for (const auto& [key, text] : names_) {
    records.emplace_back(NameRecord{key.first, key.second, text});
  }
  // By csn: readers of a log may count on the order in which schema commits were made.
  std::vector<SchemaRecord> schema;
  for (const auto& [id, record] : settled_) schema.push_back(record);
  std::stable_sort(schema.begin(), schema.end(),
                   [](const SchemaRecord& a, const SchemaRecord& b) { return a.csn < b.csn; });
  for (const auto& [order, record] : unsettled_) schema.push_back(record);
  for (SchemaRecord& record : schema) records.emplace_back(std::move(record));
  if (!watermark_.last.empty()) records.emplace_back(watermark_);
  for (const SnapshotCompleteRecord& record : snapshots_) records.emplace_back(record);
  return records;
}

void MasterLogState::CheckInvariants() const {
  for (size_t i = 1; i < epochs_.size(); ++i) CHECK_GT(epochs_[i].epoch, epochs_[i - 1].epoch);
  if (!epochs_.empty()) CHECK_GE(epochs_.back().base, Csn());
  for (const auto& [order, record] : unsettled_) {
    CHECK_GT(record.csn, watermark_.csn);
    CHECK(!IsDead(record.epoch, record.csn));
  }
  for (const auto& [id, record] : settled_) CHECK(!IsDead(record.epoch, record.csn));
  for (const auto& [id, record] : settled_) CHECK(schema_.contains(id));
  for (size_t i = 0; i < snapshots_.size(); ++i) {
    CHECK_LE(snapshots_[i].csn, watermark_.csn);
    if (i > 0) CHECK_GE(snapshots_[i].csn, snapshots_[i - 1].csn);
  }
  CHECK_LE(snapshots_.size(), snapshot_retention_count_);
  for (const NodeId node : members_) CHECK_LE(node.value(), cluster_.worker_count);
}

// --- What may follow.

absl::Status MasterLogState::CheckOne(const ClusterRecord& record) const {
  if (record.id.IsZero()) return OutOfPlace(record, "a cluster has an id");
  if (record.worker_count == 0 || record.worker_count > kMaxWorkerCount) {
    return OutOfPlace(record, "a cluster has 1 to 64 workers");
  }
  return absl::OkStatus();
}
absl::Status MasterLogState::CheckOne(const EpochRecord& record) const {
  if (record.epoch <= epoch()) {
    return OutOfPlace(record, absl::StrCat("the epoch is ", epoch().value(), " already"));
  }
  if (record.base < watermark_.csn) {
    return OutOfPlace(record, absl::StrCat("the watermark is ", watermark_.csn.value()));
  }
  return absl::OkStatus();
}
absl::Status MasterLogState::CheckOne(const MemberRecord& record) const {
  if (record.node == kMasterNode || record.node.value() > cluster_.worker_count) {
    return OutOfPlace(record, absl::StrCat("there are ", cluster_.worker_count, " workers"));
  }
  return absl::OkStatus();
}
absl::Status MasterLogState::CheckOne(const NameRecord& record) const {
  const auto found = names_.find({record.kind, record.id});
  if (found != names_.end() && found->second != record.text) {
    return OutOfPlace(record, absl::StrCat("this id means \"", found->second, "\""));
  }
  return absl::OkStatus();
}
absl::Status MasterLogState::CheckOne(const SchemaRecord& record) const {
  if (record.epoch > epoch()) return OutOfPlace(record, "its epoch has not begun");
  return absl::OkStatus();
}
absl::Status MasterLogState::CheckOne(const WatermarkRecord& record) const {
  if (record.csn < watermark_.csn) {
    return OutOfPlace(record, absl::StrCat("the watermark is ", watermark_.csn.value()));
  }
  if (record.last.size() != cluster_.worker_count) {
    return OutOfPlace(record, absl::StrCat("there are ", cluster_.worker_count, " workers"));
  }
  return absl::OkStatus();
}
absl::Status MasterLogState::CheckOne(const SnapshotCompleteRecord& record) const {
  if (!snapshots_.empty() && record.csn < snapshots_.back().csn) {
    return OutOfPlace(record,
                      absl::StrCat("there is a snapshot of csn ", snapshots_.back().csn.value()));
  }
  if (record.parts.size() != cluster_.worker_count) {
    return OutOfPlace(record, absl::StrCat("there are ", cluster_.worker_count, " workers"));
  }
  return absl::OkStatus();
}

// --- What it changes.

void MasterLogState::ApplyOne(const ClusterRecord& record) { cluster_ = record; }

void MasterLogState::ApplyOne(const EpochRecord& record) {
  epochs_.push_back(record);
  std::erase_if(unsettled_,
                [&](const auto& entry) { return IsDead(entry.second.epoch, entry.second.csn); });
  schema_ = settled_;
  for (const auto& [order, schema] : unsettled_) schema_[schema.definition.id] = schema;
}

void MasterLogState::ApplyOne(const MemberRecord& record) { members_.insert(record.node); }

void MasterLogState::ApplyOne(const NameRecord& record) {
  names_[{record.kind, record.id}] = record.text;
}

void MasterLogState::ApplyOne(const SchemaRecord& record) {
  if (IsDead(record.epoch, record.csn)) return;
  schema_[record.definition.id] = record;
  if (record.csn <= watermark_.csn) {
    settled_[record.definition.id] = record;
  } else {
    unsettled_.emplace(SchemaOrder{record.csn, schema_count_++}, record);
  }
}

void MasterLogState::ApplyOne(const WatermarkRecord& record) {
  watermark_ = record;
  // Of what can no more be taken back only the newest definition of each index counts.
  while (!unsettled_.empty() && unsettled_.begin()->first.csn <= record.csn) {
    auto settled = unsettled_.extract(unsettled_.begin());
    settled_[settled.mapped().definition.id] = std::move(settled.mapped());
  }
}

void MasterLogState::ApplyOne(const SnapshotCompleteRecord& record) {
  snapshots_.push_back(record);
  if (snapshots_.size() > snapshot_retention_count_) snapshots_.erase(snapshots_.begin());
  if (record.csn <= watermark_.csn && !watermark_.last.empty()) return;
  WatermarkRecord watermark{.epoch = record.epoch, .csn = record.csn};
  for (const auto& part : record.parts) watermark.last.push_back({part.node, part.last_csn});
  ApplyOne(watermark);
}

}  // namespace tidemark::durability
