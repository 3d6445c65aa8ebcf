// SPDX-License-Identifier: Apache-2.0
#include "sim/fault_injector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kFaultStream = 0x6661756c74;
// How long an open cluster is waited for before the next fault comes anyway.
constexpr int64_t kMaxWaitMicros = 12'000'000;
constexpr int64_t kWaitStepMicros = 20'000;
// The supervisor's rule.
constexpr int64_t kSilenceMicros = 5'000'000;
constexpr int64_t kSilenceStepMicros = 500'000;
constexpr int64_t kMaxDiskHang = 12'000'000;
// About how often a new worker asks its disk for something until it is a member.
constexpr uint64_t kFirstStartOperations = 30;

}  // namespace

FaultInjector::FaultInjector(Scheduler* scheduler, SimCluster* cluster, const Scenario& scenario)
    : scheduler_(scheduler),
      cluster_(cluster),
      scenario_(scenario),
      random_(scenario.seed, kFaultStream) {}

FaultInjector::~FaultInjector() { *alive_ = false; }

void FaultInjector::CrashFirstStart(NodeId node) {
  CrashAtDiskOperation(node, 1 + random_.Below(kFirstStartOperations), RandomDeath());
}

void FaultInjector::Begin() {
  active_ = true;
  newest_end_may_be_lost_ = false;
  WatchSilence();
  PlanNext();
}

void FaultInjector::PlanNext() {
  const int64_t gap =
      random_.Between(scenario_.min_fault_gap_micros, scenario_.max_fault_gap_micros);
  const bool overlap = random_.Chance(scenario_.overlap_permille);
  const int64_t give_up = scheduler_->now_micros() + kMaxWaitMicros;
  scheduler_->After(overlap ? gap / 8 : gap, [this, alive = alive_, overlap, give_up] {
    if (!*alive || !active_) return;
    // Far beyond the goal the clients need some peace to reach theirs.
    if (fault_count_ > 4 * scenario_.fault_goal) return;
    // A copyable function that waits for the cluster by scheduling itself.
    auto wait = std::make_shared<std::function<void()>>();
    *wait = [this, alive, overlap, give_up, weak = std::weak_ptr(wait)] {
      if (!*alive || !active_) return;
      if (overlap || cluster_->IsOpen() || scheduler_->now_micros() > give_up) return DoNext();
      scheduler_->After(kWaitStepMicros, [again = weak.lock()] { (*again)(); });
    };
    (*wait)();
  });
}

void FaultInjector::DoNext() {
  const FaultKind kind = scenario_.faults[random_.Below(scenario_.faults.size())];
  scheduler_->trace().AddText(0, "fault", NameOf(kind));
  ++fault_count_;
  ++counts_[NameOf(kind)];
  Do(kind);
  PlanNext();
}

NodeId FaultInjector::RandomNode() {
  return NodeId(static_cast<uint32_t>(random_.Below(scenario_.cluster.worker_count + 1)));
}

NodeId FaultInjector::RandomWorker() {
  return NodeId(static_cast<uint32_t>(1 + random_.Below(scenario_.cluster.worker_count)));
}

void FaultInjector::Do(FaultKind kind) {
  switch (kind) {
    case FaultKind::kCut:
    case FaultKind::kPartition:
    case FaultKind::kOneWayPartition:
    case FaultKind::kStall:
    case FaultKind::kHang:
    case FaultKind::kRepeat:
      return DoNetwork(kind);
    case FaultKind::kSyncError:
    case FaultKind::kWriteError:
    case FaultKind::kDiskFull:
    case FaultKind::kSlowDisk:
    case FaultKind::kDiskHang:
    case FaultKind::kWallJump:
      return DoDisk(kind);
    default:
      return DoCrash(kind);
  }
}

