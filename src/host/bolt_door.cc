// SPDX-License-Identifier: Apache-2.0
#include "host/bolt_door.h"

#include <limits>
#include <utility>

#include "base/status.h"
#include "env/process_limits.h"
#include "rpc/acceptor.h"
#include "rpc/listen_address.h"

namespace tidemark::host {
namespace {

std::string BoltAddress(const NodeOptions& options) {
  return rpc::JoinHostPort(options.host, options.bolt_port);
}

net::ListenerOptions ListenerOptionsOf(const NodeOptions& options) {
  net::ListenerOptions listener;
  listener.tls = {options.tls.cert_file, options.tls.key_file};
  listener.local_pages_only = options.auth_user.empty();
  const uint64_t limit = env::DescriptorLimit();
  const uint64_t free_count = limit - rpc::ReservedDescriptorCount(limit);
  if (free_count < static_cast<uint64_t>(std::numeric_limits<int>::max())) {
    listener.max_descriptor = static_cast<int>(free_count);
  }
  return listener;
}

}  // namespace

absl::Status CheckBoltAddress(const NodeOptions& options) {
  const std::string address = BoltAddress(options);
  RETURN_IF_ERROR(rpc::CheckListenAddress(address, options.tls.enabled(), options.insecure_public));
  // Without TLS and without the permission only loopback addresses pass.
  const bool is_local = rpc::CheckListenAddress(address, false, false).ok();
  if (is_local || options.insecure_public || !options.auth_user.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("Bolt on ", address,
                   " can be reached by other machines and nobody would have to log in; give "
                   "--auth-user and --auth-password-file, --no-bolt, or --insecure-public"));
}

BoltDoor::BoltDoor(const NodeOptions& options, const env::Env& env) : env_(env) {
  options_.advertised_address = options.bolt_advertised_address;
}

absl::StatusOr<std::unique_ptr<BoltDoor>> BoltDoor::Make(const NodeOptions& options,
                                                         net::AsioLoop* asio, const env::Env& env) {
  RETURN_IF_ERROR(CheckBoltAddress(options));
  ASSIGN_OR_RETURN(const std::string password, ReadPassword(options));
  ASSIGN_OR_RETURN(rpc::ListeningSockets sockets, rpc::ListenOn(BoltAddress(options)));
  std::unique_ptr<BoltDoor> door(new BoltDoor(options, env));
  door->address_ = absl::StrCat(options.tls.enabled() ? "bolt+s://" : "bolt://", sockets.address);
  ASSIGN_OR_RETURN(door->listener_,
                   asio->Listen(std::move(sockets.descriptors), ListenerOptionsOf(options)));
  if (!options.auth_user.empty()) {
    door->authenticator_ = bolt::Authenticator(options.auth_user, password, env.random);
  }
  return door;
}

void BoltDoor::Open(session::Front* front, session::MemoryBudget* requests) {
  server_ = std::make_unique<bolt::Server>(options_, front, &authenticator_, requests, env_);
  listener_->Start(
      [this](std::unique_ptr<net::ByteStream> stream) { server_->Accept(std::move(stream)); });
}

}  // namespace tidemark::host
