// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "env/posix_file.h"

namespace tidemark::rpc {

// Accepts connections of a server in the place of gRPC's own listener, which ends for ever at the
// first "too many open files", and hands them over. A connection that would get one of the last
// descriptors of the process is closed at once: the kernel gives the lowest number that is free, so
// the number itself says how many are in use. When descriptors run out all the same, connections
// wait in the queue of the system and are accepted later.
// Owner: a server. Threads: one of its own calls `accepted`; everything else on the owner's.
class Acceptor {
 public:
  // Takes over the descriptor, which does not block.
  using Accepted = std::function<void(int descriptor)>;

  // Listens on an address (rpc/listen_address.h). `reserve_count` descriptors of the process are
  // not given to connections. kUnavailable, naming the address, when it cannot listen.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(const std::string& address,
                                                          uint64_t reserve_count);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // The address with the real port.
  const std::string& address() const { return address_; }
  int port() const { return port_; }
  // Once.
  void Start(Accepted accepted);
  // No call of `accepted` runs or comes after this. Nothing happens the second time.
  void Stop();

 private:
  Acceptor() = default;
  void Run();
  // False when it is better to wait before the next try.
  bool AcceptFrom(int listener);
  void LogRefused(const std::string& why);

  std::string address_;
  int port_ = 0;
  std::vector<env::Descriptor> listeners_;
  std::unique_ptr<env::Descriptor> wake_read_;
  std::unique_ptr<env::Descriptor> wake_write_;
  uint64_t max_descriptor_ = 0;
  Accepted accepted_;
  std::thread thread_;
  uint64_t refused_count_ = 0;
  int64_t refused_log_micros_ = 0;
};

// How many descriptors a process keeps for its files, of `limit`.
uint64_t ReservedDescriptorCount(uint64_t limit);

}  // namespace tidemark::rpc
