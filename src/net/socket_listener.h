// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "env/posix_file.h"
#include "net/listener.h"
#include "net/socket_stream.h"

namespace tidemark::net {

// Accepts on sockets that listen; `max_descriptor` as in ListenerOptions. The context outlives the
// listener and its streams.
std::unique_ptr<Listener> MakeSocketListener(boost::asio::io_context* context,
                                             std::vector<env::Descriptor> sockets,
                                             int max_descriptor, const StreamOptions& options);

}  // namespace tidemark::net
