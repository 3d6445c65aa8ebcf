// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "proto/cluster.grpc.pb.h"
#include "rpc/credentials.h"
#include "rpc/grpc_link.h"
#include "rpc/grpc_transport.h"
#include "rpc/redialer.h"

namespace tidemark::rpc {
namespace {

constexpr int kClientKeepaliveMs = 5'000;

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  // A connection of its own: the redialler, not the channel, decides when to try again.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kClientKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kClientKeepaliveMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

// The client's end of one try and its stream. Owner, threads: as GrpcLink.
class ClientLink : public GrpcLink, public grpc::ClientBidiReactor<wire::Envelope, wire::Envelope> {
 public:
  ClientLink(GrpcLinkContext context, std::string address, std::shared_ptr<grpc::Channel> channel,
             const std::shared_ptr<Redialer>& redialer)
      : GrpcLink(std::move(context), /*reads_after_end=*/true),
        address_(std::move(address)),
        stub_(wire::Cluster::NewStub(std::move(channel))),
        redialer_(redialer) {}

  // The hold keeps the call while the loop may start operations.
  void Start() {
    stub_->async()->Join(&call_, this);
    AddHold();
    StartCall();
  }
  bool opened() const { return opened_; }

  void OnReadInitialMetadataDone(bool ok) override {
    if (!ok) return HandleReadOver();
    context_.executor->Post([redialer = redialer_, self = shared_from_this(), this] {
      opened_ = true;
      if (const auto alive = redialer.lock()) alive->Opened();
    });
    HandleOpened(address_);
  }
  void OnReadDone(bool ok) override { HandleReadDone(ok); }
  void OnWriteDone(bool ok) override { HandleWriteDone(ok); }
  void OnDone(const grpc::Status& status) override {
    context_.executor->Post([self = shared_from_this(), this, status] {
      const absl::Status reason = ReasonOf(status);
      HandleClosed(reason);
      if (const auto alive = redialer_.lock()) alive->Ended(reason);
    });
    HandleDone();
  }

 private:
  // The loop's.
  absl::Status ReasonOf(const grpc::Status& status) const {
    if (!opened_) {
      if (status.error_code() == grpc::StatusCode::CANCELLED) {
        return absl::UnavailableError("no answer");
      }
      if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
        return absl::UnavailableError(
            "it answers, but is no node port (UNIMPLEMENTED); give the address of the master's "
            "--listen, not that of clients");
      }
      return absl::UnavailableError(absl::StrCat(status.error_message(), " (code ",
                                                 static_cast<int>(status.error_code()), ")"));
    }
    if (status.ok()) return absl::UnavailableError(absl::StrCat(address_, " closed the stream"));
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                        absl::StrCat(address_, ": ", status.error_message()));
  }

  void WireRead(wire::Envelope* envelope) override { StartRead(envelope); }
  void WireWrite(const wire::Envelope* envelope) override { StartWrite(envelope); }
  void WireEnd(const absl::Status& /*reason*/) override { StartWritesDone(); }
  void WireCancel() override { call_.TryCancel(); }
  void ReadingIsOver() override { RemoveHold(); }

  const std::string address_;
  const std::unique_ptr<wire::Cluster::Stub> stub_;
  const std::weak_ptr<Redialer> redialer_;
  grpc::ClientContext call_;
  bool opened_ = false;  // the loop's
};

}  // namespace

GrpcClientTransport::GrpcClientTransport(const env::Env& env, GrpcClientOptions options)
    : env_(env), options_(std::move(options)), live_(std::make_shared<LiveLinks>()) {}

GrpcClientTransport::~GrpcClientTransport() {
  if (table_ == nullptr) return;
  redialer_->Stop();
  live_->CancelAndWait(table_->stopped() ? kCloseGraceMicros : 0);
  if (!table_->stopped()) table_->Clear();
}

void GrpcClientTransport::Start(TransportHandler* handler, Started started) {
  CHECK(table_ == nullptr) << options_.address;
  table_ = std::make_shared<StreamTable>(env_.executor, handler);
  redialer_ = std::make_shared<Redialer>(env_, options_.address, [this] { Dial(); });
  using Credentials = absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>>;
  const auto made = std::make_shared<Credentials>(absl::InternalError("no credentials were made"));
  env_.executor->Submit(
      env::JobQueue::kConnect,
      [made, tls = options_.tls] {
        QuietGrpcLog();
        *made = MakeChannelCredentials(tls);
      },
      [this, made, started = std::move(started), alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired() || table_->stopped()) return;
        if (!made->ok()) return started(made->status());
        credentials_ = **made;
        redialer_->Start();
        started(absl::OkStatus());
      });
}

void GrpcClientTransport::Dial() {
  const auto channel = std::make_shared<ChannelPtr>();
  env_.executor->Submit(
      env::JobQueue::kConnect,
      [channel, address = options_.address, credentials = credentials_, live = live_] {
        live->TakeEnded();
        *channel = MakeChannel(address, credentials);
        (*channel)->GetState(/*try_to_connect=*/true);
      },
      [this, channel, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && !table_->stopped()) Join(std::move(*channel));
      });
}

void GrpcClientTransport::Join(ChannelPtr channel) {
  const auto link = std::make_shared<ClientLink>(GrpcLinkContext{env_.executor, table_, live_},
                                                 options_.address, std::move(channel), redialer_);
  live_->Add(link);
  link->Start();
  env_.executor->RunAfter(kDialTimeoutMicros, [weak = std::weak_ptr<ClientLink>(link)] {
    const auto waiting = weak.lock();
    if (waiting != nullptr && !waiting->opened()) waiting->Cancel();
  });
}

void GrpcClientTransport::Send(StreamId stream, wire::Frame&& frame) {
  table_->Send(stream, std::move(frame));
}

size_t GrpcClientTransport::UnsentBytes(StreamId stream) { return table_->UnsentBytes(stream); }

void GrpcClientTransport::Close(StreamId stream, const absl::Status& reason) {
  table_->Close(stream, reason);
}

void GrpcClientTransport::Stop() {
  if (table_ == nullptr) return;
  redialer_->Stop();
  table_->Stop(absl::UnavailableError("the worker stops"));
}

}  // namespace tidemark::rpc
