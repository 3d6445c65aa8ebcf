// SPDX-License-Identifier: Apache-2.0
#include "bench/probes.h"

#include <future>
#include <memory>

#include "base/status.h"
#include "env/event_loop.h"
#include "env/posix_executor.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "rpc/grpc_transport.h"

namespace tidemark::bench {
namespace {

constexpr int kSyncCount = 300;
constexpr size_t kWriteBytes = 512;
constexpr uint64_t kFileBytes = 1 << 20;
constexpr int kWarmUpCount = 200;
constexpr int kRoundTripCount = 2000;

// Two ends of one stream, each with a loop of its own, that send a frame to and fro.
class PingPong {
 public:
  PingPong(env::Clock* clock, const std::string& address)
      : clock_(clock),
        server_(clock, "ping-server"),
        client_(clock, "ping-client"),
        server_transport_(server_.env, {address, {}, false}),
        answering_(&server_transport_) {}

  absl::StatusOr<Samples> Run() {
    server_.loop.Start();
    client_.loop.Start();
    std::promise<absl::Status> started;
    server_.executor.Post([&] {
      server_transport_.Start(
          &answering_, [&started](const absl::Status& status) { started.set_value(status); });
    });
    RETURN_IF_ERROR(started.get_future().get());
    client_transport_ = std::make_unique<rpc::GrpcClientTransport>(
        client_.env, rpc::GrpcClientOptions{server_transport_.address(), {}});
    Asking asking(clock_, client_transport_.get());
    client_.executor.Post([&] { client_transport_->Start(&asking, [](const absl::Status&) {}); });
    const absl::StatusOr<Samples> result = asking.Wait();
    Stop(&client_, client_transport_.get());
    Stop(&server_, &server_transport_);
    return result;
  }

 private:
  struct Side {
    Side(env::Clock* clock, const std::string& name) : loop(clock, name), executor(&loop, name) {
      env = {clock, &random, &files, &executor};
    }
    env::EventLoop loop;
    env::PosixRandom random;
    env::PosixFileSystem files;
    env::PosixExecutor executor;
    env::Env env;
  };

  class Answering final : public rpc::TransportHandler {
   public:
    explicit Answering(rpc::Transport* transport) : transport_(transport) {}
    void OnStreamOpened(rpc::StreamId, const std::string&) override {}
    void OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) override {
      transport_->Send(stream, std::move(*envelope.mutable_frames(0)));
    }
    void OnStreamClosed(rpc::StreamId, const absl::Status&) override {}

   private:
    rpc::Transport* const transport_;
  };

  class Asking final : public rpc::TransportHandler {
   public:
    Asking(env::Clock* clock, rpc::Transport* transport) : clock_(clock), transport_(transport) {}
    absl::StatusOr<Samples> Wait() {
      RETURN_IF_ERROR(done_.get_future().get());
      return samples_;
    }
    void OnStreamOpened(rpc::StreamId stream, const std::string&) override { Ask(stream); }
    void OnEnvelope(rpc::StreamId stream, wire::Envelope&&) override {
      if (++count_ > kWarmUpCount) {
        samples_.Add(static_cast<double>(clock_->NowMicros() - begin_micros_) / 2);
      }
      if (count_ < kWarmUpCount + kRoundTripCount) return Ask(stream);
      End(absl::OkStatus());
    }
    void OnStreamClosed(rpc::StreamId, const absl::Status& reason) override { End(reason); }

   private:
    void Ask(rpc::StreamId stream) {
      begin_micros_ = clock_->NowMicros();
      wire::Frame frame;
      frame.mutable_heartbeat();
      transport_->Send(stream, std::move(frame));
    }
    void End(const absl::Status& status) {
      if (!ended_) done_.set_value(status);
      ended_ = true;
    }

    env::Clock* const clock_;
    rpc::Transport* const transport_;
    int64_t begin_micros_ = 0;
    int count_ = 0;
    bool ended_ = false;
    Samples samples_;
    std::promise<absl::Status> done_;
  };

  static void Stop(Side* side, rpc::Transport* transport) {
    std::promise<void> stopped;
    side->executor.Post([&] {
      transport->Stop();
      stopped.set_value();
    });
    stopped.get_future().wait();
    side->loop.Stop();
  }

  env::Clock* const clock_;
  Side server_;
  Side client_;
  rpc::GrpcServerTransport server_transport_;
  std::unique_ptr<rpc::GrpcClientTransport> client_transport_;
  Answering answering_;
};

}  // namespace

absl::StatusOr<Samples> MeasureSync(env::FileSystem* files, env::Clock* clock,
                                    const std::string& directory, bool preallocated) {
  const std::string path = directory + "/sync-probe";
  ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file,
                   files->Open(path, env::OpenMode::kCreate));
  if (preallocated) {
    RETURN_IF_ERROR(file->Preallocate(kFileBytes));
    RETURN_IF_ERROR(file->Sync());
  }
  const std::string bytes(kWriteBytes, 'x');
  Samples micros;
  for (int i = 0; i < kSyncCount; ++i) {
    const int64_t begin = clock->NowMicros();
    RETURN_IF_ERROR(file->WriteAt(static_cast<uint64_t>(i) * kWriteBytes, bytes));
    RETURN_IF_ERROR(file->Sync());
    micros.Add(static_cast<double>(clock->NowMicros() - begin));
  }
  RETURN_IF_ERROR(files->Remove(path));
  return micros;
}

absl::StatusOr<Samples> MeasureHop(env::Clock* clock, const std::string& listen_address) {
  return PingPong(clock, listen_address).Run();
}

}  // namespace tidemark::bench
