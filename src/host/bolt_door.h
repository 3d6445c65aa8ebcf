// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt/authentication.h"
#include "bolt/server.h"
#include "env/env.h"
#include "host/node_options.h"
#include "net/asio_loop.h"
#include "net/listener.h"
#include "session/front.h"
#include "session/memory_budget.h"

namespace tidemark::host {

// Where the Neo4j drivers of clients come in, on the thread of the master.
// Owner: MasterHost. Threads: made and destroyed while the loop does not run; Open on the loop.
class BoltDoor {
 public:
  // Listens; who connects waits until Open. Loop and environment outlive the door.
  // Errors: of the flags, the address, and the files of password and TLS.
  static absl::StatusOr<std::unique_ptr<BoltDoor>> Make(const NodeOptions& options,
                                                        net::AsioLoop* asio, const env::Env& env);
  BoltDoor(const BoltDoor&) = delete;
  BoltDoor& operator=(const BoltDoor&) = delete;

  // Takes clients. Both outlive the door.
  void Open(session::Front* front, session::MemoryBudget* requests);
  // "bolt://127.0.0.1:7687", with the port that is really used.
  const std::string& address() const { return address_; }

 private:
  BoltDoor(const NodeOptions& options, const env::Env& env);

  const env::Env env_;
  bolt::ServerOptions options_;
  std::string address_;
  bolt::Authenticator authenticator_;
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<bolt::Server> server_;
};

// Whether a Bolt port may listen as the flags say: where other machines can reach it, clients have
// to log in unless --insecure-public is given.
absl::Status CheckBoltAddress(const NodeOptions& options);

}  // namespace tidemark::host
