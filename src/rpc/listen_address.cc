// SPDX-License-Identifier: Apache-2.0
#include "rpc/listen_address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "env/posix_file.h"
#include "env/posix_file_system.h"

namespace tidemark::rpc {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

struct HostPort {
  std::string host;
  std::string port;
};

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

bool IsUnix(const std::string& address) { return address.starts_with(kUnixPrefix); }

absl::StatusOr<HostPort> SplitAddress(const std::string& address) {
  const absl::Status malformed = absl::InvalidArgumentError(
      absl::StrCat("\"", address, "\" is no address; give host:port, [v6-host]:port or unix:path"));
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return malformed;
  HostPort result{address.substr(0, colon), address.substr(colon + 1)};
  uint16_t port = 0;
  const char* const end = result.port.data() + result.port.size();
  const auto [parsed, error] = std::from_chars(result.port.data(), end, port);
  if (error != std::errc() || parsed != end) return malformed;
  if (result.host.front() == '[' && result.host.back() == ']') {
    result.host = result.host.substr(1, result.host.size() - 2);
  } else if (result.host.find(':') != std::string::npos) {
    return malformed;
  }
  if (result.host.empty()) return malformed;
  return result;
}

absl::StatusOr<AddressList> Resolve(const std::string& address, const HostPort& host_port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host_port.host.c_str(), host_port.port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", address, ": \"",
                                                   host_port.host, "\": ", gai_strerror(error)));
  }
  return AddressList(found, &freeaddrinfo);
}

bool IsLoopback(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(info.ai_addr);
    return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
  }
  if (info.ai_family == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  }
  return false;
}

absl::Status CannotListen(const std::string& address, int error_number) {
  const std::string reason =
      error_number == EADDRINUSE
          ? "another process listens there; stop it or choose another address"
          : std::generic_category().message(error_number);
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", reason));
}

constexpr int kQueueLength = 512;

// A process that was just killed may hold its ports for a moment longer: the kernel gives its
// memory back first.
constexpr int kPortWaitMs = 1000;
constexpr int kPortRetryMs = 20;

bool IsEveryAddress(const addrinfo& info) {
  if (info.ai_family != AF_INET6) return false;
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
  return IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

void SetPort(int port, const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    reinterpret_cast<sockaddr_in*>(info.ai_addr)->sin_port = htons(static_cast<uint16_t>(port));
  } else if (info.ai_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(info.ai_addr)->sin6_port = htons(static_cast<uint16_t>(port));
  }
}

// 0 when the socket has none.
int PortOf(int fd) {
  sockaddr_storage name = {};
  socklen_t length = sizeof(name);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return 0;
  if (name.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&name)->sin_port);
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&name)->sin6_port);
  return 0;
}

// A listening socket; one that is not valid, with errno, when that cannot be.
env::Descriptor Listen(const addrinfo& info) {
  env::Descriptor fd(socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fd;
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {
    // "[::]" means every address of the machine.
    const int v6_only = IsEveryAddress(info) ? 0 : 1;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));
  }
  if (bind(fd.get(), info.ai_addr, info.ai_addrlen) != 0 || listen(fd.get(), kQueueLength) != 0) {
    return env::Descriptor(-1);
  }
  return fd;
}

// The name of a unix socket that nobody serves; its folder may not be there yet.
absl::StatusOr<sockaddr_un> FreeUnixName(const std::string& address) {
  const std::string path = address.substr(kUnixPrefix.size());
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(name.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", address,
                                                   ": the path of a unix socket has 1 to ",
                                                   sizeof(name.sun_path) - 1, " bytes"));
  }
  path.copy(name.sun_path, path.size());
  const env::Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return CannotListen(address, errno);
  const int error_number =
      connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0 ? 0 : errno;
  if (error_number == 0) return CannotListen(address, EADDRINUSE);
  const bool is_free = error_number == ENOENT || error_number == ECONNREFUSED;
  if (!is_free) return CannotListen(address, error_number);
  return name;
}

