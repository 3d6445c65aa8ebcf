// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::net {

// A connection of a client, as bytes in both directions. Over which protocols they travel (TLS,
// WebSocket) the holder does not see.
// Owner: whoever accepted it; to destroy it breaks the connection off. Threads: the loop's. Errors:
// OnClosed names the reason once; afterwards writes go nowhere.
class ByteStream {
 public:
  // The holder's ears. No function is called from within a call of the stream, nor after Close.
  class Receiver {
   public:
    virtual ~Receiver() = default;
    virtual void OnBytes(std::string_view bytes) = 0;
    // Some of what was written has been handed to the system.
    virtual void OnSent() = 0;
    // OK when the other side has closed the connection. Nothing comes afterwards.
    virtual void OnClosed(const absl::Status& reason) = 0;
  };

  virtual ~ByteStream() = default;

  // Once, before anything else. The receiver lives until the stream ends.
  virtual void Start(Receiver* receiver) = 0;
  // Sends the bytes as soon as the other side takes them. Whoever writes looks at unsent_bytes().
  virtual void Write(std::string_view bytes) = 0;
  // Likewise, without a copy of them: for what is large.
  virtual void Give(std::string bytes) = 0;
  virtual size_t unsent_bytes() const = 0;
  // While false nothing more is read; what is being read still comes.
  virtual void SetReading(bool reading) = 0;
  // Ends the connection when everything is sent, within kCloseLimitMillis. The receiver is not
  // called again, and the stream may be destroyed.
  virtual void Close() = 0;
  // Who is there, for log lines: "127.0.0.1:40312".
  virtual const std::string& peer() const = 0;
};

inline constexpr int kCloseLimitMillis = 2'000;

}  // namespace tidemark::net
