// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string_view>

#include "net/channel.h"

namespace tidemark::net {

// Bytes within binary messages of WebSocket, as browsers send them. The borders of the messages
// mean nothing. `begin` is what was read of the HTTP request already.
std::unique_ptr<Channel> MakeWebSocketChannel(boost::asio::ip::tcp::socket socket,
                                              std::string_view begin, bool local_pages_only);
std::unique_ptr<Channel> MakeWebSocketChannel(
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream, std::string_view begin,
    bool local_pages_only);

// Whether a page with this Origin header came from this machine; so did what has none: it is no
// page.
bool IsLocalOrigin(std::string_view origin);

}  // namespace tidemark::net
