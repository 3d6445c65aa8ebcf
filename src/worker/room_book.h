// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/wal/wal_writer.h"
#include "exec/write_gate.h"

namespace tidemark::worker {

// Which room of the log is promised: what open transactions have written must fit into it when they
// commit, whatever happens to the disk meanwhile. A write is let in only when it fits too; on a
// full disk it is refused, and while the log is being given more room it waits. A write that is too
// large for a segment makes its segment grow when it is logged; the disk is asked for that room.
// Owner: Engine. Threads: the worker's loop. Errors: kResourceExhausted, with worker, path, bytes
// needed and bytes free.
class RoomBook : public exec::WriteGate {
 public:
  // Owns neither the writer nor the file system. The options are those of the writer.
  RoomBook(durability::WalOptions options, durability::WalWriter* wal, env::FileSystem* files);

  // A transaction that has written so much logs it ahead of its commit, so that what it writes
  // behind that fits into a segment unless a single write does not.
  uint64_t part_bytes() const { return options_.segment_bytes / 4; }

  // The transaction has written, and so much of it is not in the log.
  void Promise(TxId tx, uint64_t pending_bytes);
  // It has ended.
  void Forget(TxId tx);
  void Clear();
  uint64_t promised_bytes() const { return promised_bytes_; }
  void CheckInvariants() const;

  // exec::WriteGate
  absl::StatusOr<bool> MayWrite(uint64_t batch_bytes, uint64_t operation_count) override;

 private:
  // Whether the disk has room for a record that makes its segment grow.
  absl::Status CheckRoomToGrow(uint64_t batch_bytes, uint64_t needed_bytes) const;

  const durability::WalOptions options_;
  const uint64_t reserve_bytes_;
  durability::WalWriter* const wal_;
  env::FileSystem* const files_;
  absl::flat_hash_map<TxId, uint64_t> promises_;
  uint64_t promised_bytes_ = 0;
};

}  // namespace tidemark::worker
