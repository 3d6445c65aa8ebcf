// SPDX-License-Identifier: Apache-2.0
// Streams between processes: the bidirectional call Cluster.Join of proto/cluster.proto, over TCP
// or unix sockets, with or without TLS.
#pragma once

#include <memory>
#include <string>

#include "env/env.h"
#include "rpc/tls_options.h"
#include "rpc/transport.h"

namespace grpc {
class Channel;
class ChannelCredentials;
}  // namespace grpc

namespace tidemark::rpc {

class LiveLinks;
class Redialer;
class StreamTable;

struct GrpcServerOptions {
  std::string address;  // as in rpc/listen_address.h; port 0 = any
  TlsOptions tls;
  bool insecure_allowed = false;  // a public address without TLS
};

// The accepting side: the master's node port. Owner, threads: as Transport.
// Errors of the start: those of CheckListenAddress, ListenOn and MakeServerCredentials.
class GrpcServerTransport : public Transport {
 public:
  GrpcServerTransport(const env::Env& env, GrpcServerOptions options);
  ~GrpcServerTransport() override;

  void Start(TransportHandler* handler, Started started) override;
  void Send(StreamId stream, wire::Frame&& frame) override;
  size_t UnsentBytes(StreamId stream) override;
  void Close(StreamId stream, const absl::Status& reason) override;
  void Stop() override;

  // The address with the real port. REQUIRES: the start was OK.
  const std::string& address() const;

 private:
  class Service;
  class Listener;

  const env::Env env_;
  const GrpcServerOptions options_;
  const std::shared_ptr<LiveLinks> live_;
  std::shared_ptr<StreamTable> table_;
  std::shared_ptr<Listener> listener_;
};

struct GrpcClientOptions {
  std::string address;
  TlsOptions tls;
};

// The dialling side: a worker. Each try uses a connection of its own. Owner, threads: as Transport.
// Errors of the start: those of MakeChannelCredentials.
class GrpcClientTransport : public Transport {
 public:
  GrpcClientTransport(const env::Env& env, GrpcClientOptions options);
  ~GrpcClientTransport() override;

  void Start(TransportHandler* handler, Started started) override;
  void Send(StreamId stream, wire::Frame&& frame) override;
  size_t UnsentBytes(StreamId stream) override;
  void Close(StreamId stream, const absl::Status& reason) override;
  void Stop() override;

 private:
  using ChannelPtr = std::shared_ptr<grpc::Channel>;

  // Making a connection takes a millisecond: it is a job.
  void Dial();
  void Join(ChannelPtr channel);

  const env::Env env_;
  const GrpcClientOptions options_;
  const std::shared_ptr<LiveLinks> live_;
  std::shared_ptr<StreamTable> table_;
  std::shared_ptr<Redialer> redialer_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  // Gone with the transport: a job that ends later changes nothing.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::rpc
