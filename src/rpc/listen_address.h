// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

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

// Whether the address is free. gRPC would share a busy TCP port, or take over a unix socket that
// another process still serves; and it says little when it fails. kUnavailable names the address
// and the reason; port 0 is always free.
absl::Status ProbeListenAddress(const std::string& address);

}  // namespace tidemark::rpc
