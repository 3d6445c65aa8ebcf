// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "net/byte_stream.h"

namespace tidemark::net {

// The seam to the sockets of a server: connections come in. Owner: main. Threads: the loop's; made
// and destroyed while it does not run.
class Listener {
 public:
  virtual ~Listener() = default;
  // Calls `accepted` for every connection from now on. Once.
  virtual void Start(std::function<void(std::unique_ptr<ByteStream>)> accepted) = 0;
};

}  // namespace tidemark::net
