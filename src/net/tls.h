// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "net/asio_loop.h"

namespace tidemark::net {

// Called before anything else uses TLS. Threads of gRPC may be in the middle of a handshake while
// the process ends, so OpenSSL must not free then what they use.
void KeepTlsToTheEnd();

// TLS 1.2 or later with the certificate of the files. Reads them.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> MakeServerContext(const ServerTls& tls);

}  // namespace tidemark::net
