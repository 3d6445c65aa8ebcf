// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/address.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::bolt_client {
namespace {

constexpr uint32_t kMaxPort = 65'535;

struct Scheme {
  std::string_view text;
  TlsMode tls;
};

constexpr Scheme kSchemes[] = {
    {"bolt://", TlsMode::kNone},           {"bolt+s://", TlsMode::kVerified},
    {"bolt+ssc://", TlsMode::kUnverified}, {"neo4j://", TlsMode::kNone},
    {"neo4j+s://", TlsMode::kVerified},    {"neo4j+ssc://", TlsMode::kUnverified},
};

absl::Status Refused(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", ToAbsl(text),
                   "\" is no address; write HOST:PORT, or one of bolt://, bolt+s://, bolt+ssc://, "
                   "neo4j://, neo4j+s://, neo4j+ssc:// before it"));
}

}  // namespace

std::string Address::ToString() const {
  return host.find(':') == std::string::npos ? absl::StrCat(host, ":", port)
                                             : absl::StrCat("[", host, "]:", port);
}

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  Address address;
  std::string_view rest = text;
  for (const Scheme& scheme : kSchemes) {
    if (!rest.starts_with(scheme.text)) continue;
    rest.remove_prefix(scheme.text.size());
    address.tls = scheme.tls;
    break;
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view port;
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos) return Refused(text);
    address.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
  } else {
    const size_t colon = std::min(rest.find(':'), rest.size());
    address.host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (address.host.find_first_of("/ ?#@") != std::string::npos || address.host.empty()) {
    return Refused(text);
  }
  if (port.empty()) return address;
  uint32_t number = 0;
  if (port[0] != ':' || !absl::SimpleAtoi(ToAbsl(port.substr(1)), &number) || number == 0 ||
      number > kMaxPort) {
    return Refused(text);
  }
  address.port = absl::StrCat(number);
  return address;
}

}  // namespace tidemark::bolt_client