void FaultInjector::DoCrash(FaultKind kind) {
  switch (kind) {
    case FaultKind::kKillOne:
      return Stop(RandomNode(), Death::kKill);
    case FaultKind::kKillMaster:
      return Stop(kMasterNode, Death::kKill);
    case FaultKind::kKillSome:
      return StopSome(Death::kKill, random_.Below(scenario_.cluster.worker_count + 2));
    case FaultKind::kKillAll:
      return StopAll(Death::kKill);
    case FaultKind::kPowerLossOne:
      return Stop(RandomNode(), Death::kPowerLoss);
    case FaultKind::kPowerLossAll:
      return StopAll(Death::kPowerLoss);
    case FaultKind::kCrashAtDiskOperation:
      return CrashAtDiskOperation(RandomNode(), 1 + random_.Below(60), RandomDeath());
    case FaultKind::kCrashAtEnvelope: {
      const NodeId node = RandomNode();
      const Death death = RandomDeath();
      cluster_->network().CrashAtEnvelope(node, 1 + random_.Below(60),
                                          [this, node, death] { Stop(node, death); });
      return;
    }
    case FaultKind::kSlowStart: {
      const NodeId worker = RandomWorker();
      start_micros_[worker] = random_.Between(2'000'000, 9'000'000);
      return Stop(worker, RandomDeath());
    }
    case FaultKind::kCleanStop:
      return cluster_->StopCleanly();
    default:  // kCrashInRecovery
      for (const NodeId node : cluster_->nodes()) {
        if (random_.Chance(600)) crash_again_.insert(node);
      }
      if (random_.Chance(500)) return StopAll(RandomDeath());
      return StopSome(RandomDeath(), 1 + random_.Below(scenario_.cluster.worker_count + 1));
  }
}

void FaultInjector::Stop(NodeId node, Death death) {
  // A machine without power is down even when its process was dead before.
  if (death == Death::kPowerLoss) newest_end_may_be_lost_ = true;
  cluster_->Stop(node, death);
}

void FaultInjector::StopSome(Death death, size_t count) {
  for (size_t i = 0; i < count; ++i) Stop(RandomNode(), death);
}

void FaultInjector::StopAll(Death death) {
  for (const NodeId node : cluster_->nodes()) Stop(node, death);
}

void FaultInjector::CrashAtDiskOperation(NodeId node, uint64_t countdown, Death death) {
  DiskFaults& faults = cluster_->disk(node).faults();
  faults.crash_countdown = countdown;
  // The process is dead already when this is called; the power goes with it or not.
  faults.crash = [this, node, death] { Stop(node, death); };
}

void FaultInjector::Undo(int64_t delay_micros, std::function<void()> undo) {
  scheduler_->After(delay_micros, [alive = alive_, undo = std::move(undo)] {
    if (*alive) undo();
  });
}

