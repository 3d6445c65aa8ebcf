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
// full disk it is refused, and while the log is being given more room it waits. Owner: Engine.
// Threads: the worker's loop. Errors: kResourceExhausted, with worker, path, bytes needed and bytes
// free.
class RoomBook : public exec::WriteGate {
 public:
  // Does not own the writer.
  RoomBook(NodeId self, uint64_t segment_bytes, durability::WalWriter* wal);

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
  const NodeId self_;
  const uint64_t reserve_bytes_;
  durability::WalWriter* const wal_;
  absl::flat_hash_map<TxId, uint64_t> promises_;
  uint64_t promised_bytes_ = 0;
};

}  // namespace tidemark::worker
