// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "base/ids.h"
#include "durability/master_log/master_log_record.h"
#include "durability/master_log/master_log_state.h"
#include "txn/coordinator_port.h"

namespace tidemark::txn {

// The master log as the coordinator uses it: what is synced of it, and what was appended and waits
// for its sync, with what is to be done then.
// Owner: the coordinator. Threads: the master's loop.
class LogBook {
 public:
  // `log`: everything in it is synced. Does not own the port.
  LogBook(durability::MasterLogState log, CoordinatorPort* port);

  // Appends and asks for a sync; `synced` (may be null) is what to do when the record is durable.
  void Append(durability::MasterLogRecord record, std::function<void()> synced, int64_t now_micros);
  // The next record up to `position`, which is synced, becomes part of durable(); returns what is
  // to be done about it. nullopt: there is none.
  std::optional<std::function<void()>> TakeSynced(uint64_t position);

  // The synced part.
  const durability::MasterLogState& durable() const { return durable_; }
  // Everything appended is synced.
  bool is_drained() const { return pending_.empty(); }
  // How long the oldest record that is not synced has been waiting for the disk; time before
  // `awake_since_micros`, in which this process slept, does not count.
  int64_t SilenceMicros(int64_t now_micros, int64_t awake_since_micros) const;
  // The newest epoch that was appended, synced or not.
  Epoch appended_epoch() const { return appended_epoch_; }
  // The highest watermark that an appended record stands for. A snapshot may say more than a
  // Watermark record.
  Csn appended_watermark() const { return appended_watermark_; }

  void CheckInvariants() const { durable_.CheckInvariants(); }

 private:
  struct Pending {
    uint64_t position = 0;
    int64_t appended_micros = 0;
    durability::MasterLogRecord record;
    std::function<void()> synced;
  };
  void NoteAppended(const durability::MasterLogRecord& record);

  CoordinatorPort* const port_;
  durability::MasterLogState durable_;
  std::deque<Pending> pending_;
  Epoch appended_epoch_;
  Csn appended_watermark_;
};

}  // namespace tidemark::txn
