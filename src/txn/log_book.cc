// SPDX-License-Identifier: Apache-2.0
#include "txn/log_book.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::txn {

LogBook::LogBook(durability::MasterLogState log, CoordinatorPort* port)
    : port_(port),
      durable_(std::move(log)),
      appended_epoch_(durable_.epoch()),
      appended_watermark_(durable_.watermark().csn) {}

void LogBook::Append(durability::MasterLogRecord record, std::function<void()> synced,
                     int64_t now_micros) {
  const uint64_t position = port_->AppendLog(record);
  CHECK(pending_.empty() || position > pending_.back().position);
  NoteAppended(record);
  pending_.push_back({position, now_micros, std::move(record), std::move(synced)});
  port_->SyncLog();
}

void LogBook::NoteAppended(const durability::MasterLogRecord& record) {
  if (const auto* epoch = std::get_if<durability::EpochRecord>(&record)) {
    appended_epoch_ = epoch->epoch;
  } else if (const auto* watermark = std::get_if<durability::WatermarkRecord>(&record)) {
    appended_watermark_ = std::max(appended_watermark_, watermark->csn);
  } else if (const auto* snapshot = std::get_if<durability::SnapshotCompleteRecord>(&record)) {
    appended_watermark_ = std::max(appended_watermark_, snapshot->csn);
  }
}

std::optional<std::function<void()>> LogBook::TakeSynced(uint64_t position) {
  if (pending_.empty() || pending_.front().position > position) return std::nullopt;
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  const absl::Status applied = durable_.Apply(pending.record);
  CHECK(applied.ok()) << MessageOf(applied);
  return std::move(pending.synced);
}

int64_t LogBook::SilenceMicros(int64_t now_micros, int64_t awake_since_micros) const {
  if (pending_.empty()) return 0;
  return now_micros - std::max(pending_.front().appended_micros, awake_since_micros);
}

}  // namespace tidemark::txn
