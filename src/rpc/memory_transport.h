// SPDX-License-Identifier: Apache-2.0
// Streams between the nodes of one process. Envelopes are passed as objects, never encoded.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "env/env.h"
#include "rpc/transport.h"

namespace tidemark::rpc {

class MemoryEndpoint;

// The names under which servers of this process can be dialled. Owner: main; outlives the
// transports. Threads: any.
class MemoryHub {
 public:
  // Start answers kUnavailable when another server of the hub has the address.
  std::unique_ptr<Transport> MakeServer(const env::Env& env, std::string address);
  std::unique_ptr<Transport> MakeClient(const env::Env& env, std::string address);

 private:
  friend class MemoryServerTransport;
  friend class MemoryClientTransport;

  bool Listen(const std::string& address, std::shared_ptr<MemoryEndpoint> server);
  void StopListening(const std::string& address, const MemoryEndpoint* server);
  std::shared_ptr<MemoryEndpoint> Find(const std::string& address);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<MemoryEndpoint>> servers_;  // guarded by mutex_
};

}  // namespace tidemark::rpc
