// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "net/byte_stream.h"

namespace tidemark::net {

struct StreamOptions {
  std::shared_ptr<boost::asio::ssl::context> tls;  // none: plain
  bool local_pages_only = false;                   // as ListenerOptions
};

// A stream over an accepted socket.
std::unique_ptr<ByteStream> MakeSocketStream(boost::asio::ip::tcp::socket socket,
                                             const StreamOptions& options);

}  // namespace tidemark::net