void FaultInjector::DoNetwork(FaultKind kind) {
  const NodeId worker = RandomWorker();
  SimNetwork& network = cluster_->network();
  const bool to_worker = random_.Chance(500);
  const NodeId from = to_worker ? kMasterNode : worker;
  const NodeId to = to_worker ? worker : kMasterNode;
  const int64_t time =
      random_.Chance(500) ? random_.Between(1'000, 500'000) : random_.Between(500'000, 7'000'000);
  switch (kind) {
    case FaultKind::kCut:
      return network.Cut(kMasterNode, worker);
    case FaultKind::kPartition:
      network.SetBlocked(to, from, true);
      [[fallthrough]];
    case FaultKind::kOneWayPartition:
      network.SetBlocked(from, to, true);
      return Undo(time, [this, from, to] {
        cluster_->network().SetBlocked(from, to, false);
        cluster_->network().SetBlocked(to, from, false);
      });
    case FaultKind::kStall:
      network.Stall(from, to, time);
      if (random_.Chance(500)) network.Cut(kMasterNode, worker);
      return;
    case FaultKind::kRepeat:
      network.Repeat(from, to, 1 + random_.Below(100));
      return network.Repeat(to, from, 1 + random_.Below(100));
    default: {  // kHang
      SimExecutor* executor = cluster_->executor(RandomNode());
      if (executor != nullptr) executor->HangUntil(scheduler_->now_micros() + time);
    }
  }
}

void FaultInjector::DoDisk(FaultKind kind) {
  const NodeId node = RandomNode();
  SimDisk& disk = cluster_->disk(node);
  DiskFaults& faults = disk.faults();
  SimExecutor* executor = cluster_->executor(node);
  const int64_t time = random_.Between(10'000, 2'000'000);
  switch (kind) {
    case FaultKind::kSyncError:
      newest_end_may_be_lost_ = true;
      faults.sync_error_countdown = 1 + random_.Below(5);
      return;
    case FaultKind::kWriteError:
      newest_end_may_be_lost_ = true;
      faults.write_error_countdown = 1 + random_.Below(10);
      return;
    case FaultKind::kDiskFull:
      // Nothing may be lost: the node goes on, or comes back, with what it has.
      faults.capacity_bytes =
          disk.UsedBytes() + random_.Below(random_.Chance(500) ? 4'000 : 100'000);
      return Undo(3 * time,
                  [this, node] { cluster_->disk(node).faults().capacity_bytes = UINT64_MAX; });
    case FaultKind::kSlowDisk:
      if (executor == nullptr) return;
      executor->options().job_slowdown = random_.Between(10, 200);
      return Undo(time, [this, node] {
        SimExecutor* later = cluster_->executor(node);
        if (later != nullptr) later->options().job_slowdown = 1;
      });
    case FaultKind::kDiskHang:
      faults.hang_until_micros =
          std::max(faults.hang_until_micros,
                   scheduler_->now_micros() + random_.Between(10'000, kMaxDiskHang));
      return;
    default:  // kWallJump
      cluster_->JumpWall(node, random_.Between(-3'600'000'000, 3'600'000'000));
  }
}

void FaultInjector::OnDeath(NodeId node, const std::string& reason) {
  ++counts_[absl::StrCat("down:", reason.substr(0, reason.find_first_of(" :")))];
  lost_memory_.insert(node);
  if (lost_memory_.size() > 1) newest_end_may_be_lost_ = true;
  RestartLater(node);
}

void FaultInjector::OnOpen() {
  lost_memory_.clear();
  start_micros_.clear();
}

void FaultInjector::WatchSilence() {
  const int64_t now = scheduler_->now_micros();
  const MasterAccess access = cluster_->AccessMaster();
  for (const NodeId node : cluster_->nodes()) {
    if (node == kMasterNode) continue;
    const bool silent = access.node != nullptr && cluster_->IsUp(node) &&
                        !access.node->coordinator()->IsConnected(node);
    if (!silent) {
      silent_since_micros_.erase(node);
    } else if (now - silent_since_micros_.emplace(node, now).first->second >= kSilenceMicros) {
      silent_since_micros_.erase(node);
      ++counts_["killed-as-silent"];
      Stop(node, Death::kKill);
    }
  }
  scheduler_->After(kSilenceStepMicros, [this, alive = alive_] {
    if (*alive) WatchSilence();
  });
}

void FaultInjector::RestartLater(NodeId node) {
  const int64_t delay =
      random_.Chance(800) ? random_.Between(1'000, 200'000) : random_.Between(200'000, 3'000'000);
  scheduler_->After(delay, [this, alive = alive_, node] {
    if (!*alive || cluster_->IsUp(node)) return;
    if (active_ && crash_again_.erase(node) != 0) {
      ++counts_["crash-while-starting"];
      CrashAtDiskOperation(node, 1 + random_.Below(40), RandomDeath());
    }
    cluster_->Start(node);
    if (const auto slow = start_micros_.find(node); slow != start_micros_.end()) {
      cluster_->executor(node)->options().start_job_micros = slow->second;
    }
  });
}

void FaultInjector::Heal() {
  active_ = false;
  crash_again_.clear();
  cluster_->network().Heal();
  for (const NodeId node : cluster_->nodes()) {
    cluster_->disk(node).faults() = DiskFaults();
    SimExecutor* executor = cluster_->executor(node);
    if (executor == nullptr) continue;
    executor->EndHang();
    executor->options().job_slowdown = 1;
  }
}

}  // namespace tidemark::sim
