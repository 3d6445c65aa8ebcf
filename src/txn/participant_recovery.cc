// SPDX-License-Identifier: Apache-2.0
// The participant's part of reconcile: Report, Register, Converge, Converged.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "txn/participant.h"

namespace tidemark::txn {

void Participant::OnReport(Epoch master_epoch, const Attempt& attempt) {
  if (master_epoch < epoch_ || attempt.master_boot_id != master_boot_id_) return;
  if (attempt_.has_value() && attempt.number <= attempt_->number) return;
  attempt_ = attempt;
  DropRounds();
  storage_->AbortAll();
  // A converge under way is finished first: what it leaves is what there is to report. The epoch
  // does not change by this answer: promising one here could keep a later attempt from ending.
  if (phase_ != Phase::kRecovering && phase_ != Phase::kCutting) phase_ = Phase::kReporting;
  MaybeRegister();
}

void Participant::DropRounds() {
  flushes_.clear();
  newest_round_ = 0;
  if (PlantedBug("snapshot-survives-epoch")) return;
  snapshot_.reset();
  storage_->AbandonSnapshot();
}

void Participant::MaybeRegister() {
  if (phase_ != Phase::kReporting) return;
  if (in_memory_ && applied_ < last_csn()) return;  // what is logged is applied first
  phase_ = Phase::kRegistered;
  SendRegister();
}

void Participant::SendRegister() {
  auto next = tail_.begin();
  do {
    wire::Frame frame;
    wire::Register* answer = frame.mutable_register_();
    ToWire(*attempt_, answer->mutable_attempt());
    answer->set_boot_id(boot_id_.value());
    answer->set_last_epoch(epoch_.value());
    answer->set_watermark(watermark_.value());
    answer->set_in_memory(in_memory_);
    for (const wire::SnapshotFile& file : snapshots_) *answer->add_snapshots() = file;
    answer->set_tail_after(tail_after_.value());
    answer->set_last_csn(last_before_tail_.value());
    answer->set_wal_from_start(wal_from_start_);
    answer->set_wal_complete_after(wal_complete_after_.value());
    answer->set_durable_csn((options_.wal ? tail_after_ : durable_csn_).value());
    answer->set_durable_last_csn((options_.wal ? last_before_tail_ : durable_last_csn_).value());
    for (uint64_t count = 0; count < kMaxTailRecordCount && next != tail_.end(); ++count, ++next) {
      wire::TailRecord* record = answer->add_tail();
      record->set_epoch(next->id.epoch.value());
      record->set_csn(next->id.csn.value());
      record->set_participants(next->participants.mask());
    }
    answer->set_more(next != tail_.end());
    Send(std::move(frame));
  } while (next != tail_.end());
}

void Participant::OnConverge(const wire::Converge& converge) {
  if (phase_ != Phase::kRegistered || !attempt_.has_value()) return;
  const bool this_attempt = FromWire(converge.attempt()) == *attempt_;
  if (!this_attempt && !PlantedBug("attempt-not-checked")) return;
  if (BootId(converge.boot_id()) != boot_id_) return;
  if (Epoch(converge.new_epoch()) <= epoch_) return;
  const Csn csn(converge.csn());
  CHECK(csn >= watermark_) << "recovery point " << csn << " below watermark " << watermark_;
  converge_ = converge;
  epoch_ = Epoch(converge.new_epoch());
  const bool live = in_memory_ && !converge.reload() && csn >= undo_floor_;
  CutTail();
  if (live) {
    CHECK(csn >= horizon_) << "recovery point " << csn << " below horizon " << horizon_;
    storage_->RollbackTo(csn);
    Cut(/*live=*/true);
    return;
  }
  if (converge.snapshot_csn() == 0 && !wal_from_start_ && csn != Csn()) {
    port_->Fail(absl::DataLossError(absl::StrCat(
        "worker ", self_.value(), " was asked to recover csn ", csn.value(),
        " from its WAL alone, which is complete only after csn ", wal_complete_after_.value())));
    return;
  }
  phase_ = Phase::kRecovering;
  in_memory_ = false;
  horizon_ = Csn();
  RecoveryOrder order;
  order.snapshot = {Epoch(converge.snapshot_epoch()), Csn(converge.snapshot_csn())};
  order.csn = csn;
  order.dead = dead_;
  storage_->StartRecovery(order);
}

// Brings the list of what is logged to what it will be after the cut.
void Participant::CutTail() {
  const Csn csn(converge_.csn());
  dead_.clear();
  for (const wire::TailRecord& record : converge_.dead()) {
    dead_.push_back({Epoch(record.epoch()), Csn(record.csn())});
  }
  undone_count_ = 0;
  std::erase_if(tail_, [&](const WorkerReport::Record& record) {
    const bool above = record.id.csn > csn;
    undone_count_ += above ? 1 : 0;
    return above || std::find(dead_.begin(), dead_.end(), record.id) != dead_.end();
  });
  if (tail_after_ > csn) {  // without a WAL: back to what the files hold
    tail_after_ = csn;
    last_before_tail_ = durable_csn_ <= csn ? durable_last_csn_ : Csn();
  }
  std::erase_if(snapshots_,
                [&](const wire::SnapshotFile& file) { return file.csn() > csn.value(); });
  for (const wire::SnapshotFile& file : snapshots_) {
    if (file.epoch() != converge_.snapshot_epoch() || file.csn() != converge_.snapshot_csn()) {
      continue;
    }
    TrimTail(Csn(file.csn()));
    last_before_tail_ = std::max(last_before_tail_, Csn(file.last_csn()));
  }
}

void Participant::OnRecoveryDone(const absl::Status& status) {
  if (phase_ != Phase::kRecovering) return;
  if (!status.ok()) {
    port_->Fail(status);
    return;
  }
  in_memory_ = true;
  undo_floor_ = Csn(converge_.csn());
  durable_csn_ = Csn(converge_.csn());
  durable_last_csn_ = last_csn();
  Cut(/*live=*/false);
}

void Participant::Cut(bool live) {
  phase_ = Phase::kCutting;
  CutOrder order;
  order.new_epoch = epoch_;
  order.csn = Csn(converge_.csn());
  if (!live) order.snapshot_csn = Csn(converge_.snapshot_csn());
  order.dead = dead_;
  if (live && PlantedBug("live-worker-does-not-cut")) {
    order.csn = Csn(std::numeric_limits<uint64_t>::max());
  }
  storage_->CutWal(order);
  if (PlantedBug("converge-without-sync")) FinishConverge();
}

void Participant::OnWalCut(Epoch new_epoch) {
  if (phase_ != Phase::kCutting || new_epoch != epoch_) return;
  FinishConverge();
}

void Participant::FinishConverge() {
  synced_ = Csn(converge_.csn());
  applied_ = last_csn();
  wire::Frame frame;
  wire::Converged* answer = frame.mutable_converged();
  *answer->mutable_attempt() = converge_.attempt();
  answer->set_boot_id(boot_id_.value());
  answer->set_new_epoch(converge_.new_epoch());
  answer->set_last_csn(last_csn().value());
  answer->set_undone_count(undone_count_);
  Send(std::move(frame));
  if (PlantedBug("undo-dropped-at-R") && Csn(converge_.csn()) > horizon_) {
    horizon_ = Csn(converge_.csn());
    storage_->SetHorizon(horizon_);
  }
  const bool asked_again = attempt_.has_value() && *attempt_ != FromWire(converge_.attempt());
  phase_ = asked_again ? Phase::kReporting : Phase::kRunning;
  MaybeRegister();
}

}  // namespace tidemark::txn
