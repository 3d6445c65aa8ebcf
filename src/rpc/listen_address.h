// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "env/posix_file.h"

namespace tidemark::rpc {

// Addresses are "host:port", "[v6-host]:port" or "unix:path".

// "host:port"; an IPv6 address gets its brackets when it has none.
std::string JoinHostPort(const std::string& host, int64_t port);
// kInvalidArgument when `address` is neither host:port, [v6-host]:port nor unix:path.
absl::Status CheckAddressForm(const std::string& address);

// Whether a server may listen there: anything that other machines could reach needs TLS or the
// explicit permission to do without. kInvalidArgument for no address at all, kFailedPrecondition
// for a refusal; both name the address.
absl::Status CheckListenAddress(const std::string& address, bool has_tls, bool insecure_allowed);

struct ListeningSockets {
  std::vector<env::Descriptor> descriptors;  // do not block; one for each address of the host
  std::string address;                       // with the real port
  int port = 0;                              // 0 for a unix socket
};
// Listens there; a unix socket that nobody serves any more is replaced. Waits up to a second for a
// port that is taken: whoever was just killed still gives it back. Blocks. kUnavailable names the
// address and the reason.
absl::StatusOr<ListeningSockets> ListenOn(const std::string& address);
// Whether one could listen there now, as ListenOn says.
absl::Status ProbeListenAddress(const std::string& address);
// Removes what an address has left in the file system.
void ReleaseAddress(const std::string& address);

}  // namespace tidemark::rpc
