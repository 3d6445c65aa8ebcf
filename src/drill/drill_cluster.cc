// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_cluster.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "env/posix_file_system.h"
#include "rpc/listen_address.h"

namespace tidemark::drill {
namespace {

constexpr int64_t kOpenLimitMicros = 60 * kMicrosPerSecond;
constexpr useconds_t kPollMicros = 2000;
constexpr int kFirstPort = 10'000;  // below the ports that the system gives to clients
constexpr int kPortCount = 19'998;
constexpr int kPortTries = 50;
constexpr int64_t kObserverConnectMs = 100;
constexpr int64_t kObserverAnswerMs = 1000;
// Small and often, so that segments and snapshots come and go within a drill.
constexpr char kSegmentMb[] = "1";
constexpr char kSnapshotIntervalSec[] = "5";
constexpr char kSnapshotRetention[] = "2";
constexpr char kMemoryLimitMb[] = "1024";

}  // namespace

DrillCluster::DrillCluster(const DrillOptions& options) : options_(options) {
  nodes_.resize(static_cast<size_t>(options.workers) + 1);
}

DrillCluster::~DrillCluster() {
  if (nodes_[0].process != nullptr) KillAll();
}

std::vector<int> DrillCluster::AllNodes() const {
  std::vector<int> nodes;
  for (int node = 0; node < node_count(); ++node) nodes.push_back(node);
  return nodes;
}

void DrillCluster::KillAll() { Kill(AllNodes()); }

std::string DrillCluster::NameOf(int node) {
  return node == 0 ? "master" : absl::StrCat("worker-", node);
}

std::string DrillCluster::DirectoryOf(int node) const {
  return absl::StrCat(options_.data_dir, "/", NameOf(node));
}

absl::Status DrillCluster::MakeDisks() {
  for (int node = 0; node < node_count(); ++node) {
    absl::StatusOr<std::unique_ptr<host::PowerDisk>> disk =
        host::PowerDisk::Make(absl::StrCat(DirectoryOf(node), ".img"), DirectoryOf(node));
    if (!disk.ok()) {
      for (Node& made : nodes_) made.disk.reset();
      return disk.status();
    }
    nodes_[static_cast<size_t>(node)].disk = std::move(*disk);
  }
  return absl::OkStatus();
}

absl::Status DrillCluster::ChoosePorts() {
  for (int i = 0; i < kPortTries; ++i) {
    node_port_ = kFirstPort + (static_cast<int>(getpid()) * 3 + i * 3) % kPortCount;
    client_port_ = node_port_ + 1;
    bolt_port_ = node_port_ + 2;
    if (rpc::ProbeListenAddress(absl::StrCat("127.0.0.1:", node_port_)).ok() &&
        rpc::ProbeListenAddress(absl::StrCat("127.0.0.1:", client_port_)).ok() &&
        rpc::ProbeListenAddress(absl::StrCat("127.0.0.1:", bolt_port_)).ok()) {
      return absl::OkStatus();
    }
  }
  return absl::UnavailableError("no three free ports were found");
}

std::vector<std::string> DrillCluster::ArgsOf(int node) const {
  const std::string master = absl::StrCat("127.0.0.1:", node_port_);
  if (node != 0) {
    return {"worker", absl::StrCat("--data-dir=", DirectoryOf(node), "/data"),
            absl::StrCat("--node=", node), "--master=" + master, "--exit-with-parent"};
  }
  return {"master",
          absl::StrCat("--data-dir=", DirectoryOf(node), "/data"),
          absl::StrCat("--workers=", options_.workers),
          "--listen=" + master,
          absl::StrCat("--grpc-port=", client_port_),
          absl::StrCat("--bolt-port=", bolt_port_),
          absl::StrCat("--synchronous-commit=", options_.synchronous_commit ? "on" : "off"),
          "--recovery-point=" + options_.recovery_point,
          absl::StrCat("--wal-segment-mb=", kSegmentMb),
          absl::StrCat("--snapshot-interval-sec=", kSnapshotIntervalSec),
          absl::StrCat("--snapshot-retention=", kSnapshotRetention),
          absl::StrCat("--memory-limit-mb=", kMemoryLimitMb),
          "--exit-with-parent"};
}

absl::Status DrillCluster::Start() {
  env::PosixFileSystem files;
  RETURN_IF_ERROR(files.MakeDirectory(options_.data_dir + "/log"));
  RETURN_IF_ERROR(ChoosePorts());
  for (const int node : AllNodes()) {
    RETURN_IF_ERROR(files.MakeDirectory(DirectoryOf(node)));
    const std::string name = NameOf(node);
    nodes_[static_cast<size_t>(node)].process = std::make_unique<host::ChildProcess>(
        name, ArgsOf(node), absl::StrCat(options_.data_dir, "/log/", name, ".log"));
  }
  client::ClientOptions options;
  options.address = absl::StrCat("127.0.0.1:", client_port_);
  ASSIGN_OR_RETURN(client_, client::Client::Create(options));
  options.connect_timeout_ms = kObserverConnectMs;
  options.status_timeout_ms = kObserverAnswerMs;
  ASSIGN_OR_RETURN(observer_, client::Client::Create(options));
  RETURN_IF_ERROR(Restart(AllNodes()));
  return WaitUntilOpen().status();
}

absl::Status DrillCluster::Restart(const std::vector<int>& nodes) {
  for (const int number : nodes) {
    Node& node = nodes_[static_cast<size_t>(number)];
    if (node.process->running()) continue;
    RETURN_IF_ERROR(node.process->Start());
    node.pid = node.process->pid();
    node.must_live = true;
    if (number == 0) master_pid_ = node.pid;
  }
  return absl::OkStatus();
}

void DrillCluster::Kill(const std::vector<int>& nodes) {
  for (const int number : nodes) {
    Node& node = nodes_[static_cast<size_t>(number)];
    node.must_live = false;
    if (number == 0) master_pid_ = 0;  // soon somebody else's
    node.process->Signal(SIGKILL);
  }
  AwaitEnds(nodes);
}

void DrillCluster::GiveUp() {
  given_up_ = true;
  if (const pid_t pid = master_pid_; pid > 0) kill(pid, SIGKILL);
}

void DrillCluster::AwaitEnds(const std::vector<int>& nodes) {
  for (const int number : nodes) {
    Node& node = nodes_[static_cast<size_t>(number)];
    while (node.process->running()) {
      node.process->Poll();
      usleep(500);
    }
  }
}

void DrillCluster::Hang(const std::vector<int>& nodes) {
  for (const int node : nodes) nodes_[static_cast<size_t>(node)].process->Signal(SIGSTOP);
}

void DrillCluster::Wake(const std::vector<int>& nodes) {
  for (const int node : nodes) nodes_[static_cast<size_t>(node)].process->Signal(SIGCONT);
}

absl::Status DrillCluster::CutPower(const std::vector<int>& nodes, bool disk_first) {
  for (const int node : nodes) nodes_[static_cast<size_t>(node)].must_live = false;
  if (!disk_first) Kill(nodes);
  for (const int node : nodes) RETURN_IF_ERROR(nodes_[static_cast<size_t>(node)].disk->CutPower());
  if (disk_first) Kill(nodes);
  for (const int node : nodes) RETURN_IF_ERROR(nodes_[static_cast<size_t>(node)].disk->Remount());
  return absl::OkStatus();
}

bool DrillCluster::IsOpen(const api::StatusResponse& status) const {
  if (status.state() != "open" || status.workers_size() + 1 != node_count()) return false;
  if (static_cast<pid_t>(status.master().pid()) != nodes_[0].pid) return false;
  return std::all_of(
      status.workers().begin(), status.workers().end(), [this](const api::WorkerInfo& worker) {
        return worker.state() == "open" &&
               static_cast<pid_t>(worker.pid()) == nodes_[static_cast<size_t>(worker.id())].pid;
      });
}

absl::StatusOr<double> DrillCluster::WaitUntilOpen() {
  const int64_t begin = clock_.NowMicros();
  while (true) {
    const absl::StatusOr<api::StatusResponse> status = observer_->Status();
    const int64_t now = clock_.NowMicros();
    if (status.ok() && IsOpen(*status)) {
      Observe();
      return static_cast<double>(now - begin) / kMicrosPerSecond;
    }
    const bool surprised = !surprises_.empty();
    if (surprised || now - begin > kOpenLimitMicros) {
      const std::string why = surprised     ? "a process is gone"
                              : status.ok() ? absl::StrCat(status->state(), ": ", status->detail())
                                            : MessageOf(status.status());
      return absl::UnavailableError(absl::StrCat("the cluster is not open after ",
                                                 (now - begin) / kMicrosPerSecond, " s: ", why));
    }
    Observe();
    usleep(kPollMicros);
  }
}

void DrillCluster::Observe() {
  for (int number = 0; number < node_count(); ++number) {
    Node& node = nodes_[static_cast<size_t>(number)];
    const std::optional<host::ProcessEnd> end = node.process->Poll();
    if (end.has_value() && number == 0) master_pid_ = 0;
    if (!end.has_value() || !node.must_live || (number == 0 && given_up_)) continue;
    surprises_.push_back(absl::StrCat(NameOf(number), " ended by itself with ", end->ToString(),
                                      ":\n", node.process->LogTail()));
  }
  const absl::StatusOr<api::StatusResponse> status = observer_->Status();
  if (!status.ok() || status->state() != "open") return;
  Csn& watermark = watermarks_[Epoch(status->epoch())];
  watermark = std::max(watermark, Csn(status->watermark()));
  undone_[Epoch(status->epoch())] = status->undone_count();
}

uint64_t DrillCluster::undone_count() const {
  uint64_t count = 0;
  for (const auto& [epoch, undone] : undone_) count += undone;
  return count;
}

std::vector<std::string> DrillCluster::TakeSurprises() { return std::exchange(surprises_, {}); }

}  // namespace tidemark::drill
