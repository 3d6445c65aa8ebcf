// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <utility>

#include "net/channel.h"
#include "net/websocket.h"

namespace tidemark::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using SslStream = boost::asio::ssl::stream<tcp::socket>;

// Bytes within TLS. Owner, threads: as Channel.
class TlsChannel : public Channel {
 public:
  TlsChannel(tcp::socket socket, boost::asio::ssl::context* tls)
      : stream_(std::move(socket), *tls) {}

  void Open(Owner owner) override {
    stream_.async_handshake(
        boost::asio::ssl::stream_base::server,
        [owner = std::move(owner)](error_code error) { owner->OnOpened(error); });
  }

  void Read(char* data, size_t size, Owner owner) override {
    stream_.async_read_some(boost::asio::buffer(data, size),
                            [owner = std::move(owner)](error_code error, size_t count) {
                              owner->OnRead(error, count);
                            });
  }

  size_t TryWrite(std::string_view, error_code*) override { return 0; }

  void Write(std::string_view bytes, Owner owner) override {
    stream_.async_write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                             [owner = std::move(owner)](error_code error, size_t count) {
                               owner->OnWritten(error, count);
                             });
  }

  void ShutDown(Owner owner) override {
    stream_.async_shutdown([owner = std::move(owner)](error_code) { owner->OnShutDown(); });
  }

  tcp::socket& socket() override { return stream_.next_layer(); }

  std::unique_ptr<Channel> ToWebSocket(std::string_view begin, bool local_pages_only) override {
    return MakeWebSocketChannel(std::move(stream_), begin, local_pages_only);
  }

 private:
  SslStream stream_;
};

}  // namespace

std::unique_ptr<Channel> MakeTlsChannel(tcp::socket socket, boost::asio::ssl::context* tls) {
  return std::make_unique<TlsChannel>(std::move(socket), tls);
}

}  // namespace tidemark::net
