// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "env/loop_waiter.h"
#include "env/posix_file.h"
#include "net/listener.h"

namespace tidemark::net {

// PEM files of a server. No file: no TLS; then clients that ask for it are turned away. With files:
// clients without it are.
struct ServerTls {
  std::string cert_file;  // the chain, own certificate first
  std::string key_file;

  bool enabled() const { return !cert_file.empty() || !key_file.empty(); }
};

struct ListenerOptions {
  ServerTls tls;
  // Pages of a browser connect only when they came from this machine: where nobody has to log in,
  // any page that a user looks at could read the graph otherwise.
  bool local_pages_only = false;
  // Connections that get a descriptor above this number are closed at once: the kernel gives the
  // lowest that is free, so the number says how many are in use, and the node's files need some.
  int max_descriptor = std::numeric_limits<int>::max();
};

// The sockets of client protocols on the thread of an event loop, which waits in here: a request
// wakes no second thread. The only class that others see of Boost.Asio.
// Owner: main; outlives the loop, its listeners and their streams. Threads: as env/loop_waiter.h.
class AsioLoop : public env::LoopWaiter {
 public:
  AsioLoop();
  ~AsioLoop() override;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  bool Poll() override;
  void Wait(int64_t micros) override;
  void Wake() override;

  // Takes over sockets that listen and do not block. Connections speak the bytes of their protocol
  // plainly, or within WebSocket messages when they begin as HTTP. Reads the PEM files; blocks for
  // that. kInvalidArgument names the file that is not given or cannot be used.
  absl::StatusOr<std::unique_ptr<Listener>> Listen(std::vector<env::Descriptor> sockets,
                                                   const ListenerOptions& options);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace tidemark::net
