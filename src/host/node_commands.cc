// SPDX-License-Identifier: Apache-2.0
#include "host/node_commands.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/status.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "env/event_loop.h"
#include "env/posix_clock.h"
#include "env/posix_executor.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "env/process_limits.h"
#include "host/master_host.h"
#include "host/node_options.h"
#include "host/stop_guard.h"
#include "host/stop_signal.h"
#include "host/value_disposal.h"
#include "net/asio_loop.h"
#include "rpc/credentials.h"
#include "rpc/grpc_transport.h"
#include "rpc/memory_transport.h"
#include "worker/worker_node.h"

namespace tidemark::host {
namespace {

// A master, whose stop has limits of its own, and what is to be done after it.
constexpr int64_t kMasterStopLimitMs = 3'000;
constexpr int64_t kWorkerStopLimitMs = 4'500;
constexpr int kParentCheckMs = 500;
constexpr char kMemoryAddress[] = "master";

// The seams of one node on a loop.
struct NodeEnv {
  NodeEnv(env::EventLoop* loop, env::PosixClock* clock, const std::string& name)
      : executor(loop, name) {
    env = {clock, &random, &files, &executor};
  }
  env::PosixRandom random;
  env::PosixFileSystem files;
  env::PosixExecutor executor;
  env::Env env;
};

// A worker in this process.
class WorkerHost {
 public:
  WorkerHost(const env::Env& env, const worker::WorkerOptions& options, rpc::Transport* transport,
             StopSignal* signal)
      : env_(env),
        signal_(signal),
        node_(env, options, transport, [this](const absl::Status& status) {
          {
            const std::lock_guard<std::mutex> lock(mutex_);
            exit_status_ = status;
          }
          signal_->Wake();
        }) {}

  void Start() {
    env_.executor->Post([this] { node_.Start(); });
  }
  void Stop() {
    env_.executor->Post([this] { node_.Leave(); });
  }
  std::optional<absl::Status> exit_status() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return exit_status_;
  }

