// SPDX-License-Identifier: Apache-2.0
#include "txn/participant.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

Participant::Participant(const ParticipantOptions& options, NodeId self, BootId boot_id,
                         RecoveredFiles files, const ParticipantPorts& ports)
    : options_(options),
      self_(self),
      boot_id_(boot_id),
      port_(ports.node),
      storage_(ports.storage),
      epoch_(files.epoch),
      watermark_(files.watermark),
      snapshots_(std::move(files.snapshots)),
      wal_from_start_(files.wal_from_start),
      wal_complete_after_(files.wal_complete_after),
      tail_after_(files.tail_after),
      last_before_tail_(files.last_csn),
      durable_csn_(files.tail_after),
      durable_last_csn_(files.last_csn),
      tail_(files.tail.begin(), files.tail.end()) {
  CHECK(self != NodeId() && boot_id != BootId());
  CHECK(port_ != nullptr && storage_ != nullptr);
}

Csn Participant::last_csn() const {
  return tail_.empty() ? last_before_tail_ : tail_.back().id.csn;
}

Csn Participant::LastAtMost(Csn csn) const {
  CHECK(csn >= tail_after_) << csn << " below " << tail_after_;
  Csn last = last_before_tail_;
  for (const WorkerReport::Record& record : tail_) {
    if (record.id.csn > csn) break;
    last = record.id.csn;
  }
  return last;
}

void Participant::TrimTail(Csn csn) {
  if (csn <= tail_after_) return;
  while (!tail_.empty() && tail_.front().id.csn <= csn) {
    last_before_tail_ = tail_.front().id.csn;
    tail_.pop_front();
  }
  tail_after_ = csn;
}

void Participant::Send(wire::Frame frame) {
  if (!connected_) return;
  frame.set_epoch(epoch_.value());
  port_->Send(std::move(frame));
}

// --- Streams and time.

void Participant::OnStreamOpened(BootId master_boot_id) {
  connected_ = true;
  heard_micros_ = now_micros_;
  // Another master counts its attempts from the beginning.
  if (master_boot_id != master_boot_id_) attempt_.reset();
  master_boot_id_ = master_boot_id;
}

void Participant::OnStreamClosed() { connected_ = false; }

void Participant::OnTick(int64_t now_micros) {
  CHECK_GE(now_micros, now_micros_);
  // A tick that comes this late says that this process slept, not that the master was silent.
  if (now_micros - now_micros_ > options_.silence_limit_micros / 2) {
    heard_micros_ = now_micros;
    awake_since_micros_ = now_micros;
  }
  now_micros_ = now_micros;
  NoteDisk();
  if (!connected_ || now_micros - heard_micros_ < options_.silence_limit_micros) return;
  connected_ = false;
  port_->CloseStream(absl::StrCat("the master was silent for ",
                                  options_.silence_limit_micros / kMicrosPerSecond, " s"));
}

// A disk that does not answer gives no error. Who cannot make anything durable is no use to the
// cluster, and must not let it believe otherwise: it goes, and comes back when the disk does.
void Participant::NoteDisk() {
  const std::optional<int64_t> asked = storage_->DiskAskedMicros();
  const bool was_silent = disk_is_silent_;
  disk_is_silent_ = asked.has_value() && now_micros_ - std::max(*asked, awake_since_micros_) >=
                                             options_.silence_limit_micros;
  if (PlantedBug("disk-silence-not-noticed")) disk_is_silent_ = false;
  if (was_silent && !disk_is_silent_) port_->Log("the disk answers again");
  if (!connected_ || !disk_is_silent_) return;
  const std::string reason = absl::StrCat("the disk of its log has not answered for ",
                                          options_.silence_limit_micros / kMicrosPerSecond, " s");
  wire::Frame frame;
  frame.mutable_refused()->set_reason(reason);
  frame.mutable_refused()->set_disk_silent(true);
  Send(std::move(frame));
  connected_ = false;
  port_->CloseStream(reason);
}

bool Participant::OnFrame(const wire::Frame& frame) {
  heard_micros_ = now_micros_;
  switch (frame.body_case()) {
    case wire::Frame::kHeartbeat: {
      wire::Frame answer;
      wire::HeartbeatReply* reply = answer.mutable_heartbeat_reply();
      port_->FillFigures(reply);
      if (frame.heartbeat().wants_counts()) port_->FillCounts(reply);
      reply->set_sequence(frame.heartbeat().sequence());
      Send(std::move(answer));
      return true;
    }
    case wire::Frame::kReport:
      OnReport(Epoch(frame.epoch()), FromWire(frame.report().attempt()));
      return true;
    case wire::Frame::kConverge:
      OnConverge(frame.converge());
      return true;
    case wire::Frame::kShutdown:
      if (Epoch(frame.epoch()) >= epoch_) port_->Stop();
      return true;
    case wire::Frame::kRefused:
      OnRefused(frame.refused());
      return true;
    default:
      break;
  }
  // Everything else belongs to an epoch, and counts only while the worker works in it.
  if (phase_ != Phase::kRunning) return true;
  const bool this_epoch = Epoch(frame.epoch()) == epoch_;
  if (!this_epoch && !PlantedBug("no-fence-on-lower-epoch")) return true;
  return OnRunningFrame(frame);
}

