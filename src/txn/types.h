// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "rpc/transport.h"

namespace tidemark::txn {

// What a commit is for ever: a csn alone can be taken again after an epoch declared it dead.
// Clients carry it as a bookmark. Threads: a value type.
struct CommitId {
  Epoch epoch;
  Csn csn;

  friend constexpr auto operator<=>(const CommitId&, const CommitId&) = default;
};
std::ostream& operator<<(std::ostream& out, const CommitId& id);

using StreamId = rpc::StreamId;

enum class AccessMode : uint8_t {
  kWrite,  // may write
  kRead,   // cannot write
};

// What a client's new transaction needs to know.
struct Begun {
  TxId tx;
  Csn read_csn;
  Epoch epoch;  // to be put into every Execute frame of the transaction
};

// Told once. OK: the transaction is committed (or its reads may be shown) and the id is its
// bookmark. kUnavailable: it was rolled back or undone, a retry may succeed.
using CommitCallback = std::function<void(absl::StatusOr<CommitId>)>;

enum class ClusterState : uint8_t {
  kReconciling,  // closed: members are missing or being brought to one state
  kOpen,
  kStopping,  // a clean stop is under way: no new transactions
  kStopped,
};
std::string_view NameOf(ClusterState state);

}  // namespace tidemark::txn
