// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bolt/versions.h"

namespace tidemark::bolt {

// How a connection begins: the client names four ranges of versions and the server takes one, or
// the client asks for the manifest of the server's versions and takes one itself.
// Owner: a connection. Threads: one.
class Handshake {
 public:
  // Takes bytes from the front of `bytes` until the handshake is done, and appends the answer. An
  // error is the reason to close the connection once the answer is sent.
  absl::Status Consume(std::string_view* bytes, std::string* answer);

  bool done() const { return done_; }
  // REQUIRES: done().
  Version version() const { return version_; }

 private:
  absl::Status ReadProposals(std::string_view proposals, std::string* answer);
  absl::Status ReadChoice(std::string_view* bytes);

  std::string buffer_;
  bool manifest_sent_ = false;
  bool done_ = false;
  Version version_;
};

}  // namespace tidemark::bolt