void Participant::OnRefused(const wire::Refused& refused) {
  if (refused.permanent()) {
    port_->Fail(absl::FailedPreconditionError(
        absl::StrCat("the master refuses this worker: ", refused.reason())));
    return;
  }
  connected_ = false;
  port_->CloseStream(absl::StrCat("the master asks to come back later: ", refused.reason()));
}

bool Participant::OnRunningFrame(const wire::Frame& frame) {
  switch (frame.body_case()) {
    case wire::Frame::kCommit:
      OnCommit(frame.commit());
      return true;
    case wire::Frame::kAbort:
      storage_->AbortTransaction(TxId(frame.abort().tx()));
      return true;
    case wire::Frame::kFlush:
      OnFlush(Csn(frame.flush().csn()));
      return true;
    case wire::Frame::kTakeSnapshot:
      OnTakeSnapshot(frame.take_snapshot());
      return true;
    case wire::Frame::kProgress:
      OnProgress(frame.progress());
      return true;
    case wire::Frame::kRetain:
      OnRetain(frame.retain());
      return true;
    default:
      return false;
  }
}

// --- Commit.

void Participant::OnCommit(const wire::Commit& commit) {
  const Csn csn(commit.csn());
  if (csn <= last_csn()) return;  // a repetition
  const NodeSet participants(commit.participants());
  CHECK(participants.Contains(self_)) << "commit " << csn << " is not for worker " << self_;
  tail_.push_back({{epoch_, csn}, participants});
  if (!options_.wal && PlantedBug("memory-taken-for-files")) {
    wal_from_start_ = false;
    wal_complete_after_ = csn;
  }
  if (commit.mutations().empty() || !PlantedBug("schema-commit-not-logged")) {
    storage_->LogCommit({epoch_, TxId(commit.tx()), csn, participants, commit.mutations()});
  }
  storage_->ApplyCommit(TxId(commit.tx()), csn);
}

void Participant::OnApplied(Csn csn) {
  csn = std::min(csn, last_csn());
  if (csn <= applied_) return;
  applied_ = csn;
  if (phase_ == Phase::kRunning) {
    wire::Frame frame;
    frame.mutable_applied()->set_csn(csn.value());
    frame.mutable_applied()->set_boot_id(boot_id_.value());
    Send(std::move(frame));
  }
  MaybeRegister();
}

// --- Flush.

void Participant::OnFlush(Csn csn) {
  flushes_.push_back(csn);
  if (csn > synced_ && !PlantedBug("acknowledge-before-sync")) storage_->SyncWal(csn);
  AnswerFlushes();
}

void Participant::OnWalSynced(Csn csn) {
  if (phase_ == Phase::kRecovering || phase_ == Phase::kCutting) return;  // of before the cut
  synced_ = std::max(synced_, csn);
  AnswerFlushes();
  AnswerSnapshot();
}

void Participant::AnswerFlushes() {
  auto answered = flushes_.begin();
  for (; answered != flushes_.end(); ++answered) {
    if (*answered > synced_ && !PlantedBug("acknowledge-before-sync")) break;
    wire::Frame frame;
    frame.mutable_flushed()->set_csn(answered->value());
    frame.mutable_flushed()->set_boot_id(boot_id_.value());
    Send(std::move(frame));
  }
  flushes_.erase(flushes_.begin(), answered);
}

void Participant::OnProgress(const wire::Progress& progress) {
  const Csn watermark(progress.watermark());
  if (watermark > watermark_) {
    watermark_ = watermark;
    storage_->NoteWatermark(watermark);
  }
  // Undo is kept until a watermark that is synced passes it, so that whatever the next recovery
  // decides can be done. Without a WAL a recovery never goes below what was visible, or reloads.
  Csn horizon(progress.horizon());
  // The master holds the horizon for its snapshot: one below it was dropped (another worker could
  // not write its part), and its versions go.
  if (snapshot_.has_value() && snapshot_->id.csn < horizon) {
    storage_->AbandonSnapshot();
    snapshot_.reset();
  }
  if (options_.wal) horizon = std::min(horizon, watermark_);
  if (horizon > horizon_) {
    horizon_ = horizon;
    storage_->SetHorizon(horizon);
  }
  TrimTail(options_.wal ? watermark_ : std::max(watermark_, horizon_));
}

// --- Snapshots.

