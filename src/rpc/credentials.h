// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "rpc/tls_options.h"

namespace tidemark::rpc {

// Credentials of a gRPC server or channel: none without TLS, else mutual authentication by
// certificates of the one authority in `ca_file`. kInvalidArgument names the file that is not given
// or holds no PEM text, other errors the one that cannot be read.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsOptions& tls);
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const TlsOptions& tls);

// Sends gRPC's own log lines to VLOG(1), failed assertions excepted: what matters comes back as an
// error. Threads: any; may be called again.
void QuietGrpcLog();

}  // namespace tidemark::rpc
