// SPDX-License-Identifier: Apache-2.0
#include "rpc/greeting.h"

#include <algorithm>

#include "base/status.h"

namespace tidemark::rpc {
namespace {

std::string Describe(std::string_view name, std::string_view build, uint32_t wire_version_min,
                     uint32_t wire_version_max) {
  return absl::StrCat(ToAbsl(name), " (build ", ToAbsl(build), ", wire versions ", wire_version_min,
                      " to ", wire_version_max, ")");
}

std::string_view SecretProblem(bool self_has, bool peer_has) {
  if (!self_has) return "only the second has a cluster secret";
  if (!peer_has) return "only the first has a cluster secret";
  return "their cluster secrets differ";
}

}  // namespace

void FillGreeting(const GreetingSide& self, wire::Hello* hello) {
  hello->set_wire_version_min(self.wire_version_min);
  hello->set_wire_version_max(self.wire_version_max);
  hello->set_build(self.build);
  hello->set_credential(self.secret);
}

absl::StatusOr<uint32_t> CheckGreeting(const GreetingSide& self, std::string_view peer_name,
                                       const wire::Hello& peer) {
  const uint32_t lowest = std::max(self.wire_version_min, peer.wire_version_min());
  const uint32_t highest = std::min(self.wire_version_max, peer.wire_version_max());
  if (lowest > highest) {
    return absl::FailedPreconditionError(absl::StrCat(
        Describe(self.name, self.build, self.wire_version_min, self.wire_version_max), " and ",
        Describe(peer_name, peer.build(), peer.wire_version_min(), peer.wire_version_max()),
        " have no wire version in common; upgrade the older one"));
  }
  if (!SecretsEqual(self.secret, peer.credential())) {
    return absl::PermissionDeniedError(
        absl::StrCat(self.name, " and ", ToAbsl(peer_name), " do not belong together: ",
                     ToAbsl(SecretProblem(!self.secret.empty(), !peer.credential().empty())),
                     "; give both the same one"));
  }
  return highest;
}

bool SecretsEqual(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

}  // namespace tidemark::rpc
