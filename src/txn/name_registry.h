// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "durability/master_log/master_log_state.h"

namespace tidemark::txn {

// The durable names, and those whose record in the master log is being synced. A name may be used
// only when its record is synced: a recovered commit must never use a number that no record
// explains. Records are synced in the order of Add.
// Owner: the coordinator. Threads: the master's loop.
class NameRegistry {
 public:
  using Callback = std::function<void(absl::StatusOr<uint32_t>)>;

  // CHECKs that the names of `log`, all durable, form a table.
  explicit NameRegistry(const durability::MasterLogState& log);

  // Durable names only.
  const catalog::NameTable& table() const { return table_; }

  bool IsPending(graph::NameKind kind, std::string_view text) const;
  // Gives a new name its id; the record is to be logged. Errors as of catalog::NameTable::Add.
  // REQUIRES: it is neither in table() nor pending.
  absl::StatusOr<durability::NameRecord> Add(graph::NameKind kind, std::string_view text);
  // Calls back, through OnSynced, once the name is durable. REQUIRES: it is pending.
  void Wait(graph::NameKind kind, std::string_view text, Callback done);
  // The record of the oldest pending name is synced. Returns what may run now, in order.
  std::vector<std::function<void()>> OnSynced(const durability::NameRecord& record);

  // Everybody who waits: nobody will be called back any more.
  std::vector<Callback> TakeWaiters();

  void CheckInvariants() const;

 private:
  using Name = std::pair<graph::NameKind, std::string>;
  struct Pending {
    uint32_t id = 0;
    std::vector<Callback> waiters;
  };

  uint32_t& PendingCount(graph::NameKind kind) {
    return pending_counts_[static_cast<size_t>(kind) - 1];
  }

  catalog::NameTable table_;
  absl::flat_hash_map<Name, Pending> pending_;
  std::deque<Name> order_;  // of the pending ones
  std::array<uint32_t, graph::kNameKindCount> pending_counts_{};
};

}  // namespace tidemark::txn
