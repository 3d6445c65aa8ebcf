// SPDX-License-Identifier: Apache-2.0
#include "net/socket_listener.h"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <utility>

#include "base/check.h"

namespace tidemark::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// When the process has no descriptor left, connections wait in the queue of the system.
constexpr std::chrono::milliseconds kAcceptRetry{100};

tcp ProtocolOf(int descriptor) {
  sockaddr_storage address;
  socklen_t size = sizeof address;
  const int result = getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return result == 0 && address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
}

// One listening socket. It lives as long as an operation of it is under way.
class AcceptLoop : public std::enable_shared_from_this<AcceptLoop> {
 public:
  using Accepted = std::function<void(std::unique_ptr<ByteStream>)>;

  AcceptLoop(boost::asio::io_context* context, int descriptor, int max_descriptor,
             const StreamOptions& options)
      : acceptor_(*context), retry_(*context), max_descriptor_(max_descriptor), options_(options) {
    error_code error;
    acceptor_.assign(ProtocolOf(descriptor), descriptor, error);
    CHECK(!error) << "a listening socket cannot be used: " << error.message();
  }

  void Start(Accepted accepted) {
    accepted_ = std::move(accepted);
    Next();
  }

  void Stop() {
    accepted_ = nullptr;
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  }

 private:
  void Next() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      self->OnAccepted(error, std::move(socket));
    });
  }

  void OnAccepted(error_code error, tcp::socket socket) {
    if (accepted_ == nullptr) return;
    if (!error && socket.native_handle() > max_descriptor_) {
      LOG_EVERY_N(WARNING, 100) << "a client was refused: the process has no more descriptors for "
                                << "clients; raise the limit of open files (ulimit -n)";
      return Next();
    }
    if (!error) {
      accepted_(MakeSocketStream(std::move(socket), options_));
      return Next();
    }
    LOG_EVERY_N(WARNING, 100) << "cannot accept a client: " << error.message();
    retry_.expires_after(kAcceptRetry);
    retry_.async_wait([self = shared_from_this()](error_code) {
      if (self->accepted_ != nullptr) self->Next();
    });
  }

  tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  const int max_descriptor_;
  const StreamOptions options_;
  Accepted accepted_;
};

class SocketListener : public Listener {
 public:
  SocketListener(boost::asio::io_context* context, std::vector<env::Descriptor> sockets,
                 int max_descriptor, const StreamOptions& options) {
    for (env::Descriptor& socket : sockets) {
      loops_.push_back(
          std::make_shared<AcceptLoop>(context, socket.Release(), max_descriptor, options));
    }
  }
  ~SocketListener() override {
    for (const auto& loop : loops_) loop->Stop();
  }

  void Start(std::function<void(std::unique_ptr<ByteStream>)> accepted) override {
    for (const auto& loop : loops_) loop->Start(accepted);
  }

 private:
  std::vector<std::shared_ptr<AcceptLoop>> loops_;
};

}  // namespace

std::unique_ptr<Listener> MakeSocketListener(boost::asio::io_context* context,
                                             std::vector<env::Descriptor> sockets,
                                             int max_descriptor, const StreamOptions& options) {
  return std::make_unique<SocketListener>(context, std::move(sockets), max_descriptor, options);
}

}  // namespace tidemark::net
