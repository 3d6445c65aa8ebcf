// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "base/check.h"
#include "base/status.h"

namespace tidemark::sim {
namespace {

// Files of rounds under way, and of those that an epoch or a crash has ended, until the next
// Retain.
constexpr int64_t kMostLooseSnapshots = 6;
constexpr uint64_t kNodeStream = 0x6e6f6465;
constexpr size_t kMaxViolationCount = 20;
constexpr char kKilled[] = "killed";
constexpr int64_t kStopLimitMicros = 5'000'000;
constexpr int64_t kStopStepMicros = 20'000;
// A node has noticed by then that its disk does not answer, and the master had so many turns to
// hear of it.
constexpr int64_t kMaxDiskSilenceMicros = 6'000'000;
constexpr uint64_t kMaxSilentTurnCount = 200;

std::shared_ptr<Process> MakeProcess(NodeId node, uint64_t boot) {
  auto process = std::make_shared<Process>();
  process->node = node;
  process->boot = boot;
  return process;
}

}  // namespace

SimCluster::Run::Run(SimCluster* owner, NodeId node, uint64_t boot)
    : cluster(owner),
      process(MakeProcess(node, boot)),
      clock(owner->scheduler_, owner->RandomClock(node, boot)),
      random(owner->seed_, kNodeStream + node.value() * 4096 + boot),
      files(owner->scheduler_, owner->machines_.at(node).disk.get(), process),
      executor(owner->scheduler_, process, &clock, owner->machines_.at(node).disk.get(),
               owner->seed_) {
  process->on_death = [owner, node, boot] {
    owner->scheduler_->After(0, [owner, node, boot] { owner->Destroy(node, boot); });
  };
}

SimCluster::SimCluster(Scheduler* scheduler, const ClusterOptions& options, uint64_t seed)
    : scheduler_(scheduler), options_(options), seed_(seed), network_(scheduler, seed) {
  for (uint32_t i = 0; i <= options.worker_count; ++i) {
    Machine& machine = machines_[NodeId(i)];
    machine.disk = std::make_unique<SimDisk>(seed, i);
  }
  network_.SetObserver(
      [this](NodeId from, NodeId to, const wire::Frame& frame) { NoteFrame(from, to, frame); });
}

SimCluster::~SimCluster() {
  on_death_ = nullptr;
  on_open_ = nullptr;
  for (auto& [node, machine] : machines_) {
    if (machine.run == nullptr) continue;
    machine.run->process->on_death = nullptr;
    machine.run->process->alive = false;
    if (node == kMasterNode) {
      for (SimClient* client : clients_) client->OnMasterGone();
    }
    machine.run.reset();
  }
}

std::vector<NodeId> SimCluster::nodes() const {
  std::vector<NodeId> out;
  for (const auto& [node, machine] : machines_) out.push_back(node);
  return out;
}

std::string SimCluster::DirectoryOf(NodeId node) const {
  return node == kMasterNode ? "master" : absl::StrCat("worker-", node.value());
}

SimClock::Options SimCluster::RandomClock(NodeId node, uint64_t boot) {
  SimRandom random(seed_, kNodeStream * 2 + node.value() * 4096 + boot);
  SimClock::Options options;
  options.start_micros = random.Between(0, 1'000'000'000);
  options.drift_ppm = random.Between(-500, 500);
  options.wall_start_micros = random.Between(0, 2'000'000'000'000'000);
  return options;
}

void SimCluster::Start(NodeId node) {
  Machine& machine = machines_.at(node);
  if (machine.run != nullptr) return;
  scheduler_->trace().Add(node.value(), "start", machine.boot_count + 1);
  machine.run = std::make_unique<Run>(this, node, ++machine.boot_count);
  Run* run = machine.run.get();
  run->executor.SetAfterTurn([this, run] { AfterTurn(run); });
  const env::Env env{&run->clock, &run->random, &run->files, &run->executor};
  if (node == kMasterNode) {
    run->executor.options().job_slowdown = options_.master_job_slowdown;
    run->transport = network_.MakeServer(run->process, &run->executor);
    master::MasterOptions options;
    options.data_directory = DirectoryOf(node);
    options.worker_count = options_.worker_count;
    options.coordinator = options_.coordinator;
    options.snapshot_on_exit = options_.snapshot_on_exit;
    options.log_growth_bytes = options_.log_growth_bytes;
    run->master = std::make_unique<master::MasterNode>(env, options, run->transport.get(), run);
    run->executor.Post([run] { run->master->Start(); });
  } else {
    run->transport = network_.MakeClient(run->process, &run->executor, kMasterNode);
    worker::WorkerOptions options;
    options.data_directory = DirectoryOf(node);
    options.wanted_node = node;
    options.credential = options_.coordinator.credential;
    options.tx_part_bytes = options_.tx_part_bytes;
    run->worker = std::make_unique<worker::WorkerNode>(
        env, options, run->transport.get(),
        [run](const absl::Status& status) { run->OnExit(status); });
    run->executor.Post([run] { run->worker->Start(); });
  }
}

void SimCluster::Run::OnExit(const absl::Status& status) {
  accepts_clients = false;
  // A start that failed because of the disk may be tried again; everything else is a refusal.
  const bool disk = absl::IsUnavailable(status);
  if (!status.ok() && !disk && !cluster->refusals_expected_) {
    cluster->Report(absl::StrCat("node ", process->node.value(), " ended: ", status.ToString()));
  }
  if (master != nullptr && status.ok() && cluster->on_clean_stop_) {
    cluster->on_clean_stop_(process->boot);
  }
  process->Kill("ended: " + status.ToString());
}

void SimCluster::Run::OnStateChange(txn::ClusterState state) {
  cluster->scheduler_->trace().Add(0, "state", static_cast<uint64_t>(state));
  if (state != txn::ClusterState::kOpen) return;
  ++cluster->recovery_count_;
  cluster->CheckSchemas(master->coordinator()->log());
  if (cluster->on_open_) cluster->on_open_();
}

void SimCluster::Stop(NodeId node, Death death) {
  Machine& machine = machines_.at(node);
  if (machine.run != nullptr && machine.run->process->alive) {
    machine.run->death = death;
    machine.run->process->Kill(death == Death::kKill ? kKilled : "power lost");
  }
  if (death == Death::kPowerLoss) {
    scheduler_->trace().Add(node.value(), "power loss");
    machine.disk->LosePower();
  }
}

void SimCluster::StopCleanly() {
  const auto stop = std::make_shared<CleanStop>();
  stop->deadline_micros = scheduler_->now_micros() + kStopLimitMicros;
  for (const auto& [node, machine] : machines_) {
    if (machine.run != nullptr) stop->boots[node] = machine.run->process->boot;
  }
  if (stop->boots.contains(kMasterNode)) {
    Run* run = machines_.at(kMasterNode).run.get();
    run->executor.Post([run] { run->master->Shutdown(); });
  }
  FollowStop(stop);
}

void SimCluster::FollowStop(const std::shared_ptr<CleanStop>& stop) {
  std::erase_if(stop->boots, [this](const auto& entry) {
    const Run* run = machines_.at(entry.first).run.get();
    return run == nullptr || run->process->boot != entry.second;
  });
  if (stop->boots.empty()) return;
  if (!stop->boots.contains(kMasterNode) && !std::exchange(stop->workers_told, true)) {
    for (const auto& [node, boot] : stop->boots) {
      Run* run = machines_.at(node).run.get();
      run->executor.Post([run] { run->worker->Leave(); });
    }
  }
  const MasterAccess access = AccessMaster();
  if (access.node != nullptr && stop->boots.contains(kMasterNode) &&
      access.node->coordinator()->IsWritingSnapshot()) {
    stop->deadline_micros = scheduler_->now_micros() + kStopLimitMicros;
  }
  if (scheduler_->now_micros() > stop->deadline_micros) return EndStop(stop.get());
  scheduler_->After(kStopStepMicros, [this, stop] { FollowStop(stop); });
}

// A master that hangs stops nobody.
void SimCluster::EndStop(CleanStop* stop) {
  const auto has_hung = [this](NodeId node) {
    const Run* run = machines_.at(node).run.get();
    return run != nullptr && run->executor.has_hung();
  };
  const bool master_has_hung = stop->boots.contains(kMasterNode) && has_hung(kMasterNode);
  for (const auto& [node, boot] : stop->boots) {
    Run* run = machines_.at(node).run.get();
    if (run == nullptr) continue;
    if (!master_has_hung && !has_hung(node)) {
      Report(absl::StrCat("node ", node.value(), " has not ended ", kStopLimitMicros / 1'000'000,
                          " s after it was asked to stop"));
    }
    Stop(node, Death::kKill);
  }
}

void SimCluster::Destroy(NodeId node, uint64_t boot) {
  Machine& machine = machines_.at(node);
  if (machine.run == nullptr || machine.run->process->boot != boot) return;
  scheduler_->trace().AddText(node.value(), "down", machine.run->process->death_reason);
  if (node == kMasterNode) {
    machine.run->accepts_clients = false;
    for (SimClient* client : clients_) client->OnMasterGone();
  }
  const std::string reason = machine.run->process->death_reason;
  if (refusals_expected_ && reason != kKilled) ++refusal_count_;
  // A full disk is a state of a node, never its end.
  if (absl::StrContains(reason, ToAbsl(kNoSpace)) || absl::StrContains(reason, " is full: ")) {
    Report(absl::StrCat("node ", node.value(), " ended because its disk is full: ", reason));
  }
  network_.ProcessDied(*machine.run->process, machine.run->death == Death::kPowerLoss);
  machine.run.reset();
  // What was planned for this run does not hit the next one.
  machine.disk->faults().crash_countdown = 0;
  machine.disk->faults().crash = nullptr;
  if (on_death_) on_death_(node, reason);
}

void SimCluster::JumpWall(NodeId node, int64_t micros) {
  Run* run = machines_.at(node).run.get();
  if (run != nullptr) run->clock.JumpWall(micros);
}

MasterAccess SimCluster::AccessMaster() const {
  Run* run = machines_.at(kMasterNode).run.get();
  if (run == nullptr || !run->process->alive || !run->accepts_clients) return {};
  return {run->master.get(), &run->executor, run->process->boot};
}

bool SimCluster::IsOpen() const {
  const MasterAccess access = AccessMaster();
  return access.node != nullptr && access.node->coordinator()->state() == txn::ClusterState::kOpen;
}

SimExecutor* SimCluster::executor(NodeId node) {
  Run* run = machines_.at(node).run.get();
  return run == nullptr ? nullptr : &run->executor;
}

const worker::WorkerNode* SimCluster::worker(NodeId node) const {
  const Run* run = machines_.at(node).run.get();
  return run == nullptr ? nullptr : run->worker.get();
}

void SimCluster::NoteFrame(NodeId from, NodeId to, const wire::Frame& frame) {
  if (frame.has_register_()) {
    last_recovery_[from].in_memory = frame.register_().in_memory();
    last_recovery_[from].wal_from_start = frame.register_().wal_from_start();
  } else if (frame.has_converge()) {
    const wire::Converge& order = frame.converge();
    LastRecovery& recovery = last_recovery_[to];
    if (recovery.in_memory && !order.reload()) {
      recovery.kind = "memory";
    } else if (order.snapshot_csn() != 0) {
      recovery.kind = order.snapshot_csn() == order.csn() ? "snapshot" : "snapshot-and-wal";
    } else {
      recovery.kind = order.csn() == 0 ? "nothing" : "wal";
    }
  } else if (frame.has_converged()) {
    ++worker_recoveries_[last_recovery_[from].kind];
  } else if (frame.has_snapshot_taken() && machines_.contains(from)) {
    CheckSnapshotFiles(from);
  }
}

void SimCluster::CheckSnapshotFiles(NodeId node) {
  const auto folder =
      machines_.at(node).disk->FindDirectory(absl::StrCat(DirectoryOf(node), "/snapshots"));
  if (folder == nullptr) return;
  const auto count = std::count_if(folder->entries.begin(), folder->entries.end(), [](auto& entry) {
    Epoch epoch;
    Csn csn;
    return durability::ParseSnapshotName(entry.first, &epoch, &csn);
  });
  const auto most =
      static_cast<int64_t>(options_.coordinator.snapshot_retention_count) + kMostLooseSnapshots;
  if (count <= most) return;
  Report(absl::StrCat("node ", node.value(), " keeps ", count, " snapshot files, not ", most,
                      " at most: those of rounds that failed stay"));
}

void SimCluster::CheckSchemas(const durability::MasterLogState& log) {
  std::vector<graph::IndexDefinition> wanted;
  for (const auto& [id, record] : log.schema()) {
    if (record.definition.state != graph::IndexState::kDropped) wanted.push_back(record.definition);
  }
  for (const auto& [node, machine] : machines_) {
    if (node == kMasterNode || machine.run == nullptr || !machine.run->process->alive) continue;
    const worker::Engine* engine = machine.run->worker->engine();
    if (engine == nullptr || engine->shard().schema() == wanted) continue;
    Report(absl::StrCat("the cluster opens, but worker ", node.value(), " has ",
                        engine->shard().schema().size(), " indexes, not the ", wanted.size(),
                        " of the master's log"));
  }
}

bool SimCluster::SchemasAgree() const {
  if (!IsOpen()) return false;
  const std::vector<graph::IndexDefinition>& wanted = AccessMaster().node->schema()->table().all();
  for (const auto& [node, machine] : machines_) {
    if (node == kMasterNode) continue;
    if (machine.run == nullptr || machine.run->worker->engine() == nullptr) return false;
    if (machine.run->worker->engine()->shard().schema() != wanted) return false;
  }
  return true;
}

bool SimCluster::SnapshotFilesAgree() const {
  if (!IsOpen()) return false;
  const auto& complete = AccessMaster().node->coordinator()->log().snapshots();
  for (const auto& [node, machine] : machines_) {
    const auto folder = machine.disk->FindDirectory(absl::StrCat(DirectoryOf(node), "/snapshots"));
    if (node == kMasterNode || folder == nullptr) continue;
    for (const auto& [name, entry] : folder->entries) {
      Epoch epoch;
      Csn csn;
      if (!durability::ParseSnapshotName(name, &epoch, &csn)) continue;
      const bool known = std::any_of(complete.begin(), complete.end(), [&](const auto& record) {
        return record.epoch == epoch && record.csn == csn;
      });
      if (!known) return false;
    }
  }
  return true;
}

bool SimCluster::WalsReachBack() const {
  for (const auto& [node, machine] : machines_) {
    if (node == kMasterNode) continue;
    const auto recovery = last_recovery_.find(node);
    const std::string first = absl::StrCat(DirectoryOf(node), "/wal/000000000001.wal");
    if (recovery == last_recovery_.end() || !recovery->second.wal_from_start ||
        machine.disk->FindFile(first) == nullptr) {
      return false;
    }
  }
  return true;
}

void SimCluster::Report(std::string violation) {
  scheduler_->trace().AddText(0, "violation", violation);
  if (violations_.size() < kMaxViolationCount) violations_.push_back(std::move(violation));
}

void SimCluster::AfterTurn(Run* run) {
  if (run->master != nullptr && run->accepts_clients) {
    run->master->coordinator()->CheckInvariants();
    if (options_.shard_check_interval != 0 &&
        run->executor.turn_count() % options_.shard_check_interval == 0) {
      run->master->gateway()->CheckInvariants();
    }
    CheckProgress(*run->master->coordinator());
    CheckDisks();
  }
  if (run->worker == nullptr) return;
  run->worker->CheckInvariants();
  if (run->worker->engine() == nullptr) return;
  if (options_.shard_check_interval != 0 &&
      run->executor.turn_count() % options_.shard_check_interval == 0) {
    run->worker->engine()->CheckInvariants();
  }
}

// A disk that does not answer is silence of its node: the cluster closes. Counted by turns of the
// master, so that the time in which that one itself hangs does not count.
void SimCluster::CheckDisks() {
  for (auto& [node, machine] : machines_) {
    const auto since =
        machine.run == nullptr ? std::nullopt : machine.run->executor.log_job_since_micros();
    const bool silent =
        since.has_value() && scheduler_->now_micros() - *since > kMaxDiskSilenceMicros;
    machine.silent_turn_count = silent && IsOpen() ? machine.silent_turn_count + 1 : 0;
    if (machine.silent_turn_count != kMaxSilentTurnCount) continue;
    Report(absl::StrCat("the disk of node ", node.value(), " has not answered for ",
                        (scheduler_->now_micros() - *since) / 1'000'000,
                        " s, and the cluster is open"));
  }
}

void SimCluster::CheckProgress(const txn::Coordinator& coordinator) {
  if (coordinator.state() != txn::ClusterState::kOpen) return;
  const Epoch epoch = coordinator.epoch();
  const Csn visible = coordinator.visible();
  const Csn watermark = coordinator.watermark();
  if (epoch < seen_epoch_) {
    Report(absl::StrCat("epoch ", epoch.value(), " after ", seen_epoch_.value()));
  }
  if (visible < seen_watermark_ || watermark < seen_watermark_) {
    Report(absl::StrCat("epoch ", epoch.value(), " is open at csn ", visible.value(),
                        " with watermark ", watermark.value(), ", but the watermark was ",
                        seen_watermark_.value()));
  }
  if (epoch == seen_epoch_ && visible < seen_visible_) {
    Report(absl::StrCat("the visible csn went back from ", seen_visible_.value(), " to ",
                        visible.value()));
  }
  if (epoch != seen_epoch_ && visible < seen_visible_) {
    undone_count_ += seen_visible_.value() - visible.value();
  }
  for (const auto& snapshot : coordinator.log().snapshots()) {
    snapshots_seen_.insert(snapshot.csn.value());
  }
  seen_epoch_ = epoch;
  seen_visible_ = visible;
  seen_watermark_ = watermark;
}

}  // namespace tidemark::sim
