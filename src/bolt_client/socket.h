// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt_client/address.h"
#include "env/posix_file.h"

struct ssl_st;
struct ssl_ctx_st;

namespace tidemark::bolt_client {

// Until when a call may wait, by the clock of MonotonicMillis; and what breaks it off before.
struct Patience {
  int64_t deadline_ms = std::numeric_limits<int64_t>::max();
  const std::atomic<bool>* interrupt = nullptr;  // looked at all 50 ms; may be null
};
int64_t MonotonicMillis();

// A TCP connection, with TLS or without, whose calls wait.
// Owner: a connection. Threads: one at a time.
//
// Errors: kUnavailable, nobody answers or the connection broke; kDeadlineExceeded; kCancelled,
// interrupted: then the connection is still good.
class Socket {
 public:
  // `ca_file` holds the authorities to be trusted, in PEM; empty: those of the machine.
  static absl::StatusOr<std::unique_ptr<Socket>> Connect(const Address& address,
                                                         const std::string& ca_file,
                                                         const Patience& patience);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  absl::Status Write(std::string_view bytes, const Patience& patience);
  // At least one byte.
  absl::StatusOr<size_t> Read(char* buffer, size_t size, const Patience& patience);

 private:
  Socket(env::Descriptor descriptor, std::string peer)
      : descriptor_(std::move(descriptor)), peer_(std::move(peer)) {}

  absl::Status StartTls(const Address& address, const std::string& ca_file,
                        const Patience& patience);
  absl::Status WaitFor(short events, const Patience& patience) const;
  // What to do after a call of TLS that gave `result`: OK means to try again.
  absl::Status AfterTlsCall(int result, const Patience& patience);
  absl::Status Broken(std::string_view why) const;

  const env::Descriptor descriptor_;
  const std::string peer_;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* tls_ = nullptr;
  bool tls_failed_ = false;  // no goodbye may be said
};

}  // namespace tidemark::bolt_client
