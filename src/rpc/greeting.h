// SPDX-License-Identifier: Apache-2.0
// What two nodes check of each other before anything else: that they speak a common version of the
// wire contract and share the cluster's secret. Pure functions, used by master and worker alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/cluster.pb.h"

namespace tidemark::rpc {

// The versions of proto/cluster.proto that this build speaks.
inline constexpr uint32_t kWireVersionMin = 1;
inline constexpr uint32_t kWireVersionMax = 1;

// One side of a greeting.
struct GreetingSide {
  std::string name;    // for a person: "master 127.0.0.1:7600", "worker 2"
  std::string build;   // the version of its binary
  std::string secret;  // the cluster's secret; empty when it has none
  uint32_t wire_version_min = kWireVersionMin;
  uint32_t wire_version_max = kWireVersionMax;
};

// Fills the version range, the build and the credential. The secret travels as it is: TLS hides it.
void FillGreeting(const GreetingSide& self, wire::Hello* hello);

// The wire version that both sides use from now on: the highest that both speak. Errors name both
// sides: kFailedPrecondition when there is none, kPermissionDenied when the secrets differ.
absl::StatusOr<uint32_t> CheckGreeting(const GreetingSide& self, std::string_view peer_name,
                                       const wire::Hello& peer);

// Whether two secrets are equal, in a time that depends on their lengths alone.
bool SecretsEqual(std::string_view a, std::string_view b);

}  // namespace tidemark::rpc
