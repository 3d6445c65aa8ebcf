// SPDX-License-Identifier: Apache-2.0
#include "txn/reconcile.h"

#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"

namespace tidemark::txn {

Attempt FromWire(const wire::Attempt& attempt) {
  return {BootId(attempt.master_boot_id()), attempt.number()};
}

void ToWire(const Attempt& attempt, wire::Attempt* out) {
  out->set_master_boot_id(attempt.master_boot_id.value());
  out->set_number(attempt.number);
}

void Reconcile::Start(Attempt attempt, uint32_t worker_count) {
  phase_ = Phase::kCollecting;
  attempt_ = attempt;
  all_ = NodeSet::FirstWorkers(worker_count);
  registered_ = NodeSet();
  converged_ = NodeSet();
  reports_.clear();
  plan_ = RecoveryPlan();
  last_.clear();
}

void Reconcile::Finish() { phase_ = Phase::kIdle; }

bool Reconcile::OnRegister(NodeId node, BootId boot_id, const wire::Register& frame) {
  if (phase_ != Phase::kCollecting || registered_.Contains(node)) return false;
  const bool this_attempt = FromWire(frame.attempt()) == attempt_;
  if (!this_attempt && !PlantedBug("attempt-not-checked")) return false;
  const bool this_boot = BootId(frame.boot_id()) == boot_id;
  if (!this_boot && !PlantedBug("register-from-other-boot")) return false;
  WorkerReport& report = reports_[node];
  report.boot_id = boot_id;
  report.epoch = Epoch(frame.last_epoch());
  report.watermark = Csn(frame.watermark());
  report.in_memory = frame.in_memory();
  report.snapshots.assign(frame.snapshots().begin(), frame.snapshots().end());
  report.tail_after = Csn(frame.tail_after());
  report.last_csn = Csn(frame.last_csn());
  report.wal_from_start = frame.wal_from_start();
  report.wal_complete_after = Csn(frame.wal_complete_after());
  report.durable_csn = Csn(frame.durable_csn());
  report.durable_last_csn = Csn(frame.durable_last_csn());
  for (const wire::TailRecord& record : frame.tail()) {
    report.tail.push_back(
        {{Epoch(record.epoch()), Csn(record.csn())}, NodeSet(record.participants())});
  }
  if (!frame.more()) registered_.Add(node);
  return true;
}

bool Reconcile::OnConverged(NodeId node, BootId boot_id, const wire::Converged& frame) {
  if (phase_ != Phase::kConverging || converged_.Contains(node)) return false;
  if (FromWire(frame.attempt()) != attempt_ && !PlantedBug("attempt-not-checked")) return false;
  if (BootId(frame.boot_id()) != boot_id || Epoch(frame.new_epoch()) != new_epoch_) return false;
  converged_.Add(node);
  last_[node] = Csn(frame.last_csn());
  return true;
}

void Reconcile::Fix(Epoch new_epoch, RecoveryPlan plan) {
  CHECK(phase_ == Phase::kCollecting && all_registered() && plan.valid());
  phase_ = Phase::kLogging;
  new_epoch_ = new_epoch;
  plan_ = std::move(plan);
}

void Reconcile::BeginConverging() {
  CHECK(phase_ == Phase::kLogging);
  phase_ = Phase::kConverging;
}

void Reconcile::BeginOpening() {
  CHECK(phase_ == Phase::kConverging && all_converged());
  phase_ = Phase::kOpening;
}

wire::Converge Reconcile::MakeConverge(NodeId node) const {
  const RecoveryPlan::Worker& worker = plan_.workers.at(node);
  wire::Converge converge;
  ToWire(attempt_, converge.mutable_attempt());
  converge.set_boot_id(reports_.at(node).boot_id.value());
  converge.set_new_epoch(new_epoch_.value());
  converge.set_csn(plan_.csn.value());
  converge.set_snapshot_epoch(worker.snapshot.epoch.value());
  converge.set_snapshot_csn(worker.snapshot.csn.value());
  for (const CommitId& id : worker.dead) {
    wire::TailRecord* dead = converge.add_dead();
    dead->set_epoch(id.epoch.value());
    dead->set_csn(id.csn.value());
  }
  converge.set_reload(worker.reload);
  return converge;
}

void Reconcile::CheckInvariants() const {
  CHECK(all_.ContainsAll(registered_) && registered_.ContainsAll(converged_));
  if (phase_ == Phase::kIdle || phase_ == Phase::kCollecting) return;
  CHECK(all_registered() && plan_.valid() && plan_.newest >= plan_.csn);
  if (phase_ == Phase::kOpening) CHECK(all_converged());
}

}  // namespace tidemark::txn
