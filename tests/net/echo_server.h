// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "env/event_loop.h"
#include "env/posix_clock.h"
#include "env/posix_executor.h"
#include "net/asio_loop.h"
#include "rpc/listen_address.h"
#include "tests/env/notice.h"

namespace tidemark::net {

// Sends back what comes, on a loop of its own thread that waits in an AsioLoop. Some texts are
// orders: "close" is answered by "bye" and the end, "flood" by kFloodBytes, "pieces" by Pieces,
// each of them written or given, "pause" stops the reading for kPauseMillis.
class EchoServer {
 public:
  static constexpr size_t kFloodBytes = 16 << 20;
  static constexpr int kPauseMillis = 200;

  // Of all sizes, and of letters that tell them apart.
  static std::vector<std::string> Pieces() {
    std::vector<std::string> pieces;
    for (size_t i = 0; i < 200; ++i) {
      pieces.emplace_back(i % 3 == 0 ? 100'000 + i : i * i, static_cast<char>('a' + i % 26));
    }
    return pieces;
  }

  explicit EchoServer(const ListenerOptions& options = {}) {
    absl::StatusOr<rpc::ListeningSockets> sockets = rpc::ListenOn("127.0.0.1:0");
    CHECK(sockets.ok()) << sockets.status();
    port_ = sockets->port;
    auto listener = asio_.Listen(std::move(sockets->descriptors), options);
    CHECK(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
    listener_->Start([this](std::unique_ptr<ByteStream> stream) { Accept(std::move(stream)); });
    loop_.Start();
  }
  ~EchoServer() { loop_.Stop(); }

  int port() const { return port_; }
  int closed_count() const { return closed_count_; }
  int open_count() const { return open_count_; }
  int sent_count() const { return sent_count_; }
  env::PosixExecutor& executor() { return executor_; }

  void OnLoop(const std::function<void()>& fn) {
    env::Notice done;
    executor_.Post([&] {
      fn();
      done.Give();
    });
    done.Wait();
  }

 private:
  class Echo : public ByteStream::Receiver {
   public:
    Echo(EchoServer* server, int number, std::unique_ptr<ByteStream> stream)
        : server_(server), number_(number), stream_(std::move(stream)) {
      stream_->Start(this);
    }

    void OnBytes(std::string_view bytes) override {
      if (bytes.starts_with("close")) {
        stream_->Write("bye");
        stream_->Close();
        return server_->Drop(number_);
      }
      if (bytes.starts_with("pause")) {
        stream_->SetReading(false);
        server_->executor_.RunAfter(kPauseMillis * 1'000, [this] {
          stream_->Write("again");
          stream_->SetReading(true);
        });
      }
      if (bytes == "pieces") {
        for (std::string& piece : Pieces()) {
          piece.size() % 2 == 0 ? stream_->Write(piece) : stream_->Give(std::move(piece));
        }
        return;
      }
      stream_->Write(bytes.starts_with("flood") ? std::string(kFloodBytes, 'x')
                                                : std::string(bytes));
    }
    void OnSent() override { ++server_->sent_count_; }
    void OnClosed(const absl::Status&) override {
      ++server_->closed_count_;
      server_->Drop(number_);
    }

   private:
    EchoServer* const server_;
    const int number_;
    const std::unique_ptr<ByteStream> stream_;
  };

  void Accept(std::unique_ptr<ByteStream> stream) {
    const int number = next_number_++;
    ++open_count_;
    clients_[number] = std::make_unique<Echo>(this, number, std::move(stream));
  }
  void Drop(int number) {
    executor_.Post([this, number] {
      clients_.erase(number);
      --open_count_;
    });
  }

  env::PosixClock clock_;
  AsioLoop asio_;
  env::EventLoop loop_{&clock_, "echo", 0, &asio_};
  env::PosixExecutor executor_{&loop_, "echo"};
  std::unique_ptr<Listener> listener_;
  std::map<int, std::unique_ptr<Echo>> clients_;
  int next_number_ = 1;
  int port_ = 0;
  std::atomic<int> closed_count_{0};
  std::atomic<int> open_count_{0};
  std::atomic<int> sent_count_{0};
};

}  // namespace tidemark::net
