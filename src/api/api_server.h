// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/client_service.h"
#include "env/executor.h"
#include "rpc/tls_options.h"

namespace tidemark::api {

struct ApiOptions {
  std::string address;  // host:port
  rpc::TlsOptions tls;
};

// The gRPC server of the client port: Graph, Schema, Admin, health and reflection.
// Owner: the master process. Threads: made and destroyed outside the loop; calls of the service run
// on the loop. Does not own executor and service, which outlive it.
class ApiServer {
 public:
  // kUnavailable, naming the address, when it cannot listen.
  static absl::StatusOr<std::unique_ptr<ApiServer>> Start(const ApiOptions& options,
                                                          env::Executor* executor,
                                                          ClientService* service);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  // The port that is listened on (of use when the address asked for port 0).
  int port() const;
  // What health answers: serving while the cluster is open. Threads: any.
  void SetServing(bool serving);
  // Refuses new calls and ends the open ones. REQUIRES: the loop runs, and this is not it.
  void Stop();

 private:
  class Impl;
  explicit ApiServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::api
