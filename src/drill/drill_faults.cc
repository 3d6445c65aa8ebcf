// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_faults.h"

#include <unistd.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"

namespace tidemark::drill {
namespace {

constexpr int64_t kMaxDownMs = 100;
constexpr int64_t kMaxBetweenStartsMs = 30;
// About as long as a recovery takes.
constexpr int64_t kMaxIntoRecoveryMs = 250;
constexpr int64_t kMaxIntoSnapshotMs = 30;
constexpr int64_t kMaxShortHangMs = 400;
// Longer than the silence after which a node counts as lost.
constexpr int64_t kLongHangMs = 5500;
constexpr int64_t kMoreLongHangMs = 1000;

}  // namespace

DrillFaults::DrillFaults(DrillCluster* cluster, const DrillOptions& options, uint64_t seed)
    : cluster_(cluster), options_(options), random_(seed) {}

absl::StatusOr<DrillFaults::Done> DrillFaults::Do(DrillFault fault) {
  text_.clear();
  lost_memory_.clear();
  lost_power_ = false;
  absl::Status status;
  std::vector<int> workers = cluster_->AllNodes();
  workers.erase(workers.begin());
  switch (fault) {
    case DrillFault::kWorker:
      status = KillAndRestart(Some(workers));
      break;
    case DrillFault::kMaster:
      status = KillAndRestart({0});
      break;
    case DrillFault::kAll:
      status = KillAndRestart(cluster_->AllNodes());
      break;
    case DrillFault::kHang:
      status = DoHang();
      break;
    case DrillFault::kRecovery:
      status = DoRecovery();
      break;
    case DrillFault::kSnapshot:
      status = DoSnapshot();
      break;
    case DrillFault::kPower:
      status = DoPower();
      break;
  }
  RETURN_IF_ERROR(status);
  Done done;
  ASSIGN_OR_RETURN(done.recovery_seconds, cluster_->WaitUntilOpen());
  // Whoever kept its memory knows what was committed: workers the commits, the master their order.
  const bool order_lost = lost_memory_.contains(0) && lost_memory_.size() > 1;
  done.newest_end_may_be_lost =
      lost_power_ || (order_lost && options_.recovery_point == "watermark");
  return done;
}

// --- The faults.

absl::Status DrillFaults::DoHang() {
  const std::vector<int> nodes = Some(cluster_->AllNodes());
  cluster_->Hang(nodes);
  const bool is_long = random_.Chance(15);
  const int64_t time_ms =
      is_long ? kLongHangMs + random_.Below(kMoreLongHangMs) : random_.Below(kMaxShortHangMs);
  Note(absl::StrCat("hang ", time_ms, " ms"), nodes);
  std::vector<int> killed;
  int64_t left_ms = time_ms;
  if (random_.Chance(30)) {
    killed = Some(cluster_->AllNodes());
    left_ms = random_.Below(time_ms + 1);
    usleep(static_cast<useconds_t>((time_ms - left_ms) * kMicrosPerMs));
    Kill(killed);
  }
  usleep(static_cast<useconds_t>(left_ms * kMicrosPerMs));
  cluster_->Wake(nodes);
  return Restart(killed);
}

absl::Status DrillFaults::DoSnapshot() {
  std::thread snapshot([this] { cluster_->client()->SnapshotNow().status().IgnoreError(); });
  SleepUpToMs(kMaxIntoSnapshotMs);
  text_ = "snapshot, ";
  const absl::Status status = KillAndRestart(Some(cluster_->AllNodes()));
  snapshot.join();
  return status;
}

absl::Status DrillFaults::DoRecovery() {
  RETURN_IF_ERROR(
      KillAndRestart(random_.Chance(50) ? cluster_->AllNodes() : Some(cluster_->AllNodes())));
  do {
    SleepUpToMs(kMaxIntoRecoveryMs);
    RETURN_IF_ERROR(KillAndRestart(Some(cluster_->AllNodes())));
  } while (random_.Chance(30));
  return absl::OkStatus();
}

absl::Status DrillFaults::DoPower() {
  std::thread snapshot;
  if (random_.Chance(25)) {
    text_ = "snapshot, ";
    snapshot = std::thread([this] { cluster_->client()->SnapshotNow().status().IgnoreError(); });
    SleepUpToMs(kMaxIntoSnapshotMs);
  }
  absl::Status status =
      CutPowerAndRestart(random_.Chance(50) ? cluster_->AllNodes() : Some(cluster_->AllNodes()));
  if (status.ok() && random_.Chance(30)) {
    SleepUpToMs(kMaxIntoRecoveryMs);
    status = CutPowerAndRestart(Some(cluster_->AllNodes()));
  }
  if (snapshot.joinable()) snapshot.join();
  return status;
}

// --- What they are made of.

absl::Status DrillFaults::KillAndRestart(const std::vector<int>& nodes) {
  Kill(nodes);
  SleepUpToMs(kMaxDownMs);
  return Restart(nodes);
}

absl::Status DrillFaults::CutPowerAndRestart(const std::vector<int>& nodes) {
  const bool disk_first = random_.Chance(50);
  Note(disk_first ? "cut power, then kill" : "kill, then cut power", nodes);
  lost_memory_.insert(nodes.begin(), nodes.end());
  lost_power_ = true;
  RETURN_IF_ERROR(cluster_->CutPower(nodes, disk_first));
  SleepUpToMs(kMaxDownMs);
  return Restart(nodes);
}

void DrillFaults::Kill(const std::vector<int>& nodes) {
  Note("kill", nodes);
  lost_memory_.insert(nodes.begin(), nodes.end());
  cluster_->Kill(nodes);
}

absl::Status DrillFaults::Restart(std::vector<int> nodes) {
  random_.Shuffle(&nodes);
  for (const int node : nodes) {
    if (random_.Chance(50)) SleepUpToMs(kMaxBetweenStartsMs);
    RETURN_IF_ERROR(cluster_->Restart({node}));
  }
  return absl::OkStatus();
}

void DrillFaults::Note(const std::string& what, const std::vector<int>& nodes) {
  if (!text_.empty() && !text_.ends_with(", ")) text_ += ", ";
  absl::StrAppend(&text_, what);
  if (static_cast<int>(nodes.size()) == cluster_->node_count()) {
    absl::StrAppend(&text_, " all");
    return;
  }
  for (const int node : nodes) absl::StrAppend(&text_, " ", DrillCluster::NameOf(node));
}

std::vector<int> DrillFaults::Some(const std::vector<int>& nodes) {
  if (random_.Chance(60)) return {nodes[random_.Below(nodes.size())]};
  std::vector<int> some;
  while (some.empty()) {
    for (const int node : nodes) {
      if (random_.Chance(50)) some.push_back(node);
    }
  }
  return some;
}

void DrillFaults::SleepUpToMs(int64_t limit_ms) {
  usleep(static_cast<useconds_t>(random_.Below(limit_ms * kMicrosPerMs + 1)));
}

}  // namespace tidemark::drill
