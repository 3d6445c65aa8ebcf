// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "check/client.h"

namespace tidemark::sim {

// What a client says to the master, on the master's loop: as check::Client, one request at a time.
// Callbacks come inside of the call or in a later step of that loop, never after it is destroyed.
// Owner: the SimClient. It ends with the master's process. Threads: one.
class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void Begin(bool read_only, std::optional<check::CommitPlace> after,
                     check::Client::StatusCallback done) = 0;
  virtual void Run(std::vector<check::Operation> operations,
                   check::Client::ResultsCallback done) = 0;
  virtual void Commit(check::Client::CommitCallback done) = 0;
  virtual void Rollback(check::Client::StatusCallback done) = 0;
  virtual void CheckInvariants() const {}
};

}  // namespace tidemark::sim
