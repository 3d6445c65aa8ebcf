// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <string_view>

namespace tidemark::net {

// A client that blocks. Threads: one that sends, one that does the rest.
class PlainClient {
 public:
  explicit PlainClient(int port) : socket_(context_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)}, error_);
  }

  void Send(std::string_view bytes) {
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), send_error_);
  }
  // Exactly so many bytes, or fewer when the connection ends before.
  std::string Receive(size_t size) {
    std::string bytes(size, '\0');
    bytes.resize(boost::asio::read(socket_, boost::asio::buffer(bytes), error_));
    return bytes;
  }
  // Everything up to the end of the connection.
  std::string ReceiveAll() {
    std::string bytes;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(bytes), error_);
    return bytes;
  }
  // Of the last call that did not send.
  const boost::system::error_code& error() const { return error_; }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context context_;
  boost::system::error_code error_;
  boost::system::error_code send_error_;
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace tidemark::net
