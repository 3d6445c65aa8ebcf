// SPDX-License-Identifier: Apache-2.0
#include "bolt/server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/time_units.h"
#include "bolt/connection.h"

namespace tidemark::bolt {
namespace {

// Clients that break the protocol could fill the log otherwise.
constexpr int64_t kLogIntervalMicros = 1'000'000;

}  // namespace

// A stream and its connection.
class Server::Client : public net::ByteStream::Receiver, public Connection::Outlet {
 public:
  Client(Server* server, uint64_t number, std::unique_ptr<net::ByteStream> stream)
      : server_(server),
        number_(number),
        stream_(std::move(stream)),
        connection_(
            {.front = server->front_,
             .authenticator = server->authenticator_,
             .address = server->options_.advertised_address,
             .agent = kServerAgent,
             .connection_label = absl::StrCat("bolt-", number)},
            {.requests = server->requests_, .executor = server->env_.executor, .outlet = this}) {}
  ~Client() override {
    if (login_timer_ != 0) server_->env_.executor->Cancel(login_timer_);
    if (waits_for_login_) server_->OnLoggedIn();
  }

  void Start() {
    login_timer_ =
        server_->env_.executor->RunAfter(server_->options_.login_timeout_ms * kMicrosPerMs, [this] {
          login_timer_ = 0;
          OnEnd(absl::DeadlineExceededError(absl::StrCat(
              "the client has not logged in within ", server_->options_.login_timeout_ms, " ms")));
        });
    stream_->Start(this);
  }

  const std::string& peer() const { return stream_->peer(); }
  uint64_t number() const { return number_; }

 private:
  void OnBytes(std::string_view bytes) override {
    connection_.OnBytes(bytes);
    if (!waits_for_login_ || !connection_.is_logged_in()) return;
    waits_for_login_ = false;
    server_->OnLoggedIn();
    server_->env_.executor->Cancel(std::exchange(login_timer_, 0));
  }
  void OnSent() override { connection_.OnSent(); }
  void OnClosed(const absl::Status& reason) override {
    if (!std::exchange(ended_, true)) End(reason);
  }

  void Write(std::string_view bytes) override { stream_->Write(bytes); }
  void Give(std::string bytes) override { stream_->Give(std::move(bytes)); }
  size_t unsent_bytes() const override { return stream_->unsent_bytes(); }
  void OnWantsBytes(bool wants) override { stream_->SetReading(wants); }
  void OnEnd(const absl::Status& reason) override {
    if (std::exchange(ended_, true)) return;
    stream_->Close();
    End(reason);
  }

  void End(const absl::Status& reason) {
    server_->LogEnd(*this, reason);
    server_->RemoveLater(number_);
  }

  Server* const server_;
  const uint64_t number_;
  const std::unique_ptr<net::ByteStream> stream_;
  Connection connection_;
  env::Executor::TimerId login_timer_ = 0;
  bool waits_for_login_ = true;
  bool ended_ = false;
};

Server::Server(const ServerOptions& options, session::Front* front,
               const Authenticator* authenticator, session::MemoryBudget* requests,
               const env::Env& env)
    : options_(options),
      front_(front),
      authenticator_(authenticator),
      requests_(requests),
      env_(env) {}

Server::~Server() = default;

void Server::Accept(std::unique_ptr<net::ByteStream> stream) {
  if (clients_.size() >= options_.max_connections || login_count_ >= options_.max_logins) {
    LOG_EVERY_N(WARNING, 100) << "bolt: refused " << stream->peer() << ": " << clients_.size()
                              << " connections, " << login_count_
                              << " of them without a login; the limits are "
                              << options_.max_connections << " and " << options_.max_logins;
    return;
  }
  const uint64_t number = next_number_++;
  ++login_count_;
  auto client = std::make_unique<Client>(this, number, std::move(stream));
  Client* const started = client.get();
  clients_.emplace(number, std::move(client));
  started->Start();
}

void Server::RemoveLater(uint64_t number) {
  env_.executor->Post([this, number, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) clients_.erase(number);
  });
}

void Server::LogEnd(const Client& client, const absl::Status& reason) {
  VLOG(1) << "bolt-" << client.number() << " of " << client.peer() << " has ended: " << reason;
  if (reason.ok()) return;
  const int64_t now_micros = env_.clock->NowMicros();
  if (now_micros - last_log_micros_ < kLogIntervalMicros) {
    ++unlogged_count_;
    return;
  }
  last_log_micros_ = now_micros;
  LOG(INFO) << "bolt-" << client.number() << " of " << client.peer()
            << " was ended: " << reason.message()
            << (unlogged_count_ == 0 ? "" : "; not logged before: ")
            << (unlogged_count_ == 0 ? "" : absl::StrCat(unlogged_count_));
  unlogged_count_ = 0;
}

}  // namespace tidemark::bolt
