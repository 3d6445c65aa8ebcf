// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "durability/master_log_state.h"

namespace tidemark::txn {

// Names and which of them are durable. A name may be used only when its record in the master log is
// synced: a recovered commit must never use a number that no record explains.
// Owner: the coordinator. Threads: the master's loop.
class NameRegistry {
 public:
  using Callback = std::function<void(absl::StatusOr<uint32_t>)>;

  // All names of `log` are durable. CHECKs that they form a table.
  explicit NameRegistry(const durability::MasterLogState& log);

  // The id of a durable name.
  std::optional<uint32_t> FindSynced(graph::NameKind kind, std::string_view text) const;
  // The id of a name, durable or not.
  std::optional<uint32_t> Find(graph::NameKind kind, std::string_view text) const {
    return names_.Find(kind, text);
  }
  // REQUIRES: the id was given out.
  const std::string& Text(graph::NameKind kind, uint32_t id) const { return names_.Text(kind, id); }
  const catalog::NameTable& table() const { return names_; }

  // Gives a new name its id; it is not durable yet. REQUIRES: Find is nullopt.
  absl::StatusOr<uint32_t> Add(graph::NameKind kind, std::string_view text);
  // Calls back once the name is durable. REQUIRES: Find has it, FindSynced has not.
  void Wait(graph::NameKind kind, uint32_t id, Callback done);
  // Ids are given and synced in one order: every name of the kind up to `id` is durable now.
  // Returns the callbacks that may run, in the order of Wait.
  std::vector<std::function<void()>> OnSynced(graph::NameKind kind, uint32_t id);

  void CheckInvariants() const;

 private:
  struct Waiter {
    graph::NameKind kind;
    uint32_t id;
    Callback done;
  };
  uint32_t synced_count(graph::NameKind kind) const {
    return synced_count_[static_cast<size_t>(kind) - 1];
  }

  catalog::NameTable names_;
  std::array<uint32_t, graph::kNameKindCount> synced_count_{};
  std::deque<Waiter> waiters_;
};

}  // namespace tidemark::txn
