// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/channel.h"
#include "net/websocket.h"

namespace tidemark::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Bytes as they are. Owner, threads: as Channel.
class PlainChannel : public Channel {
 public:
  explicit PlainChannel(tcp::socket socket) : socket_(std::move(socket)) {}

  void Open(Owner owner) override {
    boost::asio::post(socket_.get_executor(),
                      [owner = std::move(owner)] { owner->OnOpened(error_code()); });
  }

  void Read(char* data, size_t size, Owner owner) override {
    socket_.async_read_some(boost::asio::buffer(data, size),
                            [owner = std::move(owner)](error_code error, size_t count) {
                              owner->OnRead(error, count);
                            });
  }

  size_t TryWrite(std::string_view bytes, error_code* error) override {
    const size_t count =
        socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), *error);
    if (*error == boost::asio::error::would_block) error->clear();
    return count;
  }

  void Write(std::string_view bytes, Owner owner) override {
    socket_.async_write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                             [owner = std::move(owner)](error_code error, size_t count) {
                               owner->OnWritten(error, count);
                             });
  }

  void ShutDown(Owner owner) override {
    boost::asio::post(socket_.get_executor(), [owner = std::move(owner)] { owner->OnShutDown(); });
  }

  tcp::socket& socket() override { return socket_; }

  std::unique_ptr<Channel> ToWebSocket(std::string_view begin, bool local_pages_only) override {
    return MakeWebSocketChannel(std::move(socket_), begin, local_pages_only);
  }

 private:
  tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Channel> MakePlainChannel(tcp::socket socket) {
  return std::make_unique<PlainChannel>(std::move(socket));
}

}  // namespace tidemark::net