absl::StatusOr<ListeningSockets> ListenOnUnix(const std::string& address) {
  ASSIGN_OR_RETURN(sockaddr_un name, FreeUnixName(address));
  ReleaseAddress(address);  // may be left by a process that was killed
  addrinfo info = {};
  info.ai_family = AF_UNIX;
  info.ai_addr = reinterpret_cast<sockaddr*>(&name);
  info.ai_addrlen = sizeof(name);
  ListeningSockets sockets;
  sockets.descriptors.push_back(Listen(info));
  if (!sockets.descriptors[0].valid()) return CannotListen(address, errno);
  sockets.address = address;
  return sockets;
}

// `*is_taken` says whether a process listens there already.
absl::StatusOr<ListeningSockets> ListenOnAll(const std::string& address, const addrinfo& first,
                                             bool* is_taken) {
  ListeningSockets sockets;
  int last_error = 0;
  *is_taken = false;
  for (const addrinfo* info = &first; info != nullptr; info = info->ai_next) {
    if (sockets.port != 0) SetPort(sockets.port, *info);
    env::Descriptor fd = Listen(*info);
    if (!fd.valid()) {
      last_error = errno;
      *is_taken = last_error == EADDRINUSE;
      if (*is_taken) return CannotListen(address, EADDRINUSE);
      continue;
    }
    sockets.port = PortOf(fd.get());
    sockets.descriptors.push_back(std::move(fd));
  }
  // A host may have a name for a protocol that it does not speak.
  if (sockets.descriptors.empty()) return CannotListen(address, last_error);
  sockets.address = absl::StrCat(address.substr(0, address.rfind(':') + 1), sockets.port);
  return sockets;
}

}  // namespace

std::string JoinHostPort(const std::string& host, int64_t port) {
  const bool is_bare = host.find(':') != std::string::npos && !host.starts_with('[');
  return is_bare ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status CheckAddressForm(const std::string& address) {
  if (IsUnix(address)) return absl::OkStatus();
  return SplitAddress(address).status();
}

absl::Status CheckListenAddress(const std::string& address, bool has_tls, bool insecure_allowed) {
  if (IsUnix(address)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const HostPort host_port, SplitAddress(address));
  if (has_tls || insecure_allowed) return absl::OkStatus();
  ASSIGN_OR_RETURN(const AddressList list, Resolve(address, host_port));
  for (const addrinfo* info = list.get(); info != nullptr; info = info->ai_next) {
    if (IsLoopback(*info)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("refusing to listen on ", address,
                     ": other machines can reach it and TLS is off; give "
                     "certificate files, listen on 127.0.0.1, or allow it with --insecure-public"));
  }
  return absl::OkStatus();
}

void ReleaseAddress(const std::string& address) {
  if (!IsUnix(address)) return;
  env::PosixFileSystem files;
  files.Remove(address.substr(kUnixPrefix.size())).IgnoreError();
}

absl::Status ProbeListenAddress(const std::string& address) {
  return IsUnix(address) ? FreeUnixName(address).status() : ListenOn(address).status();
}

absl::StatusOr<ListeningSockets> ListenOn(const std::string& address) {
  if (IsUnix(address)) return ListenOnUnix(address);
  ASSIGN_OR_RETURN(const HostPort host_port, SplitAddress(address));
  ASSIGN_OR_RETURN(const AddressList list, Resolve(address, host_port));
  bool is_taken = false;
  absl::StatusOr<ListeningSockets> sockets = ListenOnAll(address, *list, &is_taken);
  for (int waited_ms = 0; is_taken && waited_ms < kPortWaitMs; waited_ms += kPortRetryMs) {
    absl::SleepFor(absl::Milliseconds(kPortRetryMs));
    sockets = ListenOnAll(address, *list, &is_taken);
  }
  return sockets;
}

}  // namespace tidemark::rpc
