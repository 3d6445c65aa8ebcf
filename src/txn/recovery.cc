// SPDX-License-Identifier: Apache-2.0
#include "txn/recovery.h"

#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

// Step 0: a new attempt.
void Recovery::Start() {
  CHECK(!context_.working()) << "a recovery of an open cluster";
  reconcile_.Start({context_.boot_id, ++attempt_number_}, context_.worker_count());
  context_.members.connected().ForEach([&](NodeId node) { AskForReport(node); });
}

// Step 1.
void Recovery::AskForReport(NodeId node) {
  wire::Frame frame;
  ToWire(reconcile_.attempt(), frame.mutable_report()->mutable_attempt());
  context_.Send(node, std::move(frame));
}

void Recovery::OnRegister(NodeId from, const wire::Register& frame) {
  if (reconcile_.OnRegister(from, context_.members.Find(from)->boot_id, frame)) TryFix();
}

// Steps 2 and 3: every earlier append is synced, or this process ends, before R is fixed.
void Recovery::TryFix() {
  if (context_.failed || reconcile_.phase() != Reconcile::Phase::kCollecting) return;
  if (!reconcile_.all_registered()) return;
  if (!context_.book.is_drained() && !PlantedBug("epoch-not-drained")) return;
  const PlanRules rules{context_.options.wal, context_.options.recovery_point,
                        history_.count() == 0};
  RecoveryPlan plan = PlanRecovery(context_.log(), reconcile_.reports(), rules);
  if (!plan.log_is_old.empty()) {
    host_.FailWith(absl::FailedPreconditionError(plan.log_is_old));
    return;
  }
  if (!plan.refused.empty()) {
    for (const auto& [node, reason] : plan.refused) host_.RefuseWorker(node, reason);
    return;
  }
  history_.NoteSeen(plan.newest);
  const Epoch new_epoch = context_.book.appended_epoch().Next();
  const Csn csn = plan.csn;
  reconcile_.Fix(new_epoch, std::move(plan));
  context_.Append(durability::EpochRecord{new_epoch, csn},
                  [this, attempt = reconcile_.attempt()] { OnEpochSynced(attempt); });
}

// Step 4.
void Recovery::OnEpochSynced(Attempt attempt) {
  if (reconcile_.attempt() != attempt || reconcile_.phase() != Reconcile::Phase::kLogging) return;
  reconcile_.BeginConverging();
  context_.members.connected().ForEach([&](NodeId node) {
    wire::Frame frame;
    *frame.mutable_converge() = reconcile_.MakeConverge(node);
    context_.Send(node, std::move(frame));
  });
}

// Step 5.
void Recovery::OnConverged(NodeId from, const wire::Converged& frame) {
  if (!reconcile_.OnConverged(from, context_.members.Find(from)->boot_id, frame)) return;
  const RecoveryPlan& plan = reconcile_.plan();
  const Csn expected = plan.workers.at(from).last_csn;
  if (Csn(frame.last_csn()) != expected && !PlantedBug("attempt-not-checked")) {
    host_.RefuseWorker(from,
                       absl::StrCat("worker ", from.value(), " came to csn ", plan.csn.value(),
                                    " with newest commit ", frame.last_csn(), " instead of ",
                                    expected.value(), ": its directory is damaged"));
    return;
  }
  if (!reconcile_.all_converged()) return;
  reconcile_.BeginOpening();
  // Without a WAL only snapshots move W.
  const bool wal = context_.options.wal;
  durability::WatermarkRecord record;
  record.epoch = reconcile_.new_epoch();
  record.csn = wal ? plan.csn : context_.log().watermark().csn;
  for (const auto& [node, last] : reconcile_.last()) {
    record.last.push_back({node, wal ? last : LastAtWatermark(context_.log(), node)});
  }
  const Attempt attempt = reconcile_.attempt();
  context_.Append(record, [this, attempt] { Open(attempt); });
  if (PlantedBug("open-without-synced-watermark")) Open(attempt);
}

void Recovery::Open(Attempt attempt) {
  if (reconcile_.attempt() != attempt || reconcile_.phase() != Reconcile::Phase::kOpening) return;
  const Csn csn = reconcile_.plan().csn;
  const std::map<NodeId, Csn> last = reconcile_.last();
  reconcile_.Finish();
  history_.End(csn);
  host_.OpenCluster(csn, last);
}

std::string Recovery::DescribePhase() const {
  NodeSet slow = context_.members.connected();
  const bool converging = reconcile_.phase() == Reconcile::Phase::kConverging;
  (converging ? converged() : registered()).ForEach([&](NodeId node) { slow.Remove(node); });
  if (slow.empty()) return "the master log is being synced";
  std::string reading;
  slow.ForEach([&](NodeId node) {
    const wire::HeartbeatReply& figures = context_.members.Find(node)->figures;
    if (figures.start_bytes() == 0) return;
    constexpr uint64_t kBytesPerMib = 1 << 20;
    absl::StrAppend(&reading, reading.empty() ? "" : ", ", "worker ", node.value(),
                    " reads its files (", figures.start_read_bytes() / kBytesPerMib, " of ",
                    figures.start_bytes() / kBytesPerMib, " MiB)");
  });
  if (!reading.empty()) return reading;
  return absl::StrCat("waiting for worker ", slow.ToString(),
                      converging ? " to load its state" : " to report what it holds");
}

void Recovery::CheckInvariants() const {
  reconcile_.CheckInvariants();
  if (context_.failed || context_.state == ClusterState::kStopped) return;
  CHECK_EQ(context_.working(), phase() == Reconcile::Phase::kIdle);
}

}  // namespace tidemark::txn
