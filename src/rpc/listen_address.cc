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

#include "absl/status/statusor.h"
#include "base/status.h"
#include "env/posix_file.h"

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

// 0, or why the address cannot be bound.
int TryBind(const addrinfo& info) {
  const env::Descriptor fd(socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return errno;
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  return bind(fd.get(), info.ai_addr, info.ai_addrlen) == 0 ? 0 : errno;
}

absl::Status ProbeUnix(const std::string& address) {
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
  return is_free ? absl::OkStatus() : CannotListen(address, error_number);
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

absl::Status ProbeListenAddress(const std::string& address) {
  if (IsUnix(address)) return ProbeUnix(address);
  ASSIGN_OR_RETURN(const HostPort host_port, SplitAddress(address));
  ASSIGN_OR_RETURN(const AddressList list, Resolve(address, host_port));
  int last_error = 0;
  bool some_free = false;
  for (const addrinfo* info = list.get(); info != nullptr; info = info->ai_next) {
    last_error = TryBind(*info);
    if (last_error == EADDRINUSE) return CannotListen(address, EADDRINUSE);
    some_free = some_free || last_error == 0;
  }
  // A host may have a name for a protocol that it does not speak.
  return some_free ? absl::OkStatus() : CannotListen(address, last_error);
}

}  // namespace tidemark::rpc
