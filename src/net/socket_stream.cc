// SPDX-License-Identifier: Apache-2.0
#include "net/socket_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "net/channel.h"

namespace tidemark::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kReadBytes = 16 << 10;
// A client whose machine has gone is noticed after kKeepIdleSeconds + 4 * kKeepIntervalSeconds.
constexpr int kKeepIdleSeconds = 60;
constexpr int kKeepIntervalSeconds = 15;
constexpr int kKeepCount = 4;
// So much is handed to the system at a time: it copies all that its buffer has room for, a few
// megabytes, before it lets the loop go on.
constexpr size_t kMaxWriteBytes = 128 << 10;
// How a request for a WebSocket begins.
constexpr std::string_view kHttpGet = "GET ";

std::string PeerOf(const tcp::socket& socket) {
  error_code error;
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = endpoint.address().to_string();
  return endpoint.protocol() == tcp::v6() ? absl::StrCat("[", address, "]:", endpoint.port())
                                          : absl::StrCat(address, ":", endpoint.port());
}

void SetTcpOption(int name, int value, tcp::socket* socket) {
  setsockopt(socket->native_handle(), IPPROTO_TCP, name, &value, sizeof value);
}

// Small answers leave at once, and a connection whose other side is gone does not stay for ever.
void SetOptions(tcp::socket* socket) {
  error_code ignored;
  socket->non_blocking(true, ignored);
  socket->set_option(tcp::no_delay(true), ignored);
  socket->set_option(tcp::socket::keep_alive(true), ignored);
  SetTcpOption(TCP_KEEPIDLE, kKeepIdleSeconds, socket);
  SetTcpOption(TCP_KEEPINTVL, kKeepIntervalSeconds, socket);
  SetTcpOption(TCP_KEEPCNT, kKeepCount, socket);
}