 private:
  const env::Env env_;
  StopSignal* const signal_;
  std::mutex mutex_;
  std::optional<absl::Status> exit_status_;  // guarded by mutex_
  worker::WorkerNode node_;
};

// Waits until `ended` is true. When the signal comes, or when the parent is gone and that matters,
// calls `stop`, once; asked a second time it waits no longer. From then on the guard watches.
void WaitForEnd(const StopWatch& watch, bool exit_with_parent, const std::function<bool()>& ended,
                const std::function<void()>& stop) {
  const pid_t parent = getppid();
  bool stopping = false;
  while (!ended()) {
    const StopSignal::Event event = watch.signal->Wait(kParentCheckMs);
    const bool orphaned = exit_with_parent && getppid() != parent && !stopping;
    if (event != StopSignal::Event::kStop && !orphaned) continue;
    watch.guard->Extend();
    if (stopping) return;
    stopping = true;
    stop();
  }
  watch.guard->Extend();
}

absl::Status MasterMain(const NodeOptions& options) {
  ASSIGN_OR_RETURN(const std::string secret, ReadClusterSecret(options));
  StopSignal signal;
  DisposeOfLargeValuesInBackground();
  StopGuard guard("master", kMasterStopLimitMs);
  rpc::QuietGrpcLog();
  env::PosixClock clock;
  net::AsioLoop asio;
  env::EventLoop loop(&clock, "master", env::EventLoop::kNoSpinMicros, &asio);
  NodeEnv node(&loop, &clock, "master");
  rpc::GrpcServerTransport transport(node.env,
                                     {options.listen, options.tls, options.insecure_public});
  MasterHost host(node.env, options, secret, &transport, {&signal, &guard});
  RETURN_IF_ERROR(host.Listen(&asio));
  loop.Start();
  absl::Status status = host.Start();
  if (status.ok()) {
    WaitForEnd(
        {&signal, &guard}, options.exit_with_parent, [&] { return host.has_exited(); },
        [&] { host.Shutdown(); });
    status = host.exit_status();
  } else {
    host.exit_status().IgnoreError();
    if (absl::IsCancelled(status)) status = absl::OkStatus();
  }
  loop.Stop();
  return status;
}

absl::Status WorkerMain(const NodeOptions& options) {
  ASSIGN_OR_RETURN(const std::string secret, ReadClusterSecret(options));
  StopSignal signal;
  DisposeOfLargeValuesInBackground();
  StopGuard guard("worker", kWorkerStopLimitMs);
  guard.NothingIsLost();
  rpc::QuietGrpcLog();
  env::PosixClock clock;
  env::EventLoop loop(&clock, "worker");
  NodeEnv node(&loop, &clock, "worker");
  rpc::GrpcClientTransport transport(node.env, {options.master, options.tls});
  WorkerHost host(node.env, MakeWorkerOptions(options, secret), &transport, &signal);
  loop.Start();
  host.Start();
  // Without its supervisor a worker goes on as long as it has a master: that one stops it cleanly.
  WaitForEnd(
      {&signal, &guard}, options.exit_with_parent, [&] { return host.exit_status().has_value(); },
      [&] { host.Stop(); });
  loop.Stop();
  return host.exit_status().value_or(absl::OkStatus());
}

// A message between loops of one thread costs a tenth of one between two threads, so more threads
// pay only where cores are left for the jobs and sockets beside them.
int ThreadCount(const NodeOptions& options) {
  if (options.threads > 0) return static_cast<int>(std::min(options.threads, options.workers + 1));
  const auto cores = static_cast<int64_t>(sysconf(_SC_NPROCESSORS_ONLN));
  return static_cast<int>(std::clamp<int64_t>(cores / 2, 1, options.workers));
}

// All nodes of a cluster in one process, their loops spread over some threads.
class ServerProcess {
 public:
  ServerProcess(const NodeOptions& options, const std::string& secret, const StopWatch& watch)
      : options_(options), watch_(watch) {
    const int thread_count = ThreadCount(options);
    const int64_t spin_micros =
        thread_count == 1 ? env::EventLoop::kNoSpinMicros : env::EventLoop::kShortSpinMicros;
    for (int i = 0; i < thread_count; ++i) {
      // The sockets of clients are where the master is.
      loops_.push_back(std::make_unique<env::EventLoop>(&clock_, "loop-" + std::to_string(i),
                                                        spin_micros, i == 0 ? &asio_ : nullptr));
    }
    NodeOptions master = options;
    master.data_dir = options.data_dir + "/master";
    master_env_ = std::make_unique<NodeEnv>(loops_[0].get(), &clock_, "master");
    master_transport_ = hub_.MakeServer(master_env_->env, kMemoryAddress);
    master_ = std::make_unique<MasterHost>(master_env_->env, master, secret,
                                           master_transport_.get(), watch);
    for (int64_t i = 1; i <= options.workers; ++i) AddWorker(i, secret);
  }

  absl::Status Run() {
    RETURN_IF_ERROR(master_->Listen(&asio_));
    for (const auto& loop : loops_) loop->Start();
    absl::Status status = master_->Start();
    if (status.ok()) {
      for (const Worker& worker : workers_) worker.host->Start();
      WaitForEnd(
          watch_, false, [this] { return HasEnded(); }, [this] { master_->Shutdown(); });
      status = WorkerError();
      if (status.ok()) status = master_->exit_status();
    } else if (absl::IsCancelled(status)) {
      status = absl::OkStatus();
    }
    master_->exit_status().IgnoreError();
    for (const auto& loop : loops_) loop->Stop();
    return status;
  }

 private:
  struct Worker {
    std::unique_ptr<NodeEnv> env;
    std::unique_ptr<rpc::Transport> transport;
    std::unique_ptr<WorkerHost> host;
  };

