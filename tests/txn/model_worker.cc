// SPDX-License-Identifier: Apache-2.0
#include "tests/txn/model_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "tests/txn/frame_text.h"

namespace tidemark::txn {

namespace {

std::string CommitText(CommitId id) { return absl::StrCat(id.epoch.value(), "/", id.csn.value()); }

}  // namespace

RecoveredFiles WorkerDisk::Read() const {
  RecoveredFiles files;
  files.epoch = pruned_epoch;
  files.last_csn = pruned_last;
  for (const WalEntry& entry : wal) {
    if (entry.kind == WalEntry::Kind::kEpoch) files.epoch = std::max(files.epoch, entry.id.epoch);
    if (entry.kind == WalEntry::Kind::kWatermark) {
      files.watermark = std::max(files.watermark, entry.id.csn);
    }
  }
  files.tail_after = std::max(files.watermark, pruned_last);
  for (const WalEntry& entry : wal) {
    if (entry.kind != WalEntry::Kind::kCommit) continue;
    if (entry.id.csn <= files.tail_after) {
      files.last_csn = std::max(files.last_csn, entry.id.csn);
    } else {
      files.tail.push_back({entry.id, entry.participants});
    }
  }
  for (const Snapshot& snapshot : snapshots) files.snapshots.push_back(snapshot.file);
  files.wal_from_start = complete_after == Csn();
  files.wal_complete_after = complete_after;
  return files;
}

size_t WorkerDisk::PowerLossChoices() const {
  size_t common = 0;
  while (common < wal.size() && common < durable.size() && wal[common] == durable[common]) ++common;
  return 1 + (wal.size() - common);
}

void WorkerDisk::LosePower(size_t choice) {
  if (choice > 0) {
    const size_t kept = wal.size() - (choice - 1);
    durable.assign(wal.begin(), wal.begin() + static_cast<std::ptrdiff_t>(kept));
  }
  wal = durable;
}

ModelWorker::ModelWorker(NodeId self, BootId boot, bool wal_on, WorkerDisk* disk, Trace trace)
    : self_(self), boot_(boot), wal_on_(wal_on), disk_(disk), trace_(std::move(trace)) {
  ParticipantOptions options;
  options.wal = wal_on;
  participant_ = std::make_unique<Participant>(options, self, boot, disk->Read(),
                                               ParticipantPorts{this, this});
}

bool ModelWorker::Has(Work work) const {
  switch (work) {
    case Work::kApply:
      return !applies_.empty();
    case Work::kSync:
      return sync_.has_value();
    case Work::kSnapshot:
      return snapshot_.has_value();
    case Work::kRecover:
      return recovery_.has_value();
    case Work::kCut:
      return cut_.has_value();
  }
  return false;
}

void ModelWorker::Do(Work work) {
  switch (work) {
    case Work::kApply:
      Apply();
      break;
    case Work::kSync: {
      const Csn csn = *sync_;
      sync_.reset();
      disk_->durable = disk_->wal;
      trace_("wal synced");
      participant_->OnWalSynced(csn);
      break;
    }
    case Work::kSnapshot:
      WriteSnapshot();
      break;
    case Work::kRecover:
      Recover();
      break;
    case Work::kCut:
      Cut();
      break;
  }
}

void ModelWorker::CloseStream(const std::string& reason) {
  trace_(absl::StrCat("gives the stream up: ", reason));
  close_asked_ = true;
}

void ModelWorker::LogCommit(const CommitOrder& order) {
  const WalEntry entry{
      WalEntry::Kind::kCommit, {order.epoch, order.csn}, order.tx, order.participants};
  logged_[order.csn] = entry;
  if (!wal_on_) return;
  trace_(absl::StrCat("wal: commit ", CommitText(entry.id), " of ", TextOfTx(entry.tx.value())));
  disk_->wal.push_back(entry);
}

void ModelWorker::ApplyCommit(TxId, Csn csn) { applies_.push_back(logged_.at(csn)); }

void ModelWorker::Apply() {
  const WalEntry entry = applies_.front();
  applies_.pop_front();
  memory_[entry.id.csn] = entry;
  participant_->OnApplied(entry.id.csn);
}

void ModelWorker::AbortTransaction(TxId tx) {
  trace_(absl::StrCat("aborts ", TextOfTx(tx.value())));
}

void ModelWorker::NoteWatermark(Csn csn) {
  disk_->wal.push_back({WalEntry::Kind::kWatermark, {Epoch(), csn}, TxId(), NodeSet()});
}

void ModelWorker::SetHorizon(Csn csn) {
  CHECK(csn > horizon_);
  horizon_ = csn;
}

void ModelWorker::StartSnapshot(const SnapshotOrder& order) {
  CHECK(!snapshot_.has_value());
  snapshot_ = {order.id, order.last_csn};
}

void ModelWorker::WriteSnapshot() {
  const auto [id, last_csn] = *snapshot_;
  snapshot_.reset();
  WorkerDisk::Snapshot snapshot;
  for (const auto& [csn, entry] : memory_) {
    if (csn <= id.csn) snapshot.contents[csn] = entry;
  }
  snapshot.file.set_epoch(id.epoch.value());
  snapshot.file.set_csn(id.csn.value());
  snapshot.file.set_digest(id.csn.value() * 1000 + snapshot.contents.size());
  snapshot.file.set_last_csn(last_csn.value());
  trace_(absl::StrCat("snapshot ", CommitText(id), " is durable"));
  Participant::SnapshotResult result;
  result.id = id;
  result.digest = snapshot.file.digest();
  disk_->snapshots.push_back(std::move(snapshot));
  participant_->OnSnapshotDone(result);
}

void ModelWorker::RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through) {
  std::erase_if(disk_->snapshots, [&](const WorkerDisk::Snapshot& snapshot) {
    if (Csn(snapshot.file.csn()) > through) return false;
    return std::none_of(retained.begin(), retained.end(), [&](const wire::SnapshotFile& kept) {
      return kept.epoch() == snapshot.file.epoch() && kept.csn() == snapshot.file.csn();
    });
  });
  if (!retained.empty()) Prune(Csn(retained.front().csn()));
}

