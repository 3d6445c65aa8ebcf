// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::bolt_client {

enum class TlsMode : uint8_t {
  kNone,
  kVerified,    // the certificate is one of an authority that this machine trusts, for this host
  kUnverified,  // any certificate
};

struct Address {
  std::string host;
  std::string port = "7687";
  TlsMode tls = TlsMode::kNone;

  // "host:port"
  std::string ToString() const;
};

// HOST, HOST:PORT, [IPv6]:PORT, or one of these behind bolt://, bolt+s:// (TLS), bolt+ssc:// (TLS
// with any certificate) and neo4j:// likewise, which is the same here: one server is connected to.
// kInvalidArgument quotes the text and says what is allowed.
absl::StatusOr<Address> ParseAddress(std::string_view text);

}  // namespace tidemark::bolt_client
