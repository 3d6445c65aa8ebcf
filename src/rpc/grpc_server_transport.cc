// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/server_builder.h>

#include <chrono>
#include <future>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "env/process_limits.h"
#include "proto/cluster.grpc.pb.h"
#include "rpc/acceptor.h"
#include "rpc/credentials.h"
#include "rpc/grpc_link.h"
#include "rpc/grpc_server_settings.h"
#include "rpc/grpc_transport.h"
#include "rpc/listen_address.h"

namespace tidemark::rpc {
namespace {

constexpr int kServerKeepaliveMs = 5'000;
constexpr int kFastestClientPingMs = 1'000;
constexpr int kMaxStreamsPerConnection = 4;

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), MessageOf(status));
}

// "ipv4:127.0.0.1:80" and "ipv6:%5B::1%5D:80" without prefix and escapes.
std::string ReadablePeer(std::string peer) {
  if (peer.starts_with("ipv4:") || peer.starts_with("ipv6:")) peer.erase(0, 5);
  for (const auto& [escaped, plain] : {std::pair{"%5B", "["}, std::pair{"%5D", "]"}}) {
    const size_t at = peer.find(escaped);
    if (at != std::string::npos) peer.replace(at, 3, plain);
  }
  return peer;
}

// The server's end of one stream. Owner, threads: as GrpcLink.
class ServerLink : public GrpcLink, public grpc::ServerBidiReactor<wire::Envelope, wire::Envelope> {
 public:
  ServerLink(GrpcLinkContext context, grpc::CallbackServerContext* call)
      : GrpcLink(std::move(context), /*reads_after_end=*/false),
        call_(call),
        peer_(ReadablePeer(call->peer())) {}

  void Open() {
    StartSendInitialMetadata();
    HandleOpened(peer_);
  }

  void OnReadDone(bool ok) override { HandleReadDone(ok); }
  void OnWriteDone(bool ok) override { HandleWriteDone(ok); }
  // The client went or the server shuts down. While reading is paused no read is under way that
  // could fail of it, so nothing else would finish the call, and Shutdown waits for its end.
  void OnCancel() override { Cancel(); }
  void OnDone() override {
    PostClosed();
    HandleDone();
  }

 private:
  void PostClosed() {
    context_.executor->Post([self = shared_from_this(), this] {
      HandleClosed(
          absl::UnavailableError(absl::StrCat(peer_, " closed the stream or cannot be reached")));
    });
  }

  void WireRead(wire::Envelope* envelope) override { StartRead(envelope); }
  void WireWrite(const wire::Envelope* envelope) override { StartWrite(envelope); }
  void WireEnd(const absl::Status& reason) override { Finish(ToGrpc(reason)); }
  void WireCancel() override { call_->TryCancel(); }
  void ReadingIsOver() override { PostClosed(); }

  grpc::CallbackServerContext* const call_;
  const std::string peer_;
};

}  // namespace

// Accepts calls of Join. Owner: the transport. Threads: gRPC's.
class GrpcServerTransport::Service : public wire::Cluster::CallbackService {
 public:
  explicit Service(GrpcLinkContext context) : context_(std::move(context)) {}

  grpc::ServerBidiReactor<wire::Envelope, wire::Envelope>* Join(
      grpc::CallbackServerContext* call) override {
    context_.live->TakeEnded();
    const auto link = std::make_shared<ServerLink>(context_, call);
    context_.live->Add(link);
    link->Open();
    return link.get();
  }

 private:
  const GrpcLinkContext context_;
};

// Listens. Owner: shared by the transport and the job that opens it. Threads: Open in one job;
// everything else after it.
class GrpcServerTransport::Listener {
 public:
  Listener(const GrpcServerOptions& options, GrpcLinkContext context)
      : options_(options), live_(context.live), service_(std::move(context)) {}

  void Open() {
    status_ = Listen();
    opened_.set_value();
  }
  const absl::Status& status() const { return status_; }
  const std::string& address() const { return acceptor_->address(); }

  // Waits until it was opened, then ends it. Threads: none of gRPC's.
  void Close(int64_t grace_micros) {
    opened_.get_future().wait();
    if (server_ == nullptr) return;
    acceptor_->Stop();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::microseconds(grace_micros));
    live_->CancelAndWait(0);
    server_->Wait();
  }

 private:
  absl::Status Listen();

  const GrpcServerOptions options_;
  const std::shared_ptr<LiveLinks> live_;
  Service service_;
  std::promise<void> opened_;
  absl::Status status_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<Acceptor> acceptor_;  // gives to connections_
};

absl::Status GrpcServerTransport::Listener::Listen() {
  QuietGrpcLog();
  RETURN_IF_ERROR(
      CheckListenAddress(options_.address, options_.tls.enabled(), options_.insecure_allowed));
  ASSIGN_OR_RETURN(const auto credentials, MakeServerCredentials(options_.tls));
  // More than clients may have: workers come back also when clients hold all that they may.
  const uint64_t reserve_count = ReservedDescriptorCount(env::DescriptorLimit()) / 2;
  ASSIGN_OR_RETURN(acceptor_, Acceptor::Listen(options_.address, reserve_count));
  grpc::ServerBuilder builder;
  connections_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  builder.RegisterService(&service_);
  ApplySettings({.max_streams = kMaxStreamsPerConnection,
                 .keepalive_time_ms = kServerKeepaliveMs,
                 .keepalive_timeout_ms = kServerKeepaliveMs,
                 .fastest_ping_ms = kFastestClientPingMs},
                &builder);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.address, ": the TLS files do not fit"));
  }
  acceptor_->Start([this](int descriptor) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = descriptor;
    connections_->HandleNewConnection(&connection);
  });
  return absl::OkStatus();
}

GrpcServerTransport::GrpcServerTransport(const env::Env& env, GrpcServerOptions options)
    : env_(env), options_(std::move(options)), live_(std::make_shared<LiveLinks>()) {}

GrpcServerTransport::~GrpcServerTransport() {
  if (listener_ == nullptr) return;
  listener_->Close(table_->stopped() ? kCloseGraceMicros : 0);
  if (!table_->stopped()) table_->Clear();
}

const std::string& GrpcServerTransport::address() const { return listener_->address(); }

// To listen takes milliseconds: it is a job.
void GrpcServerTransport::Start(TransportHandler* handler, Started started) {
  CHECK(table_ == nullptr) << options_.address;
  table_ = std::make_shared<StreamTable>(env_.executor, handler);
  listener_ = std::make_shared<Listener>(options_, GrpcLinkContext{env_.executor, table_, live_});
  env_.executor->Submit(
      env::JobQueue::kConnect, [listener = listener_] { listener->Open(); },
      [started = std::move(started), listener = std::weak_ptr<Listener>(listener_),
       table = table_] {
        const auto opened = listener.lock();
        if (opened != nullptr && !table->stopped()) started(opened->status());
      });
}

void GrpcServerTransport::Send(StreamId stream, wire::Frame&& frame) {
  table_->Send(stream, std::move(frame));
}

size_t GrpcServerTransport::UnsentBytes(StreamId stream) { return table_->UnsentBytes(stream); }

void GrpcServerTransport::Close(StreamId stream, const absl::Status& reason) {
  table_->Close(stream, reason);
}

// Streams that come later are given up by the stopped table.
void GrpcServerTransport::Stop() {
  if (table_ != nullptr) table_->Stop(absl::UnavailableError("the master stops"));
}

}  // namespace tidemark::rpc
