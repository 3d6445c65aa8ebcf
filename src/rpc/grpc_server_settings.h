// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_builder.h>

#include "rpc/limits.h"

namespace tidemark::rpc {

// In what the servers of the cluster and of the clients differ.
struct GrpcServerSettings {
  // Streams of one connection.
  int max_streams = 1;
  // A peer whose machine has vanished is noticed after the two together.
  int keepalive_time_ms = 0;
  int keepalive_timeout_ms = 0;
  // A peer that asks more often for a sign of life is cut off.
  int fastest_ping_ms = 0;
};

// What every server of this process asks of its connections.
// Threads: any.
inline void ApplySettings(const GrpcServerSettings& settings, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeLimitMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, settings.max_streams);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, settings.keepalive_time_ms);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, settings.keepalive_timeout_ms);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              settings.fastest_ping_ms);
}

}  // namespace tidemark::rpc
