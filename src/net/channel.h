// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string_view>

namespace tidemark::net {

// Whoever holds a channel. It lives until its operations have ended.
class ChannelOwner {
 public:
  virtual ~ChannelOwner() = default;
  virtual void OnOpened(boost::system::error_code error) = 0;
  virtual void OnRead(boost::system::error_code error, size_t count) = 0;
  virtual void OnWritten(boost::system::error_code error, size_t count) = 0;
  virtual void OnShutDown() = 0;
};

// A layer of protocols over a socket, with one read and one write under way at a time.
// Owner: a stream. Threads: the loop's.
class Channel {
 public:
  using Owner = std::shared_ptr<ChannelOwner>;

  virtual ~Channel() = default;
  // Brings the layer up.
  virtual void Open(Owner owner) = 0;
  virtual void Read(char* data, size_t size, Owner owner) = 0;
  // Sends what can be sent without waiting; nothing, where only Write can.
  virtual size_t TryWrite(std::string_view bytes, boost::system::error_code* error) = 0;
  // `bytes` live until OnWritten, which may come after a part of them.
  virtual void Write(std::string_view bytes, Owner owner) = 0;
  // Says goodbye in the words of the layer.
  virtual void ShutDown(Owner owner) = 0;
  virtual boost::asio::ip::tcp::socket& socket() = 0;
  // A channel of WebSocket messages over this one, which is left empty. `begin` is what was read of
  // the request to open it.
  virtual std::unique_ptr<Channel> ToWebSocket(std::string_view begin, bool local_pages_only) = 0;
};

std::unique_ptr<Channel> MakePlainChannel(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Channel> MakeTlsChannel(boost::asio::ip::tcp::socket socket,
                                        boost::asio::ssl::context* tls);

}  // namespace tidemark::net
