// SPDX-License-Identifier: Apache-2.0
#include "rpc/memory_transport.h"

#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "rpc/memory_link.h"
#include "rpc/redialer.h"

namespace tidemark::rpc {
namespace {

absl::Status StoppedStatus(const std::string& address) {
  return absl::UnavailableError(absl::StrCat("the node at ", address, " stops"));
}

}  // namespace

// The accepting side. Owner, threads, errors: as Transport.
class MemoryServerTransport : public Transport {
 public:
  MemoryServerTransport(MemoryHub* hub, const env::Env& env, std::string address)
      : hub_(hub), env_(env), address_(std::move(address)) {}

  ~MemoryServerTransport() override {
    if (endpoint_ == nullptr) return;
    if (!endpoint_->table.stopped()) Stop();
    endpoint_->Detach();
  }

  void Start(TransportHandler* handler, Started started) override {
    CHECK(endpoint_ == nullptr) << address_;
    auto endpoint = std::make_shared<MemoryEndpoint>(env_.executor, handler);
    if (!hub_->Listen(address_, endpoint)) {
      return started(
          absl::UnavailableError(absl::StrCat("cannot listen on ", address_, ": in use")));
    }
    endpoint_ = std::move(endpoint);
    started(absl::OkStatus());
  }
  void Send(StreamId stream, wire::Frame&& frame) override {
    endpoint_->table.Send(stream, std::move(frame));
  }
  size_t UnsentBytes(StreamId stream) override { return endpoint_->table.UnsentBytes(stream); }
  void Close(StreamId stream, const absl::Status& reason) override {
    endpoint_->table.Close(stream, reason);
  }
  void Stop() override {
    if (endpoint_ == nullptr) return;
    hub_->StopListening(address_, endpoint_.get());
    endpoint_->table.Stop(StoppedStatus(address_));
  }

 private:
  MemoryHub* const hub_;
  const env::Env env_;
  const std::string address_;
  std::shared_ptr<MemoryEndpoint> endpoint_;
};

// The dialling side. Owner, threads, errors: as Transport.
class MemoryClientTransport : public Transport {
 public:
  MemoryClientTransport(MemoryHub* hub, const env::Env& env, std::string address)
      : hub_(hub), env_(env), address_(std::move(address)) {}

  ~MemoryClientTransport() override {
    if (endpoint_ == nullptr) return;
    if (!endpoint_->table.stopped()) Stop();
    endpoint_->Detach();
  }

  void Start(TransportHandler* handler, Started started) override {
    CHECK(endpoint_ == nullptr) << address_;
    endpoint_ = std::make_shared<MemoryEndpoint>(env_.executor, handler);
    redialer_ = std::make_shared<Redialer>(env_, address_, [this] { Dial(); });
    redialer_->Start();
    started(absl::OkStatus());
  }
  void Send(StreamId stream, wire::Frame&& frame) override {
    endpoint_->table.Send(stream, std::move(frame));
  }
  size_t UnsentBytes(StreamId stream) override { return endpoint_->table.UnsentBytes(stream); }
  void Close(StreamId stream, const absl::Status& reason) override {
    endpoint_->table.Close(stream, reason);
  }
  void Stop() override {
    if (endpoint_ == nullptr) return;
    redialer_->Stop();
    endpoint_->table.Stop(StoppedStatus("the other end of this stream"));
  }

 private:
  void Dial() {
    const std::shared_ptr<MemoryEndpoint> server = hub_->Find(address_);
    if (server == nullptr) return redialer_->Ended(absl::UnavailableError("nobody listens"));
    MemoryLink::Join(
        endpoint_, server, address_,
        [weak = std::weak_ptr<Redialer>(redialer_)] {
          if (const auto redialer = weak.lock()) redialer->Opened();
        },
        [weak = std::weak_ptr<Redialer>(redialer_)](const absl::Status& reason) {
          if (const auto redialer = weak.lock()) redialer->Ended(reason);
        });
  }

  MemoryHub* const hub_;
  const env::Env env_;
  const std::string address_;
  std::shared_ptr<MemoryEndpoint> endpoint_;
  std::shared_ptr<Redialer> redialer_;
};

std::unique_ptr<Transport> MemoryHub::MakeServer(const env::Env& env, std::string address) {
  return std::make_unique<MemoryServerTransport>(this, env, std::move(address));
}

std::unique_ptr<Transport> MemoryHub::MakeClient(const env::Env& env, std::string address) {
  return std::make_unique<MemoryClientTransport>(this, env, std::move(address));
}

bool MemoryHub::Listen(const std::string& address, std::shared_ptr<MemoryEndpoint> server) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return servers_.emplace(address, std::move(server)).second;
}

void MemoryHub::StopListening(const std::string& address, const MemoryEndpoint* server) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = servers_.find(address);
  if (found != servers_.end() && found->second.get() == server) servers_.erase(found);
}

std::shared_ptr<MemoryEndpoint> MemoryHub::Find(const std::string& address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = servers_.find(address);
  return found == servers_.end() ? nullptr : found->second;
}

}  // namespace tidemark::rpc
