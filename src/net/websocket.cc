// SPDX-License-Identifier: Apache-2.0
#include "net/websocket.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <utility>

namespace tidemark::net {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kMaxHttpBytes = 16 << 10;
// Bytes are handed on as they come, so this limits nothing but a message of one client.
constexpr size_t kMaxWebSocketMessageBytes = size_t{1} << 30;

// Owner, threads: as Channel.
template <typename Next>
class WebSocketChannel : public Channel {
 public:
  WebSocketChannel(Next next, std::string_view begin, bool local_pages_only)
      : stream_(std::move(next)), http_(kMaxHttpBytes), local_pages_only_(local_pages_only) {
    const auto room = http_.prepare(begin.size());
    http_.commit(boost::asio::buffer_copy(room, boost::asio::buffer(begin.data(), begin.size())));
  }

  void Open(Owner owner) override {
    http::async_read(stream_.next_layer(), http_, request_,
                     [this, owner = std::move(owner)](error_code error, size_t) mutable {
                       if (!error) error = CheckRequest();
                       if (error) return owner->OnOpened(error);
                       Accept(std::move(owner));
                     });
  }

  void Read(char* data, size_t size, Owner owner) override {
    stream_.async_read_some(boost::asio::buffer(data, size),
                            [owner = std::move(owner)](error_code error, size_t count) {
                              if (error == websocket::error::closed)
                                error = boost::asio::error::eof;
                              owner->OnRead(error, count);
                            });
  }

  size_t TryWrite(std::string_view, error_code*) override { return 0; }

  void Write(std::string_view bytes, Owner owner) override {
    stream_.async_write(boost::asio::buffer(bytes.data(), bytes.size()),
                        [owner = std::move(owner)](error_code error, size_t count) {
                          owner->OnWritten(error, count);
                        });
  }

  void ShutDown(Owner owner) override {
    stream_.async_close(websocket::close_code::normal,
                        [owner = std::move(owner)](error_code) { owner->OnShutDown(); });
  }

  tcp::socket& socket() override { return boost::beast::get_lowest_layer(stream_); }

  std::unique_ptr<Channel> ToWebSocket(std::string_view, bool) override { return nullptr; }

 private:
  error_code CheckRequest() {
    const auto origin = request_[http::field::origin];
    const bool refused = local_pages_only_ && !IsLocalOrigin({origin.data(), origin.size()});
    return refused ? boost::asio::error::access_denied : error_code();
  }

  void Accept(Owner owner) {
    stream_.binary(true);
    stream_.read_message_max(kMaxWebSocketMessageBytes);
    stream_.async_accept(request_,
                         [owner = std::move(owner)](error_code error) { owner->OnOpened(error); });
  }

  websocket::stream<Next> stream_;
  boost::beast::flat_buffer http_;
  http::request<http::empty_body> request_;
  const bool local_pages_only_;
};

}  // namespace

std::unique_ptr<Channel> MakeWebSocketChannel(tcp::socket socket, std::string_view begin,
                                              bool local_pages_only) {
  return std::make_unique<WebSocketChannel<tcp::socket>>(std::move(socket), begin,
                                                         local_pages_only);
}

std::unique_ptr<Channel> MakeWebSocketChannel(boost::asio::ssl::stream<tcp::socket> stream,
                                              std::string_view begin, bool local_pages_only) {
  return std::make_unique<WebSocketChannel<boost::asio::ssl::stream<tcp::socket>>>(
      std::move(stream), begin, local_pages_only);
}

// An origin is scheme://host or scheme://host:port.
bool IsLocalOrigin(std::string_view origin) {
  if (origin.empty()) return true;
  const size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view place = origin.substr(scheme + 3);
  for (const std::string_view host : {"localhost", "127.0.0.1", "[::1]"}) {
    if (!place.starts_with(host)) continue;
    const std::string_view port = place.substr(host.size());
    if (port.empty() || port.front() == ':') return true;
  }
  return false;
}

}  // namespace tidemark::net
