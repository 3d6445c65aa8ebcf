// SPDX-License-Identifier: Apache-2.0
#include "host/master_host.h"

#include <cstdio>
#include <utility>

#include "base/status.h"
#include "rpc/listen_address.h"

namespace tidemark::host {

MasterHost::MasterHost(const env::Env& env, const NodeOptions& options, const std::string& secret,
                       rpc::Transport* transport, StopSignal* signal)
    : env_(env),
      options_(options),
      signal_(signal),
      node_(env, MakeMasterOptions(options, secret), transport,
            static_cast<master::MasterNode::Events*>(this)),
      gate_(&node_) {}

MasterHost::~MasterHost() = default;

absl::Status MasterHost::Start() {
  api::ApiOptions api_options;
  api_options.address = absl::StrCat(options_.host, ":", options_.grpc_port);
  api_options.tls = options_.tls;
  RETURN_IF_ERROR(rpc::CheckListenAddress(api_options.address, options_.tls.enabled(),
                                          options_.insecure_public));
  std::future<absl::Status> started = started_.get_future();
  env_.executor->Post([this] { node_.Start(); });
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
  start_answered_ = true;
  started_.set_value(absl::OkStatus());
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
  std::printf("ready grpc://%s:%d\n", options_.host.c_str(), api_->port());
  std::fflush(stdout);
}

void MasterHost::OnExit(const absl::Status& status) {
  if (!start_answered_) {
    start_answered_ = true;
    started_.set_value(status.ok() ? absl::CancelledError("stopped while starting") : status);
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    exit_status_ = status;
  }
  signal_->Wake();
}

}  // namespace tidemark::host
