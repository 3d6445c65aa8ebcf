// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/cluster_process.h"

#include <signal.h>

#include <filesystem>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::integration {

ClusterProcess::ClusterProcess(std::string command, std::string data_dir, int workers,
                               std::vector<std::string> flags)
    : command_(std::move(command)),
      data_dir_(std::move(data_dir)),
      workers_(workers),
      flags_(std::move(flags)) {}

ClusterProcess::~ClusterProcess() { KillEverything(); }

std::string ClusterProcess::address() const { return absl::StrCat("127.0.0.1:", client_port_); }

void ClusterProcess::Launch() {
  CHECK(process_ == nullptr);
  // The same ports after a restart, so that clients find the cluster again.
  if (node_port_ == 0) {
    node_port_ = FreePort();
    client_port_ = FreePort();
  }
  std::vector<std::string> args = {command_, "--data-dir=" + data_dir_,
                                   absl::StrCat("--workers=", workers_), "--no-bolt",
                                   absl::StrCat("--grpc-port=", client_port_)};
  if (command_ == "cluster") args.push_back(absl::StrCat("--listen=127.0.0.1:", node_port_));
  args.insert(args.end(), flags_.begin(), flags_.end());
  std::filesystem::create_directories(data_dir_);
  process_ = std::make_unique<Process>(args, absl::StrCat(data_dir_, ".", ++start_count_));
}

absl::Status ClusterProcess::LaunchWithClient() {
  Launch();
  if (client_ == nullptr) {
    client::ClientOptions options;
    options.address = address();
    ASSIGN_OR_RETURN(client_, client::Client::Create(options));
  }
  return absl::OkStatus();
}

absl::Status ClusterProcess::Start() {
  RETURN_IF_ERROR(LaunchWithClient());
  if (WaitUntilOpen()) return absl::OkStatus();
  return absl::UnavailableError("the cluster did not open:\n" + output());
}

std::optional<int> ClusterProcess::StartOrExit() {
  const absl::Status launched = LaunchWithClient();
  CHECK(launched.ok()) << launched;
  while (!WaitUntilOpen(200)) {
    const std::optional<int> code = process_->WaitForExit(0);
    if (!code.has_value()) continue;
    last_output_ = process_->output();
    process_ = nullptr;
    return code;
  }
  return std::nullopt;
}

bool ClusterProcess::WaitUntilOpen(int timeout_ms) {
  return client_->WaitUntilOpen(timeout_ms).ok();
}

int ClusterProcess::Stop() {
  process_->Signal(SIGTERM);
  return WaitForExit();
}

void ClusterProcess::SignalParent(int signal_number) { process_->Signal(signal_number); }

int ClusterProcess::WaitForExit() {
  const std::optional<int> code = process_->WaitForExit(90'000);
  last_output_ = process_->output();
  process_ = nullptr;
  return code.value_or(-1);
}

void ClusterProcess::KillEverything() {
  if (process_ == nullptr) return;
  // Until none is left: the supervisor may be starting a child between two looks.
  process_->Signal(SIGKILL);
  for (auto left = ProcessesWith(data_dir_); !left.empty(); left = ProcessesWith(data_dir_)) {
    for (const pid_t pid : left) kill(pid, SIGKILL);
    process_->WaitForExit(0);
    SleepMs(1);
  }
  WaitForExit();
}

void ClusterProcess::Signal(int node, int signal_number) {
  const std::string name =
      data_dir_ + (node == 0 ? std::string("/master") : absl::StrCat("/worker-", node));
  for (const pid_t pid : ProcessesWith("--data-dir=" + name)) kill(pid, signal_number);
}

ClusterProcess::Steps ClusterProcess::ReadSteps() {
  SleepMs(1'100);  // the next heartbeat
  Steps sum;
  const auto status = Status();
  if (!status.ok()) {
    sum.text = absl::StrCat("no status: ", MessageOf(status.status()), "\n");
    return sum;
  }
  const auto add = [&sum](const std::string& node, const api::StepInfo& steps) {
    sum.long_count += steps.over_1ms();
    std::string counts;
    for (const uint64_t count : steps.by_micros()) {
      sum.count += count;
      absl::StrAppend(&counts, " ", count);
    }
    absl::StrAppend(&sum.text, node, ": ", steps.over_1ms(), " steps over 1 ms of processor time");
    if (steps.over_1ms() > 0) {
      absl::StrAppend(&sum.text, ", at most ", steps.max_cpu_micros(), " us");
    }
    absl::StrAppend(&sum.text, "; below 1, 2, 4 ... us of wall time:", counts, "\n");
  };
  add("master", status->master().steps());
  for (const api::WorkerInfo& worker : status->workers()) {
    add(absl::StrCat("worker ", worker.id()), worker.steps());
  }
  return sum;
}

std::string ClusterProcess::output() const {
  return process_ == nullptr ? last_output_ : process_->output();
}

}  // namespace tidemark::integration