void Participant::OnTakeSnapshot(const wire::TakeSnapshot& order) {
  const Csn csn(order.csn());
  if (order.round() <= newest_round_) return;  // a repetition
  if (csn < tail_after_) return;
  newest_round_ = order.round();
  storage_->AbandonSnapshot();
  snapshot_ = PendingSnapshot{{epoch_, csn}, order.round(), LastAtMost(csn), std::nullopt};
  storage_->StartSnapshot(
      {snapshot_->id, snapshot_->last_csn, static_cast<int64_t>(order.limit_micros())});
}

void Participant::OnSnapshotDone(const SnapshotResult& result) {
  if (!snapshot_.has_value() || snapshot_->id != result.id) return;  // of an epoch that ended
  wire::SnapshotTaken answer;
  answer.set_csn(result.id.csn.value());
  answer.set_round(snapshot_->round);
  answer.set_boot_id(boot_id_.value());
  answer.set_last_csn(snapshot_->last_csn.value());
  answer.set_digest(result.digest);
  answer.set_bytes(result.bytes);
  answer.set_vertices(result.vertices);
  answer.set_edges(result.edges);
  if (!result.status.ok()) answer.set_error(MessageOf(result.status));
  snapshot_->answer = std::move(answer);
  // The watermark will pass this csn: the WAL must not have a hole below it.
  const bool sync = options_.wal && result.status.ok();
  if (sync && result.id.csn > synced_ && !PlantedBug("snapshot-without-wal-sync")) {
    storage_->SyncWal(result.id.csn);
  }
  AnswerSnapshot();
}

void Participant::AnswerSnapshot() {
  if (!snapshot_.has_value() || !snapshot_->answer.has_value()) return;
  const wire::SnapshotTaken& answer = *snapshot_->answer;
  const bool ok = answer.error().empty();
  const bool must_sync = options_.wal && ok && !PlantedBug("snapshot-without-wal-sync");
  if (must_sync && snapshot_->id.csn > synced_) return;
  if (ok) {
    wire::SnapshotFile file;
    file.set_epoch(snapshot_->id.epoch.value());
    file.set_csn(answer.csn());
    file.set_digest(answer.digest());
    file.set_last_csn(answer.last_csn());
    snapshots_.push_back(std::move(file));
  }
  wire::Frame frame;
  *frame.mutable_snapshot_taken() = answer;
  snapshot_.reset();
  Send(std::move(frame));
}

void Participant::OnRetain(const wire::Retain& retain) {
  if (retain.round() < newest_round_) return;  // a repetition: another round is under way
  // Newer ones may be on their way to being complete.
  const uint64_t newest = retain.through();
  if (snapshot_.has_value() && snapshot_->id.csn.value() <= newest) {
    storage_->AbandonSnapshot();
    snapshot_.reset();
  }
  std::erase_if(snapshots_, [&](const wire::SnapshotFile& file) {
    if (file.csn() > newest) return false;
    return std::none_of(retain.snapshots().begin(), retain.snapshots().end(),
                        [&](const wire::SnapshotFile& kept) {
                          return kept.epoch() == file.epoch() && kept.csn() == file.csn();
                        });
  });
  // Only what is on disk here lets WAL segments go: the directory may be a copy without it.
  std::vector<wire::SnapshotFile> held;
  for (const wire::SnapshotFile& file : snapshots_) {
    if (file.csn() <= newest) held.push_back(file);
  }
  // A directory without any of the complete ones is a copy: what it has is for a person to judge.
  if (held.empty() && !retain.snapshots().empty()) return;
  if (!held.empty()) {
    wal_from_start_ = false;
    wal_complete_after_ = std::max(wal_complete_after_, Csn(held.front().csn()));
  }
  storage_->RemoveOld(held, Csn(newest));
}

void Participant::CheckInvariants() const {
  CHECK(epoch_ >= checked_epoch_) << "epoch " << epoch_ << " after " << checked_epoch_;
  CHECK(watermark_ >= checked_watermark_) << "watermark " << watermark_;
  checked_epoch_ = epoch_;
  checked_watermark_ = watermark_;
  CHECK(last_before_tail_ <= tail_after_);
  Csn previous = tail_after_;
  for (const WorkerReport::Record& record : tail_) {
    CHECK(record.id.csn > previous && record.id.epoch <= epoch_) << record.id;
    CHECK(record.participants.Contains(self_)) << record.id;
    previous = record.id.csn;
  }
  if (phase_ == Phase::kRunning) {
    CHECK(in_memory_ && applied_ <= last_csn());
    if (options_.wal) CHECK(horizon_ <= watermark_ || PlantedBug("undo-dropped-at-R"));
  }
  if (phase_ == Phase::kRecovering || phase_ == Phase::kCutting) {
    CHECK(Epoch(converge_.new_epoch()) == epoch_);
    CHECK(flushes_.empty() && !snapshot_.has_value());
  }
}

}  // namespace tidemark::txn