// The connection itself. It outlives its ByteStream while it says goodbye: its operations hold it.
// Threads: the loop's.
class SocketConnection : public ChannelOwner,
                         public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(tcp::socket socket, const StreamOptions& options)
      : peer_(PeerOf(socket)),
        close_limit_(socket.get_executor()),
        tls_(options.tls),
        local_pages_only_(options.local_pages_only) {
    SetOptions(&socket);
    channel_ = tls_ == nullptr ? MakePlainChannel(std::move(socket))
                               : MakeTlsChannel(std::move(socket), tls_.get());
  }

  void Start(ByteStream::Receiver* receiver) {
    receiver_ = receiver;
    channel_->Open(shared_from_this());
  }

  void Write(std::string_view bytes) {
    if (receiver_ == nullptr || broken_) return;
    if (is_open_ && unsent_bytes_ == 0) {
      error_code error;
      bytes.remove_prefix(channel_->TryWrite(bytes.substr(0, kMaxWriteBytes), &error));
      if (error) return FailLater(error);
    }
    if (bytes.empty()) return;
    // What is being written must not move.
    if (unsent_.size() > (is_writing_ ? 1 : 0) && unsent_.back().size() < kMaxWriteBytes) {
      unsent_.back().append(bytes);
    } else {
      unsent_.emplace_back(bytes);
    }
    unsent_bytes_ += bytes.size();
    WriteMore();
  }

  void Give(std::string bytes) {
    if (receiver_ == nullptr || broken_ || bytes.empty()) return;
    unsent_bytes_ += bytes.size();
    unsent_.push_back(std::move(bytes));
    WriteMore();
  }

  size_t unsent_bytes() const { return unsent_bytes_; }

  void SetReading(bool reading) {
    wants_bytes_ = reading;
    ReadMore();
  }

  void Close() {
    if (receiver_ == nullptr) return;
    receiver_ = nullptr;
    close_limit_.expires_after(std::chrono::milliseconds(kCloseLimitMillis));
    close_limit_.async_wait([self = shared_from_this()](error_code) { self->BreakOff(); });
    if (!is_open_) return BreakOff();
    if (unsent_bytes_ == 0) ShutDown();
    ReadMore();
  }

  void BreakOff() {
    receiver_ = nullptr;
    broken_ = true;
    close_limit_.cancel();
    error_code ignored;
    channel_->socket().close(ignored);
  }

  const std::string& peer() const { return peer_; }

 private:
  void OnOpened(error_code error) override {
    if (error) return Fail(error);
    if (is_web_socket_) {
      SetOpen();
      return ReadMore();
    }
    ReadMore();
  }

  void OnRead(error_code error, size_t count) override {
    reading_ = false;
    if (error) return Fail(error);
    if (receiver_ == nullptr) return ReadMore();  // it is closing: nobody wants this
    const std::string_view bytes(buffer_.data(), count);
    if (is_open_) {
      receiver_->OnBytes(bytes);
    } else {
      OnFirstBytes(bytes);
    }
    ReadMore();
  }

  // Looks whether the client speaks HTTP, for a WebSocket, or the bytes are what they are.
  void OnFirstBytes(std::string_view bytes) {
    first_bytes_.append(bytes);
    const size_t known = std::min(first_bytes_.size(), kHttpGet.size());
    if (first_bytes_.compare(0, known, kHttpGet.substr(0, known)) != 0) {
      SetOpen();
      const std::string first = std::exchange(first_bytes_, std::string());
      receiver_->OnBytes(first);
    } else if (known == kHttpGet.size()) {
      is_web_socket_ = true;
      opening_ = true;
      channel_ = channel_->ToWebSocket(first_bytes_, local_pages_only_);
      channel_->Open(shared_from_this());
    }
  }

  void SetOpen() {
    is_open_ = true;
    opening_ = false;
    WriteMore();
  }

  void OnWritten(error_code error, size_t count) override {
    if (error) return Fail(error);
    written_bytes_ += count;
    unsent_bytes_ -= count;
    if (written_bytes_ == unsent_.front().size()) {
      unsent_.pop_front();
      written_bytes_ = 0;
    }
    is_writing_ = false;
    WriteMore();
    if (receiver_ != nullptr) {
      receiver_->OnSent();
    } else if (unsent_bytes_ == 0) {
      ShutDown();
    }
  }

  // What is unread when a socket is closed makes the system break the connection off, and then
  // the client may never see the last answer. So the end of its side is waited for.
  void OnShutDown() override {
    if (is_web_socket_ || tls_ != nullptr) return BreakOff();  // both sides have said goodbye
    error_code ignored;
    channel_->socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  void ShutDown() {
    if (std::exchange(is_shut_down_, true)) return;
    channel_->ShutDown(shared_from_this());
  }

  void ReadMore() {
    const bool wants = receiver_ == nullptr ? !is_web_socket_ && tls_ == nullptr : wants_bytes_;
    if (reading_ || opening_ || broken_ || !wants) return;
    reading_ = true;
    channel_->Read(buffer_.data(), buffer_.size(), shared_from_this());
  }

  void WriteMore() {
    if (is_writing_ || !is_open_ || broken_) return;
    if (unsent_.empty()) return;
    is_writing_ = true;
    channel_->Write(std::string_view(unsent_.front()).substr(written_bytes_, kMaxWriteBytes),
                    shared_from_this());
  }

  // Not from within a call of the receiver.
  void FailLater(error_code error) {
    broken_ = true;
    boost::asio::post(channel_->socket().get_executor(),
                      [self = shared_from_this(), error] { self->Fail(error); });
  }

  void Fail(error_code error) {
    ByteStream::Receiver* const receiver = receiver_;
    BreakOff();
    if (receiver == nullptr) return;
    const bool is_end = error == boost::asio::error::eof ||
                        error == boost::asio::error::connection_reset ||
                        error == boost::asio::ssl::error::stream_truncated;
    receiver->OnClosed(is_end ? absl::OkStatus() : absl::UnavailableError(error.message()));
  }

  const std::string peer_;
  boost::asio::steady_timer close_limit_;
  const std::shared_ptr<boost::asio::ssl::context> tls_;
  const bool local_pages_only_;
  std::unique_ptr<Channel> channel_;
  ByteStream::Receiver* receiver_ = nullptr;  // none: it is closing
  std::array<char, kReadBytes> buffer_;
  std::string first_bytes_;
  std::deque<std::string> unsent_;  // none is empty
  size_t unsent_bytes_ = 0;         // of all
  size_t written_bytes_ = 0;        // of the first
  bool is_open_ = false;
  bool opening_ = false;  // as a WebSocket
  bool is_web_socket_ = false;
  bool wants_bytes_ = true;
  bool reading_ = false;
  bool is_writing_ = false;
  bool is_shut_down_ = false;
  bool broken_ = false;
};

// The owner's end of it.
class SocketStream : public ByteStream {
 public:
  SocketStream(tcp::socket socket, const StreamOptions& options)
      : connection_(std::make_shared<SocketConnection>(std::move(socket), options)) {}
  ~SocketStream() override {
    if (!closed_) connection_->BreakOff();
  }

  void Start(Receiver* receiver) override { connection_->Start(receiver); }
  void Write(std::string_view bytes) override { connection_->Write(bytes); }
  void Give(std::string bytes) override { connection_->Give(std::move(bytes)); }
  size_t unsent_bytes() const override { return connection_->unsent_bytes(); }
  void SetReading(bool reading) override { connection_->SetReading(reading); }
  void Close() override {
    closed_ = true;
    connection_->Close();
  }
  const std::string& peer() const override { return connection_->peer(); }

 private:
  const std::shared_ptr<SocketConnection> connection_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> MakeSocketStream(tcp::socket socket, const StreamOptions& options) {
  return std::make_unique<SocketStream>(std::move(socket), options);
}

}  // namespace tidemark::net
