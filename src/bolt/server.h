// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "bolt/authentication.h"
#include "env/env.h"
#include "net/byte_stream.h"
#include "session/front.h"
#include "session/memory_budget.h"

namespace tidemark::bolt {

// Drivers read the form of this text and choose by it what they may use.
inline constexpr const char kServerAgent[] = "Neo4j/5.26.0";

struct ServerOptions {
  // host:port that drivers are told to connect to; empty: as they came.
  std::string advertised_address;
  // Further connections are closed at once.
  size_t max_connections = 2'000;
  // Of them, those that have not logged in yet.
  size_t max_logins = 200;
  // From the connection to the login.
  int64_t login_timeout_ms = 10'000;
};

// The Bolt door of a node: gives each stream that comes in a connection.
// Owner: main. Threads: the loop of the executor; made and destroyed there or while it does not
// run. Errors: of a connection, end it alone.
class Server {
 public:
  // All outlive the server. `requests` is what the messages of all clients may take together.
  Server(const ServerOptions& options, session::Front* front, const Authenticator* authenticator,
         session::MemoryBudget* requests, const env::Env& env);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Takes over a stream that was accepted.
  void Accept(std::unique_ptr<net::ByteStream> stream);

  size_t connection_count() const { return clients_.size(); }

 private:
  class Client;

  void OnLoggedIn() { --login_count_; }
  void LogEnd(const Client& client, const absl::Status& reason);
  // In a later step: the client may be within an answer of its session.
  void RemoveLater(uint64_t number);

  const ServerOptions options_;
  session::Front* const front_;
  const Authenticator* const authenticator_;
  session::MemoryBudget* const requests_;
  const env::Env env_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Client>> clients_;
  uint64_t next_number_ = 1;
  size_t login_count_ = 0;
  int64_t last_log_micros_ = 0;
  uint64_t unlogged_count_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::bolt
