// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/socket.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::bolt_client {
namespace {

// An interrupt is noticed after this time at the latest.
constexpr int64_t kPollMillis = 50;
// So much is handed to the system at a time: where its kernel cannot be preempted, a call that
// copies megabytes keeps the processor from every other thread.
constexpr size_t kMaxSendBytes = 64 << 10;

absl::Status WaitOn(int descriptor, short events, const Patience& patience) {
  while (true) {
    if (patience.interrupt != nullptr && patience.interrupt->load()) {
      return absl::CancelledError("interrupted");
    }
    const int64_t left = patience.deadline_ms - MonotonicMillis();
    if (left <= 0) return absl::DeadlineExceededError("the time limit is over");
    pollfd poll_one{.fd = descriptor, .events = events, .revents = 0};
    const int count = poll(&poll_one, 1, static_cast<int>(std::min(left, kPollMillis)));
    if (count > 0) return absl::OkStatus();
    if (count < 0 && errno != EINTR) return absl::UnavailableError(std::strerror(errno));
  }
}

// Connects to one of the addresses of a name.
absl::StatusOr<env::Descriptor> ConnectTo(const addrinfo& target, const Patience& patience) {
  env::Descriptor descriptor(
      socket(target.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!descriptor.valid()) return absl::UnavailableError(std::strerror(errno));
  const int on = 1;
  setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(descriptor.get(), target.ai_addr, target.ai_addrlen) == 0) return descriptor;
  if (errno != EINPROGRESS) return absl::UnavailableError(std::strerror(errno));
  RETURN_IF_ERROR(WaitOn(descriptor.get(), POLLOUT, patience));
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return absl::UnavailableError(std::strerror(error));
  return descriptor;
}

absl::StatusOr<env::Descriptor> ConnectToAny(const Address& address, const Patience& patience) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (error != 0) return absl::UnavailableError(gai_strerror(error));
  absl::Status last = absl::UnavailableError("the host has no address");
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    absl::StatusOr<env::Descriptor> descriptor = ConnectTo(*one, patience);
    if (descriptor.ok() || absl::IsCancelled(descriptor.status())) {
      freeaddrinfo(found);
      return descriptor;
    }
    last = descriptor.status();
  }
  freeaddrinfo(found);
  return last;
}

std::string NewestTlsError() {
  const unsigned long code = ERR_get_error();
  if (code == 0) return "the connection was closed";
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : absl::StrCat("TLS error ", code);
}

}  // namespace

int64_t MonotonicMillis() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

absl::StatusOr<std::unique_ptr<Socket>> Socket::Connect(const Address& address,
                                                        const std::string& ca_file,
                                                        const Patience& patience) {
  absl::StatusOr<env::Descriptor> descriptor = ConnectToAny(address, patience);
  if (!descriptor.ok()) {
    return Annotate(descriptor.status(), absl::StrCat("cannot connect to ", address.ToString()));
  }
  std::unique_ptr<Socket> made(new Socket(*std::move(descriptor), address.ToString()));
  if (address.tls != TlsMode::kNone) {
    RETURN_IF_ERROR(made->StartTls(address, ca_file, patience));
  }
  return made;
}

Socket::~Socket() {
  if (tls_ != nullptr) {
    if (!tls_failed_) SSL_shutdown(tls_);
    SSL_free(tls_);
  }
  if (context_ != nullptr) SSL_CTX_free(context_);
}

absl::Status Socket::StartTls(const Address& address, const std::string& ca_file,
                              const Patience& patience) {
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return Broken(NewestTlsError());
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  if (address.tls == TlsMode::kVerified) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    const int loaded = ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context_)
                           : SSL_CTX_load_verify_locations(context_, ca_file.c_str(), nullptr);
    if (loaded != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read the authorities of ", ca_file, ": ", NewestTlsError()));
    }
  }
  tls_ = SSL_new(context_);
  if (tls_ == nullptr || SSL_set_fd(tls_, descriptor_.get()) != 1) return Broken(NewestTlsError());
  X509_VERIFY_PARAM* const rules = SSL_get0_param(tls_);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, address.host.c_str()) != 1) {
    SSL_set_tlsext_host_name(tls_, address.host.c_str());
    SSL_set1_host(tls_, address.host.c_str());
  }
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(tls_);
    if (result == 1) return absl::OkStatus();
    RETURN_IF_ERROR(AfterTlsCall(result, patience));
  }
}

absl::Status Socket::Broken(std::string_view why) const {
  return absl::UnavailableError(absl::StrCat("the connection to ", peer_, " broke: ", ToAbsl(why)));
}

absl::Status Socket::WaitFor(short events, const Patience& patience) const {
  const absl::Status status = WaitOn(descriptor_.get(), events, patience);
  return status.ok() ? status : Annotate(status, peer_);
}

absl::Status Socket::AfterTlsCall(int result, const Patience& patience) {
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      return WaitFor(POLLIN, patience);
    case SSL_ERROR_WANT_WRITE:
      return WaitFor(POLLOUT, patience);
    case SSL_ERROR_SSL:
      tls_failed_ = true;
      return Broken(NewestTlsError());
    default:
      tls_failed_ = true;
      return Broken("the other side closed it");
  }
}

absl::Status Socket::Write(std::string_view bytes, const Patience& patience) {
  while (!bytes.empty()) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      const size_t part = std::min<size_t>(bytes.size(), 1 << 20);
      const int count = SSL_write(tls_, bytes.data(), static_cast<int>(part));
      if (count > 0) {
        bytes.remove_prefix(static_cast<size_t>(count));
      } else {
        RETURN_IF_ERROR(AfterTlsCall(count, patience));
      }
      continue;
    }
    const size_t part = std::min(bytes.size(), kMaxSendBytes);
    const ssize_t count = send(descriptor_.get(), bytes.data(), part, MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN || errno == EINTR) {
      RETURN_IF_ERROR(WaitFor(POLLOUT, patience));
    } else {
      return Broken(std::strerror(errno));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Socket::Read(char* buffer, size_t size, const Patience& patience) {
  while (true) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      const int count = SSL_read(tls_, buffer, static_cast<int>(std::min<size_t>(size, 1 << 20)));
      if (count > 0) return static_cast<size_t>(count);
      RETURN_IF_ERROR(AfterTlsCall(count, patience));
      continue;
    }
    const ssize_t count = recv(descriptor_.get(), buffer, size, 0);
    if (count > 0) return static_cast<size_t>(count);
    if (count == 0) return Broken("the other side closed it");
    if (errno != EAGAIN && errno != EINTR) return Broken(std::strerror(errno));
    RETURN_IF_ERROR(WaitFor(POLLIN, patience));
  }
}

}  // namespace tidemark::bolt_client