  void AddWorker(int64_t number, const std::string& secret) {
    const std::string name = "worker-" + std::to_string(number);
    NodeOptions options = options_;
    options.data_dir = options_.data_dir + "/" + name;
    options.node = number;
    Worker worker;
    env::EventLoop* loop = loops_[static_cast<size_t>(number) % loops_.size()].get();
    worker.env = std::make_unique<NodeEnv>(loop, &clock_, name);
    worker.transport = hub_.MakeClient(worker.env->env, kMemoryAddress);
    worker::WorkerOptions worker_options = MakeWorkerOptions(options, secret);
    worker_options.default_memory_limit_bytes = DefaultMemoryLimitBytes(options_.workers);
    worker.host = std::make_unique<WorkerHost>(worker.env->env, worker_options,
                                               worker.transport.get(), watch_.signal);
    workers_.push_back(std::move(worker));
  }

  absl::Status WorkerError() {
    for (const Worker& worker : workers_) {
      const std::optional<absl::Status> status = worker.host->exit_status();
      if (status.has_value() && !status->ok()) return *status;
    }
    return absl::OkStatus();
  }

  bool HasEnded() {
    if (!WorkerError().ok()) return true;
    if (!master_->has_exited()) return false;
    // A worker that the master did not reach hears nothing from it.
    if (!std::exchange(workers_told_, true)) {
      for (const Worker& worker : workers_) worker.host->Stop();
    }
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const Worker& worker) { return worker.host->exit_status().has_value(); });
  }

  const NodeOptions options_;
  const StopWatch watch_;
  bool workers_told_ = false;
  env::PosixClock clock_;
  net::AsioLoop asio_;
  rpc::MemoryHub hub_;
  std::vector<std::unique_ptr<env::EventLoop>> loops_;
  std::unique_ptr<NodeEnv> master_env_;
  std::unique_ptr<rpc::Transport> master_transport_;
  std::unique_ptr<MasterHost> master_;
  std::vector<Worker> workers_;
};

absl::Status ServerMain(const NodeOptions& options) {
  ASSIGN_OR_RETURN(const std::string secret, ReadClusterSecret(options));
  StopSignal signal;
  DisposeOfLargeValuesInBackground();
  StopGuard guard("server", kMasterStopLimitMs);
  rpc::QuietGrpcLog();
  ServerProcess process(options, secret, {&signal, &guard});
  return process.Run();
}

int RunNode(const char* command, const NodeFlags& which, cli::FlagSet* flags, NodeOptions* options,
            const std::vector<std::string>& args) {
  AddNodeFlags(which, flags, options);
  if (const std::optional<int> code = cli::ParseCommandLine(command, args, flags)) return *code;
  env::RaiseDescriptorLimit();
  absl::Status status = CheckNodeOptions(which, *options);
  if (status.ok() && which.one_process) {
    status = ServerMain(*options);
  } else if (status.ok()) {
    status = which.master ? MasterMain(*options) : WorkerMain(*options);
  }
  return cli::ReportAndExitCode(command, status);
}

}  // namespace

int RunMaster(const std::vector<std::string>& args) {
  NodeOptions options;
  cli::FlagSet flags(
      "master", "--data-dir=D --workers=N [flags]",
      "Runs the master of a cluster: it coordinates transactions, writes the watermark\n"
      "and serves clients. It takes work when all its workers have joined.");
  NodeFlags which;
  which.master = which.listens = true;
  return RunNode("master", which, &flags, &options, args);
}

int RunWorker(const std::vector<std::string>& args) {
  NodeOptions options;
  cli::FlagSet flags(
      "worker", "--data-dir=D --master=HOST:PORT [flags]",
      "Runs one worker of a cluster: it keeps its part of the graph in memory and logs\n"
      "its changes. Settings of durability and memory come from the master.");
  NodeFlags which;
  which.worker = true;
  return RunNode("worker", which, &flags, &options, args);
}

int RunServer(const std::vector<std::string>& args) {
  NodeOptions options;
  options.workers = 1;
  cli::FlagSet flags(
      "server", "--data-dir=D [--workers=N] [flags]",
      "Runs a master and its workers in one process, joined in memory: the fastest\n"
      "choice for one machine. The data directory is the same as that of `cluster`.");
  NodeFlags which;
  which.master = which.one_process = true;
  return RunNode("server", which, &flags, &options, args);
}

}  // namespace tidemark::host
