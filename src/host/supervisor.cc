// SPDX-License-Identifier: Apache-2.0
#include "host/supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/status.h"
#include "base/time_units.h"
#include "cli/exit_code.h"
#include "env/posix_clock.h"
#include "env/posix_file_system.h"
#include "rpc/listen_address.h"

namespace tidemark::host {
namespace {

constexpr int kPollMs = 50;
constexpr int64_t kHealthIntervalMicros = 500 * kMicrosPerMs;
constexpr int64_t kHealthTimeoutMs = 1000;
constexpr int64_t kSilenceLimitMicros = 5000 * kMicrosPerMs;
constexpr int64_t kFirstRestartDelayMicros = 100 * kMicrosPerMs;
constexpr int64_t kMaxRestartDelayMicros = 5000 * kMicrosPerMs;
// A process that lived this long is started again without delay.
constexpr int64_t kStableMicros = 10'000 * kMicrosPerMs;
// A worker that only an operator can help is tried again from time to time: he need not stop the
// others for it.
constexpr int64_t kRefusedRestartDelayMicros = 60'000 * kMicrosPerMs;
constexpr int64_t kStopLimitMicros = 5'000 * kMicrosPerMs;
// A master that still answers while it stops gets so much more.
constexpr int64_t kStopAnswerMicros = 3'000 * kMicrosPerMs;
constexpr int64_t kStopNoticeMicros = 2'000 * kMicrosPerMs;
constexpr int kSpawnFailedCode = 127;

// An end after which starting again would only fail again.
bool IsPermanent(const ProcessEnd& end) {
  return !end.by_signal && (end.code == kExitUsage || end.code == kExitRefused ||
                            end.code == kExitDamaged || end.code == kSpawnFailedCode);
}

}  // namespace

Supervisor::Supervisor(const NodeOptions& options, StopSignal* signal)
    : options_(options), signal_(signal), clock_(std::make_unique<env::PosixClock>()) {}

Supervisor::~Supervisor() { KillAll(); }

std::vector<std::string> Supervisor::SecurityArgs() const {
  std::vector<std::string> args;
  if (options_.tls.enabled()) {
    args.push_back("--tls-ca=" + options_.tls.ca_file);
    args.push_back("--tls-cert=" + options_.tls.cert_file);
    args.push_back("--tls-key=" + options_.tls.key_file);
  }
  if (!options_.cluster_secret_file.empty()) {
    args.push_back("--cluster-secret-file=" + options_.cluster_secret_file);
  }
  return args;
}

std::vector<std::string> Supervisor::MasterArgs() const {
  const NodeOptions& o = options_;
  const auto on_off = [](bool value) { return value ? "on" : "off"; };
  const int64_t memory_limit_mb =
      o.memory_limit_mb > 0 ? o.memory_limit_mb
                            : static_cast<int64_t>(DefaultMemoryLimitBytes(o.workers) >> 20);
  std::vector<std::string> args = {
      "master",
      absl::StrCat("--data-dir=", o.data_dir, "/master"),
      absl::StrCat("--workers=", o.workers),
      absl::StrCat("--listen=", o.listen),
      absl::StrCat("--host=", o.host),
      absl::StrCat("--grpc-port=", o.grpc_port),
      absl::StrCat("--bolt=", on_off(o.bolt)),
      absl::StrCat("--bolt-port=", o.bolt_port),
      absl::StrCat("--bolt-advertised-address=", o.bolt_advertised_address),
      absl::StrCat("--auth-user=", o.auth_user),
      absl::StrCat("--auth-password-file=", o.auth_password_file),
      absl::StrCat("--synchronous-commit=", on_off(o.synchronous_commit)),
      absl::StrCat("--wal-flush-interval-ms=", o.wal_flush_interval_ms),
      absl::StrCat("--snapshot-interval-sec=", o.snapshot_interval_sec),
      absl::StrCat("--snapshot-retention=", o.snapshot_retention),
      absl::StrCat("--snapshot-on-exit=", on_off(o.snapshot_on_exit)),
      absl::StrCat("--wal=", on_off(o.wal)),
      absl::StrCat("--recovery-point=", o.recovery_point),
      absl::StrCat("--wal-segment-mb=", o.wal_segment_mb),
      absl::StrCat("--memory-limit-mb=", memory_limit_mb),
      absl::StrCat("--client-memory-mb=", o.client_memory_mb),
      absl::StrCat("--transaction-timeout-sec=", o.transaction_timeout_sec),
      absl::StrCat("--idle-timeout-sec=", o.idle_timeout_sec),
      absl::StrCat("--insecure-public=", on_off(o.insecure_public)),
      "--exit-with-parent"};
  const std::vector<std::string> security = SecurityArgs();
  args.insert(args.end(), security.begin(), security.end());
  return args;
}

std::vector<std::string> Supervisor::WorkerArgs(int64_t number) const {
  std::vector<std::string> args = {
      "worker", absl::StrCat("--data-dir=", options_.data_dir, "/worker-", number),
      absl::StrCat("--node=", number), absl::StrCat("--master=", options_.listen),
      "--exit-with-parent"};
  const std::vector<std::string> security = SecurityArgs();
  args.insert(args.end(), security.begin(), security.end());
  return args;
}

void Supervisor::AddChild(const std::string& name, std::vector<std::string> args) {
  Child child;
  child.process = std::make_unique<ChildProcess>(
      name, std::move(args), absl::StrCat(options_.data_dir, "/log/", name, ".log"));
  children_.push_back(std::move(child));
}

absl::Status Supervisor::Start() {
  env::PosixFileSystem files;
  RETURN_IF_ERROR(files.MakeDirectory(options_.data_dir + "/log"));
  client::ClientOptions client_options;
  client_options.address = rpc::JoinHostPort(options_.host, options_.grpc_port);
  client_options.tls = options_.tls;
  client_options.connect_timeout_ms = kPollMs;
  client_options.status_timeout_ms = kHealthTimeoutMs;
  ASSIGN_OR_RETURN(client_, client::Client::Create(client_options));
  AddChild("master", MasterArgs());
  for (int64_t i = 1; i <= options_.workers; ++i) {
    AddChild(absl::StrCat("worker-", i), WorkerArgs(i));
  }
  for (Child& child : children_) RETURN_IF_ERROR(StartChild(&child));
  return absl::OkStatus();
}

absl::Status Supervisor::StartChild(Child* child) {
  child->restart_at_micros = 0;
  child->silent_since_micros = 0;
  child->heard = false;
  child->started_micros = clock_->NowMicros();
  return child->process->Start();
}

int Supervisor::Run() {
  while (true) {
    if (signal_->Wait(kPollMs) == StopSignal::Event::kStop) return StopAll();
    if (const int code = CheckChildren(); code != kExitOk) {
      StopAll();
      return code;
    }
    StartWaiting();
    CheckHealth();
  }
}

int Supervisor::CheckChildren() {
  for (Child& child : children_) {
    const std::optional<ProcessEnd> end = child.process->Poll();
    if (!end.has_value()) continue;
    if (const int code = OnChildEnd(&child, *end); code != kExitOk) return code;
  }
  return kExitOk;
}

int Supervisor::OnChildEnd(Child* child, const ProcessEnd& end) {
  const ChildProcess& process = *child->process;
  // Before the cluster was ready for the first time there is nobody whom a restart would help.
  const bool first_start_failed = !ready_ && !end.by_signal;
  const bool is_master = child == &children_[0];
  if (first_start_failed || (IsPermanent(end) && is_master)) {
    std::fprintf(stderr, "tidemark cluster: %s ended with %s:\n%s", process.name().c_str(),
                 end.ToString().c_str(), process.LogTail().c_str());
    return end.code == kExitOk ? kExitInternal : end.code;
  }
  if (IsPermanent(end)) {
    child->restart_at_micros = clock_->NowMicros() + kRefusedRestartDelayMicros;
    std::fprintf(stderr,
                 "tidemark cluster: %s ended with %s; the cluster is closed until it is repaired, "
                 "it is tried again every %lld s:\n%s",
                 process.name().c_str(), end.ToString().c_str(),
                 static_cast<long long>(kRefusedRestartDelayMicros / (1000 * kMicrosPerMs)),
                 process.LogTail().c_str());
    return kExitOk;
  }
  const int64_t now = clock_->NowMicros();
  if (now - child->started_micros > kStableMicros) child->restart_delay_micros = 0;
  child->restart_at_micros = now + child->restart_delay_micros;
  std::fprintf(stderr, "tidemark cluster: %s ended with %s; it is started again (log: %s)\n",
               process.name().c_str(), end.ToString().c_str(), process.log_path().c_str());
  child->restart_delay_micros =
      std::clamp(child->restart_delay_micros * 2, kFirstRestartDelayMicros, kMaxRestartDelayMicros);
  return kExitOk;
}

void Supervisor::StartWaiting() {
  const int64_t now = clock_->NowMicros();
  for (Child& child : children_) {
    if (child.process->running() || child.restart_at_micros > now) continue;
    const absl::Status status = StartChild(&child);
    if (status.ok()) continue;
    std::fprintf(stderr, "tidemark cluster: %s\n", MessageOf(status).c_str());
    child.restart_at_micros = now + kMaxRestartDelayMicros;
  }
}

void Supervisor::CheckHealth() {
  const int64_t now = clock_->NowMicros();
  if (now < next_health_micros_ || !children_[0].process->running()) return;
  const absl::StatusOr<api::StatusResponse> status = client_->Status();
  // Until the cluster is ready its line is waited for closely.
  next_health_micros_ = clock_->NowMicros() + (ready_ ? kHealthIntervalMicros : 0);
  children_[0].heard |= status.ok();
  CheckSilent(&children_[0], ready_ && !status.ok(), "does not answer");
  if (!status.ok()) return;
  if (!ready_ && status->state() == "open") {
    ready_ = true;
    if (options_.bolt) {
      std::printf("ready %s://%s\n", options_.tls.enabled() ? "bolt+s" : "bolt",
                  rpc::JoinHostPort(options_.host, options_.bolt_port).c_str());
    }
    std::printf("ready grpc://%s\n", rpc::JoinHostPort(options_.host, options_.grpc_port).c_str());
    std::fflush(stdout);
  }
  for (const api::WorkerInfo& worker : status->workers()) {
    if (worker.id() >= children_.size()) continue;
    Child* const child = &children_[worker.id()];
    const bool absent = worker.state() == "absent";
    child->heard |= !absent;
    CheckSilent(child, ready_ && absent, "is not heard by the master");
  }
}

// A process that runs but is silent for the limit is killed; it is started again by its end.
void Supervisor::CheckSilent(Child* child, bool silent, const char* why) {
  const int64_t now = clock_->NowMicros();
  if (!silent || !child->process->running()) {
    child->silent_since_micros = 0;
    return;
  }
  if (child->silent_since_micros == 0) child->silent_since_micros = now;
  if (!child->heard) {
    const uint64_t read_bytes = child->process->ReadBytes();
    if (std::exchange(child->read_bytes, read_bytes) != read_bytes) {
      child->silent_since_micros = now;
    }
  }
  const int64_t since = std::max(child->silent_since_micros, child->started_micros);
  if (now - since < kSilenceLimitMicros) return;
  std::fprintf(stderr, "tidemark cluster: %s %s for %lld s; it is killed\n",
               child->process->name().c_str(), why,
               static_cast<long long>(kSilenceLimitMicros / (1000 * kMicrosPerMs)));
  child->silent_since_micros = 0;
  child->process->Signal(SIGKILL);
}

int Supervisor::StopAll() {
  children_[0].process->Signal(SIGTERM);
  int64_t deadline_micros = clock_->NowMicros() + kStopLimitMicros;
  next_stop_notice_micros_ = clock_->NowMicros() + kStopNoticeMicros;
  bool master_gone_told = false;
  bool failed = false;
  while (AnyRunning()) {
    const bool asked_again = signal_->Wait(kPollMs) == StopSignal::Event::kStop;
    failed |= CollectEnds();
    FollowStop(&deadline_micros);
    if (asked_again || clock_->NowMicros() > deadline_micros) {
      KillAll();
      return kExitInternal;
    }
    // A worker that was not connected when the master stopped hears nothing from it.
    if (!children_[0].process->running() && !master_gone_told) {
      master_gone_told = true;
      for (const Child& child : children_) child.process->Signal(SIGTERM);
    }
  }
  return failed ? kExitInternal : kExitOk;
}

bool Supervisor::CollectEnds() {
  bool failed = false;
  for (Child& child : children_) {
    const std::optional<ProcessEnd> end = child.process->Poll();
    if (!end.has_value() || (!end->by_signal && end->code == kExitOk)) continue;
    // It had just been started and knew nothing of signals yet, so it had nothing to end either.
    if (end->by_signal && end->code == SIGTERM) continue;
    failed = true;
    std::fprintf(stderr, "tidemark cluster: %s ended with %s while stopping\n",
                 child.process->name().c_str(), end->ToString().c_str());
  }
  return failed;
}

// Without a snapshot a master does not answer for longer than the limit of its own stop.
void Supervisor::FollowStop(int64_t* deadline_micros) {
  const int64_t now = clock_->NowMicros();
  if (now < next_health_micros_ || !children_[0].process->running()) return;
  next_health_micros_ = now + kHealthIntervalMicros;
  const absl::StatusOr<api::StatusResponse> status = client_->Status();
  if (!status.ok() || status->state() != "stopping") return;
  *deadline_micros = std::max(*deadline_micros, clock_->NowMicros() + kStopAnswerMicros);
  if (now < next_stop_notice_micros_) return;
  next_stop_notice_micros_ = now + kStopNoticeMicros;
  std::fprintf(stderr, "tidemark cluster: %s\n", status->detail().c_str());
}

void Supervisor::KillAll() {
  for (const Child& child : children_) {
    if (!child.process->running()) continue;
    std::fprintf(stderr, "tidemark cluster: %s still runs; it is killed\n",
                 child.process->name().c_str());
    child.process->Signal(SIGKILL);
  }
  while (AnyRunning()) {
    for (Child& child : children_) child.process->Poll();
    usleep(1000);
  }
}

bool Supervisor::AnyRunning() {
  return std::any_of(children_.begin(), children_.end(),
                     [](const Child& child) { return child.process->running(); });
}

}  // namespace tidemark::host
