// SPDX-License-Identifier: Apache-2.0
#include "host/local_cluster.h"

#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::host {
namespace {

constexpr int kPollMicros = 10'000;
constexpr int kGonePolls = 1000;

std::vector<std::string> ArgsOf(const LocalClusterOptions& options) {
  std::vector<std::string> args = {options.kind, "--data-dir=" + options.data_dir,
                                   absl::StrCat("--workers=", options.workers),
                                   absl::StrCat("--grpc-port=", options.client_port)};
  args.push_back(options.bolt_port == 0 ? "--no-bolt"
                                        : absl::StrCat("--bolt-port=", options.bolt_port));
  args.insert(args.end(), options.flags.begin(), options.flags.end());
  return args;
}

}  // namespace

LocalCluster::LocalCluster(const LocalClusterOptions& options)
    : process_(options.kind, ArgsOf(options), options.log_path) {}

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(
    const LocalClusterOptions& options) {
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(options));
  RETURN_IF_ERROR(cluster->process_.Start());
  client::ClientOptions client_options;
  client_options.address = absl::StrCat("127.0.0.1:", options.client_port);
  ASSIGN_OR_RETURN(cluster->client_, client::Client::Create(client_options));
  const absl::Status open = cluster->client_->WaitUntilOpen(options.open_timeout_ms);
  if (!open.ok()) return Annotate(open, cluster->process_.LogTail());
  return cluster;
}

LocalCluster::~LocalCluster() {
  client_.reset();
  if (!process_.running()) return;
  process_.Signal(SIGTERM);
  while (!process_.Poll().has_value()) usleep(kPollMicros);
}

absl::Status LocalCluster::KillEverything() {
  ASSIGN_OR_RETURN(const api::StatusResponse status, client_->Status());
  process_.Signal(SIGKILL);
  std::vector<pid_t> pids = {static_cast<pid_t>(status.master().pid())};
  for (const api::WorkerInfo& worker : status.workers()) {
    pids.push_back(static_cast<pid_t>(worker.pid()));
  }
  for (const pid_t pid : pids) kill(pid, SIGKILL);
  while (!process_.Poll().has_value()) usleep(kPollMicros);
  // The nodes are not this process's children, which could be waited for: until their ports are
  // free, or they are only listed because nobody has asked for their ends.
  for (const pid_t pid : pids) {
    for (int i = 0; i < kGonePolls && kill(pid, 0) == 0; ++i) usleep(kPollMicros);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::host
