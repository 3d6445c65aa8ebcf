// SPDX-License-Identifier: Apache-2.0
#include "rpc/acceptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "env/process_limits.h"
#include "rpc/limits.h"
#include "rpc/listen_address.h"

namespace tidemark::rpc {
namespace {

constexpr int kAcceptAtOnceCount = 64;
constexpr int kRetryMs = 100;
constexpr int64_t kRefusedLogMicros = 10'000'000;

int64_t NowMicros() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool IsOfThisConnectionOnly(int error_number) {
  return error_number == EINTR || error_number == ECONNABORTED || error_number == EPROTO ||
         error_number == EPERM;
}

}  // namespace

uint64_t ReservedDescriptorCount(uint64_t limit) {
  return std::min<uint64_t>(limit / 4, kReservedDescriptorCount);
}

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address,
                                                           uint64_t reserve_count) {
  std::unique_ptr<Acceptor> acceptor(new Acceptor);
  ASSIGN_OR_RETURN(ListeningSockets sockets, ListenOn(address));
  acceptor->listeners_ = std::move(sockets.descriptors);
  acceptor->address_ = std::move(sockets.address);
  acceptor->port_ = sockets.port;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot listen on ", address, ": ", std::generic_category().message(errno)));
  }
  acceptor->wake_read_ = std::make_unique<env::Descriptor>(pair[0]);
  acceptor->wake_write_ = std::make_unique<env::Descriptor>(pair[1]);
  const uint64_t limit = env::DescriptorLimit();
  acceptor->max_descriptor_ =
      std::min(limit - std::min(limit, reserve_count), kMaxConnectionDescriptor);
  return acceptor;
}

Acceptor::~Acceptor() {
  Stop();
  listeners_.clear();
  ReleaseAddress(address_);
}

void Acceptor::Start(Accepted accepted) {
  CHECK(accepted_ == nullptr) << address_;
  accepted_ = std::move(accepted);
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  send(wake_write_->get(), "x", 1, MSG_NOSIGNAL);
  thread_.join();
}

void Acceptor::Run() {
  std::vector<pollfd> waits;
  for (const env::Descriptor& listener : listeners_) waits.push_back({listener.get(), POLLIN, 0});
  waits.push_back({wake_read_->get(), POLLIN, 0});
  bool pause = false;
  while (true) {
    // While descriptors are short only the wake counts.
    const size_t first = pause ? waits.size() - 1 : 0;
    poll(waits.data() + first, waits.size() - first, pause ? kRetryMs : -1);
    if (waits.back().revents != 0) return;
    pause = false;
    for (const env::Descriptor& listener : listeners_) {
      if (!AcceptFrom(listener.get())) pause = true;
    }
  }
}

bool Acceptor::AcceptFrom(int listener) {
  for (int i = 0; i < kAcceptAtOnceCount; ++i) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (IsOfThisConnectionOnly(errno)) continue;
      LogRefused(std::generic_category().message(errno));
      return false;
    }
    if (static_cast<uint64_t>(fd) >= max_descriptor_) {
      env::Descriptor closes(fd);
      LogRefused(absl::StrCat(max_descriptor_, " descriptors are in use"));
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kTcpUserTimeoutMs, sizeof(kTcpUserTimeoutMs));
    accepted_(fd);
  }
  return true;
}

void Acceptor::LogRefused(const std::string& why) {
  ++refused_count_;
  const int64_t now_micros = NowMicros();
  if (refused_count_ > 1 && now_micros - refused_log_micros_ < kRefusedLogMicros) return;
  refused_log_micros_ = now_micros;
  LOG(WARNING) << address_ << " cannot take a connection (" << refused_count_
               << " since the start): " << why
               << "; close some, or allow the process more descriptors (ulimit -n)";
}

}  // namespace tidemark::rpc
