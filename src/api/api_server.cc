// SPDX-License-Identifier: Apache-2.0
#include "api/api_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

#include "api/convert.h"
#include "api/session_stream.h"
#include "base/check.h"
#include "base/status.h"
#include "env/process_limits.h"
#include "proto/api.grpc.pb.h"
#include "rpc/acceptor.h"
#include "rpc/credentials.h"
#include "rpc/grpc_server_settings.h"

namespace tidemark::api {
namespace {

constexpr int64_t kStopGraceMs = 2000;
// A connection without any call under way is closed after this; a client makes a new one when it
// needs it.
constexpr int kIdleConnectionMs = 300'000;
// Sessions of one connection.
constexpr int kMaxStreamsPerConnection = 1'000;
// A client whose machine has vanished is noticed after these, and its sessions end.
constexpr int kKeepaliveTimeMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kFastestClientPingMs = 5'000;

// How an error travels outside of a session stream: the code of the RPC itself.
grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), MessageOf(status)};
}

// Takes the bytes of a session's messages as they come; see SessionStream.
class GraphService : public Graph::WithRawCallbackMethod_Session<Graph::Service> {
 public:
  GraphService(env::Executor* executor, ClientService* service)
      : executor_(executor), service_(service) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Session(
      grpc::CallbackServerContext* context) override {
    return new SessionStream(executor_, service_, context);
  }

 private:
  env::Executor* const executor_;
  ClientService* const service_;
};

class SchemaService : public Schema::CallbackService {
 public:
  SchemaService(env::Executor* executor, ClientService* service)
      : executor_(executor), service_(service) {}

  grpc::ServerUnaryReactor* CreateIndex(grpc::CallbackServerContext* context,
                                        const CreateIndexRequest* request,
                                        CreateIndexResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    executor_->Post([this, request, response, reactor] {
      service_->CreateIndex(request->index(), [response, reactor](absl::StatusOr<Index> index) {
        if (index.ok()) *response->mutable_index() = std::move(*index);
        reactor->Finish(ToGrpc(index.status()));
      });
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* DropIndex(grpc::CallbackServerContext* context,
                                      const DropIndexRequest* request,
                                      DropIndexResponse* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    executor_->Post([this, request, reactor] {
      service_->DropIndex(request->name(), [reactor](const absl::Status& status) {
        reactor->Finish(ToGrpc(status));
      });
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* ListIndexes(grpc::CallbackServerContext* context,
                                        const ListIndexesRequest* /*request*/,
                                        ListIndexesResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    executor_->Post([this, response, reactor] {
      *response = service_->ListIndexes();
      reactor->Finish(grpc::Status::OK);
    });
    return reactor;
  }

 private:
  env::Executor* const executor_;
  ClientService* const service_;
};

class AdminService : public Admin::CallbackService {
 public:
  AdminService(env::Executor* executor, ClientService* service)
      : executor_(executor), service_(service) {}

  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context,
                                   const StatusRequest* /*request*/,
                                   StatusResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    executor_->Post([this, response, reactor] {
      service_->Status([response, reactor](absl::StatusOr<StatusResponse> status) {
        if (status.ok()) *response = std::move(*status);
        reactor->Finish(ToGrpc(status.status()));
      });
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* SnapshotNow(grpc::CallbackServerContext* context,
                                        const SnapshotNowRequest* /*request*/,
                                        SnapshotNowResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    executor_->Post([this, response, reactor] {
      service_->SnapshotNow([response, reactor](absl::StatusOr<SnapshotInfo> snapshot) {
        if (snapshot.ok()) *response->mutable_snapshot() = std::move(*snapshot);
        reactor->Finish(ToGrpc(snapshot.status()));
      });
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* FlushNow(grpc::CallbackServerContext* context,
                                     const FlushNowRequest* /*request*/,
                                     FlushNowResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    executor_->Post([this, response, reactor] {
      service_->FlushNow([response, reactor](absl::StatusOr<uint64_t> watermark) {
        if (watermark.ok()) response->set_watermark(*watermark);
        reactor->Finish(ToGrpc(watermark.status()));
      });
    });
    return reactor;
  }

 private:
  env::Executor* const executor_;
  ClientService* const service_;
};

}  // namespace

class ApiServer::Impl {
 public:
  Impl(env::Executor* executor, ClientService* service)
      : graph_(executor, service), schema_(executor, service), admin_(executor, service) {}

  absl::Status Start(const ApiOptions& options) {
    CHECK(server_ == nullptr && acceptor_ == nullptr) << "the client port is opened twice";
    ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ServerCredentials> credentials,
                     rpc::MakeServerCredentials(options.tls));
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    rpc::ApplySettings({.max_streams = kMaxStreamsPerConnection,
                        .keepalive_time_ms = kKeepaliveTimeMs,
                        .keepalive_timeout_ms = kKeepaliveTimeoutMs,
                        .fastest_ping_ms = kFastestClientPingMs},
                       &builder);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleConnectionMs);
    const uint64_t reserve_count = rpc::ReservedDescriptorCount(env::DescriptorLimit());
    ASSIGN_OR_RETURN(acceptor_, rpc::Acceptor::Listen(options.address, reserve_count));
    connections_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
    builder.RegisterService(&graph_);
    builder.RegisterService(&schema_);
    builder.RegisterService(&admin_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options.address,
                                                 " for clients: the TLS files do not fit"));
    }
    SetServing(false);
    acceptor_->Start([this](int descriptor) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.fd = descriptor;
      connections_->HandleNewConnection(&connection);
    });
    return absl::OkStatus();
  }

  void SetServing(bool serving) {
    CHECK(server_ != nullptr) << "the client port is not open";
    server_->GetHealthCheckService()->SetServingStatus(serving);
  }

  void Stop() {
    if (server_ == nullptr) return;
    acceptor_->Stop();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(kStopGraceMs));
    server_->Wait();
    server_ = nullptr;
  }

  int port() const {
    CHECK(acceptor_ != nullptr) << "the client port is not open";
    return acceptor_->port();
  }

 private:
  GraphService graph_;
  SchemaService schema_;
  AdminService admin_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<rpc::Acceptor> acceptor_;  // gives to connections_
};

absl::StatusOr<std::unique_ptr<ApiServer>> ApiServer::Start(const ApiOptions& options,
                                                            env::Executor* executor,
                                                            ClientService* service) {
  auto impl = std::make_unique<Impl>(executor, service);
  RETURN_IF_ERROR(impl->Start(options));
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiServer::~ApiServer() { Stop(); }
int ApiServer::port() const { return impl_->port(); }
void ApiServer::SetServing(bool serving) { impl_->SetServing(serving); }
void ApiServer::Stop() { impl_->Stop(); }

}  // namespace tidemark::api
