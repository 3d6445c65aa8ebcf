// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/bench_cluster.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>

#include "base/status.h"

namespace tidemark::tools {
namespace {

constexpr int64_t kOpenTimeoutMs = 600'000;
constexpr int64_t kMicrosPerMs = 1000;
constexpr int kPollMicros = 10'000;

}  // namespace

absl::StatusOr<std::unique_ptr<BenchCluster>> BenchCluster::Start(const BenchContext& context,
                                                                  const std::string& kind,
                                                                  const std::string& directory,
                                                                  std::vector<std::string> flags) {
  const int64_t port = context.options.grpc_port;
  std::vector<std::string> args = {kind, "--data-dir=" + directory,
                                   absl::StrCat("--workers=", context.options.workers),
                                   absl::StrCat("--grpc-port=", port)};
  args.insert(args.end(), flags.begin(), flags.end());
  std::unique_ptr<BenchCluster> cluster(new BenchCluster());
  cluster->process_ =
      std::make_unique<ChildProcess>(kind, args, context.directory + "/" + kind + ".log");
  RETURN_IF_ERROR(cluster->process_->Start());
  client::ClientOptions options;
  options.address = absl::StrCat("127.0.0.1:", port);
  ASSIGN_OR_RETURN(cluster->client_, client::Client::Create(options));
  const absl::Status open = cluster->client_->WaitUntilOpen(kOpenTimeoutMs);
  if (!open.ok()) return Annotate(open, cluster->process_->LogTail());
  return cluster;
}

BenchCluster::~BenchCluster() {
  client_.reset();
  if (process_ == nullptr || !process_->running()) return;
  process_->Signal(SIGTERM);
  while (!process_->Poll().has_value()) usleep(kPollMicros);
}

absl::Status BenchCluster::KillEverything() {
  ASSIGN_OR_RETURN(const api::StatusResponse status, client_->Status());
  process_->Signal(SIGKILL);
  std::vector<pid_t> pids = {static_cast<pid_t>(status.master().pid())};
  for (const api::WorkerInfo& worker : status.workers()) {
    pids.push_back(static_cast<pid_t>(worker.pid()));
  }
  for (const pid_t pid : pids) kill(pid, SIGKILL);
  while (!process_->Poll().has_value()) usleep(kPollMicros);
  for (const pid_t pid : pids) {
    while (kill(pid, 0) == 0) usleep(kPollMicros);
  }
  return absl::OkStatus();
}

absl::StatusOr<Samples> RunClients(
    const BenchContext& context, client::Client* client, int64_t threads, int64_t duration_ms,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work) {
  std::atomic<uint64_t> next{0};
  std::vector<Samples> micros(static_cast<size_t>(threads));
  std::vector<absl::Status> ends(static_cast<size_t>(threads));
  const int64_t until = context.clock->NowMicros() + duration_ms * kMicrosPerMs;
  std::vector<std::thread> running;
  for (size_t i = 0; i < static_cast<size_t>(threads); ++i) {
    running.emplace_back([&, i] {
      const auto session = client->OpenSession();
      for (int64_t now = context.clock->NowMicros(); now < until && ends[i].ok();) {
        ends[i] = work(session.get(), next++);
        const int64_t end = context.clock->NowMicros();
        micros[i].Add(static_cast<double>(end - now));
        now = end;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  Samples all;
  for (size_t i = 0; i < running.size(); ++i) {
    RETURN_IF_ERROR(ends[i]);
    all.values.insert(all.values.end(), micros[i].values.begin(), micros[i].values.end());
  }
  return all;
}

absl::StatusOr<Samples> TimeOneClient(
    const BenchContext& context, client::Client* client, int count,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work) {
  const auto session = client->OpenSession();
  Samples micros;
  for (int i = -count / 10; i < count; ++i) {
    const int64_t begin = context.clock->NowMicros();
    RETURN_IF_ERROR(work(session.get(), static_cast<uint64_t>(i < 0 ? 0 : i)));
    if (i >= 0) micros.Add(static_cast<double>(context.clock->NowMicros() - begin));
  }
  return micros;
}

}  // namespace tidemark::tools