// Removes the synced front of the WAL that only older snapshots need.
void ModelWorker::Prune(Csn csn) {
  size_t count = 0;
  const auto& durable = disk_->durable;
  while (count < disk_->wal.size() && count < durable.size() &&
         disk_->wal[count] == durable[count]) {
    const WalEntry& entry = disk_->wal[count];
    if (entry.kind == WalEntry::Kind::kCommit && entry.id.csn > csn) break;
    if (entry.kind == WalEntry::Kind::kEpoch) disk_->pruned_epoch = entry.id.epoch;
    if (entry.kind == WalEntry::Kind::kCommit) disk_->pruned_last = entry.id.csn;
    ++count;
  }
  if (count == 0) return;
  disk_->complete_after = std::max(disk_->complete_after, csn);
  for (auto* wal : {&disk_->wal, &disk_->durable}) {
    wal->erase(wal->begin(), wal->begin() + static_cast<std::ptrdiff_t>(count));
  }
}

void ModelWorker::RollbackTo(Csn csn) {
  CHECK(csn >= horizon_) << "cannot undo " << csn << " below " << horizon_;
  const size_t count = std::erase_if(memory_, [&](const auto& item) { return item.first > csn; });
  if (count > 0) trace_(absl::StrCat("undoes ", count, " above csn ", csn.value()));
}

void ModelWorker::StartRecovery(const RecoveryOrder& order) {
  memory_.clear();
  horizon_ = Csn();
  recovery_ = order;
}

void ModelWorker::Recover() {
  const RecoveryOrder order = *recovery_;
  recovery_.reset();
  for (const WorkerDisk::Snapshot& snapshot : disk_->snapshots) {
    if (snapshot.file.epoch() == order.snapshot.epoch.value() &&
        snapshot.file.csn() == order.snapshot.csn.value()) {
      memory_ = snapshot.contents;
    }
  }
  for (const WalEntry& entry : disk_->wal) {
    if (entry.kind != WalEntry::Kind::kCommit || entry.id.csn > order.csn) continue;
    if (entry.id.csn <= order.snapshot.csn) continue;
    if (std::find(order.dead.begin(), order.dead.end(), entry.id) != order.dead.end()) continue;
    memory_[entry.id.csn] = entry;
  }
  trace_(absl::StrCat("recovers csn ", order.csn.value(),
                      order.snapshot.csn == Csn() ? "" : " from snapshot ",
                      order.snapshot.csn == Csn() ? "" : CommitText(order.snapshot)));
  participant_->OnRecoveryDone(absl::OkStatus());
}

void ModelWorker::CutWal(const CutOrder& order) {
  cut_ = order;
  cut_written_ = false;
  sync_.reset();
}

// Two steps, so that power may fail between them.
void ModelWorker::Cut() {
  const CutOrder order = *cut_;
  if (!cut_written_) {
    cut_written_ = true;
    std::erase_if(disk_->wal, [&](const WalEntry& entry) {
      if (entry.kind != WalEntry::Kind::kCommit) return false;
      return entry.id.csn > order.csn ||
             std::find(order.dead.begin(), order.dead.end(), entry.id) != order.dead.end();
    });
    for (const WorkerDisk::Snapshot& snapshot : disk_->snapshots) {
      if (snapshot.file.csn() != order.snapshot_csn.value()) continue;
      NoteLoaded(Csn(snapshot.file.last_csn()));
    }
    std::erase_if(disk_->snapshots, [&](const WorkerDisk::Snapshot& snapshot) {
      return snapshot.file.csn() > order.csn.value();
    });
    disk_->wal.push_back({WalEntry::Kind::kEpoch, {order.new_epoch, order.csn}, TxId(), NodeSet()});
    trace_(absl::StrCat("wal: cut above ", order.csn.value(), ", epoch ", order.new_epoch.value()));
    return;
  }
  cut_.reset();
  disk_->durable = disk_->wal;
  trace_("wal synced");
  participant_->OnWalCut(order.new_epoch);
}

// The log does not hold what only the loaded snapshot does.
void ModelWorker::NoteLoaded(Csn last_csn) {
  Csn newest = disk_->pruned_last;
  for (const WalEntry& entry : disk_->wal) {
    if (entry.kind == WalEntry::Kind::kCommit) newest = std::max(newest, entry.id.csn);
  }
  if (last_csn <= newest) return;
  disk_->complete_after = last_csn;
  disk_->pruned_last = last_csn;
}

void ModelWorker::Stop() {
  trace_("stops");
  stopped_ = true;
}

void ModelWorker::Fail(const absl::Status& status) {
  trace_(absl::StrCat("FAILS: ", MessageOf(status)));
  failed_ = status;
}

}  // namespace tidemark::txn
