// SPDX-License-Identifier: Apache-2.0
#include "host/master_host.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "base/status.h"
#include "rpc/listen_address.h"

namespace tidemark::host {
namespace {

constexpr int kStartPollMs = 100;

}  // namespace

MasterHost::MasterHost(const env::Env& env, const NodeOptions& options, const std::string& secret,
                       rpc::Transport* transport, const StopWatch& watch)
    : env_(env),
      options_(options),
      watch_(watch),
      node_(env, MakeMasterOptions(options, secret), transport,
            static_cast<master::MasterNode::Events*>(this)),
      gate_(&node_) {}

MasterHost::~MasterHost() = default;

absl::Status MasterHost::Listen(net::AsioLoop* asio) {
  if (!options_.bolt) return absl::OkStatus();
  ASSIGN_OR_RETURN(bolt_, BoltDoor::Make(options_, asio, env_));
  gate_.SetBolt(bolt_->address(), !options_.auth_user.empty());
  return absl::OkStatus();
}

absl::Status MasterHost::Start() {
  api::ApiOptions api_options;
  api_options.address = rpc::JoinHostPort(options_.host, options_.grpc_port);
  api_options.tls = options_.tls;
  RETURN_IF_ERROR(rpc::CheckListenAddress(api_options.address, options_.tls.enabled(),
                                          options_.insecure_public));
  std::future<absl::Status> started = started_.get_future();
  env_.executor->Post([this] { node_.Start(); });
  while (started.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (watch_.signal->Wait(kStartPollMs) != StopSignal::Event::kStop) continue;
    watch_.guard->NothingIsLost();
    watch_.guard->Extend();
    Shutdown();
  }
  RETURN_IF_ERROR(started.get());
  ASSIGN_OR_RETURN(std::unique_ptr<api::ApiServer> api,
                   api::ApiServer::Start(api_options, env_.executor, &gate_));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    api_ = std::move(api);
    api_->SetServing(open_);
  }
  PrintReady();
  return absl::OkStatus();
}

void MasterHost::Shutdown() {
  env_.executor->Post([this] { node_.Shutdown(); });
}

bool MasterHost::has_exited() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return exit_status_.has_value();
}

absl::Status MasterHost::exit_status() {
  std::unique_ptr<api::ApiServer> api;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    api = std::move(api_);
  }
  if (api != nullptr) api->Stop();
  const std::lock_guard<std::mutex> lock(mutex_);
  return exit_status_.value_or(absl::OkStatus());
}

void MasterHost::OnStarted() {
  if (bolt_ != nullptr) bolt_->Open(node_.front(), node_.gateway()->request_memory());
  start_answered_ = true;
  started_.set_value(absl::OkStatus());
  watch_.signal->Wake();
}

void MasterHost::OnStateChange(txn::ClusterState state) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = state == txn::ClusterState::kOpen;
    if (api_ != nullptr) api_->SetServing(open_);
  }
  PrintReady();
}

void MasterHost::PrintReady() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!open_ || api_ == nullptr || ready_printed_) return;
  ready_printed_ = true;
  if (bolt_ != nullptr) std::printf("ready %s\n", bolt_->address().c_str());
  std::printf("ready grpc://%s\n", rpc::JoinHostPort(options_.host, api_->port()).c_str());
  std::fflush(stdout);
}

void MasterHost::OnStopGoesOn() { watch_.guard->Extend(); }

void MasterHost::OnExit(const absl::Status& status) {
  if (status.ok()) watch_.guard->NothingIsLost();
  if (!start_answered_) {
    start_answered_ = true;
    started_.set_value(status.ok() ? absl::CancelledError("stopped while starting") : status);
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    exit_status_ = status;
  }
  watch_.signal->Wake();
}

}  // namespace tidemark::host
