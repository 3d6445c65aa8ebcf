// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "net/asio_loop.h"

namespace tidemark::net {

// TLS 1.2 or later with the certificate of the files. Reads them.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> MakeServerContext(const ServerTls& tls);

}  // namespace tidemark::net
