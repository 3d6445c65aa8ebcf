// SPDX-License-Identifier: Apache-2.0
#include "txn/coordinator.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

Coordinator::Coordinator(const CoordinatorOptions& options, BootId boot_id,
                         durability::MasterLogState log, CoordinatorPort* port)
    : options_(options),
      boot_id_(boot_id),
      port_(port),
      heartbeats_(options.heartbeat_interval_micros),
      book_(std::move(log), port),
      names_(book_.durable()),
      members_(book_.durable().cluster().worker_count, book_.durable().cluster().id,
               rpc::GreetingSide{"the master", options.build, options.credential}) {
  CHECK(boot_id != BootId() && worker_count() >= 1 && worker_count() <= kMaxWorkerCount);
  CHECK(options.wal || !options.synchronous_commit) << "synchronous commit needs the WAL";
  CHECK_GE(options.snapshot_retention_count, 1u);
  reconcile_.Start({boot_id_, ++attempt_number_}, worker_count());
}

Coordinator::~Coordinator() = default;

// --- Streams.

void Coordinator::OnHello(StreamId stream, const wire::Hello& hello) {
  if (failed_) return;
  if (state_ == ClusterState::kStopping || state_ == ClusterState::kStopped) {
    Refuse(stream, "the master is stopping", /*permanent=*/false);
    return;
  }
  const Greeting greeting = members_.Judge(stream, hello, log());
  switch (greeting.kind) {
    case Greeting::Kind::kRefuse:
      Refuse(stream, greeting.reason, /*permanent=*/true);
      break;
    case Greeting::Kind::kTryLater:
      Refuse(stream, greeting.reason, /*permanent=*/false);
      break;
    case Greeting::Kind::kAssign:
      port_->SendUnbound(stream, MakeHello(greeting.node));
      break;
    case Greeting::Kind::kAddMember:
      AddMember(stream, hello);
      break;
    case Greeting::Kind::kAccept:
      Accept(stream, hello);
      break;
    case Greeting::Kind::kStepDown:
      FailWith(absl::FailedPreconditionError(greeting.reason));
      break;
  }
  Advance();
}

void Coordinator::Refuse(StreamId stream, const std::string& reason, bool permanent) {
  port_->Log(absl::StrCat("refused a stream: ", reason));
  wire::Frame frame;
  frame.set_epoch(epoch().value());
  frame.mutable_refused()->set_reason(reason);
  frame.mutable_refused()->set_permanent(permanent);
  port_->SendAndClose(stream, std::move(frame));
}

wire::Frame Coordinator::MakeHello(NodeId assigned) const {
  wire::Frame frame;
  frame.set_epoch(epoch().value());
  wire::Hello* hello = frame.mutable_hello();
  rpc::FillGreeting({"the master", options_.build, options_.credential}, hello);
  hello->set_feature_level(log().cluster().feature_level);
  hello->set_cluster_id_high(log().cluster().id.high);
  hello->set_cluster_id_low(log().cluster().id.low);
  hello->set_boot_id(boot_id_.value());
  hello->set_epoch(epoch().value());
  hello->set_assigned_node(assigned.value());
  wire::Settings* settings = hello->mutable_settings();
  settings->set_worker_count(worker_count());
  settings->set_wal(options_.wal);
  settings->set_wal_segment_bytes(options_.wal_segment_bytes);
  settings->set_memory_limit_bytes(options_.memory_limit_bytes);
  settings->set_unflushed_limit_bytes(options_.unflushed_limit_bytes);
  return frame;
}

void Coordinator::AddMember(StreamId stream, const wire::Hello& hello) {
  const NodeId node(hello.node());
  joining_[stream] = hello;
  if (adding_.Contains(node)) return;
  adding_.Add(node);
  const auto go_on = [this, node] {
    adding_.Remove(node);
    std::map<StreamId, wire::Hello> waiting;
    for (const auto& [waiting_stream, waiting_hello] : joining_) {
      if (NodeId(waiting_hello.node()) == node) waiting.emplace(waiting_stream, waiting_hello);
    }
    for (const auto& [waiting_stream, waiting_hello] : waiting) {
      joining_.erase(waiting_stream);
      OnHello(waiting_stream, waiting_hello);
    }
  };
  Append(durability::MemberRecord{node}, go_on);
}

void Coordinator::Accept(StreamId stream, const wire::Hello& hello) {
  const NodeId node(hello.node());
  if (members_.connected().Contains(node)) LoseWorker(node, "it dialled again", /*close=*/true);
  CHECK(reconcile_.phase() == Reconcile::Phase::kCollecting) << "a member was missing";
  members_.ForgetStream(stream);
  members_.Connect(stream, hello, now_micros_);
  port_->BindStream(stream, node);
  progress_.erase(node);
  Send(node, MakeHello(node));
  SendReport(node);
}

void Coordinator::OnStreamClosed(StreamId stream) {
  if (failed_) return;
  members_.ForgetStream(stream);
  joining_.erase(stream);
  if (const auto node = members_.NodeOf(stream)) {
    LoseWorker(*node, "its connection broke", /*close=*/false);
  }
  Advance();
}

void Coordinator::LoseWorker(NodeId node, const std::string& reason, bool close) {
  members_.Disconnect(node, reason);
  if (close) port_->CloseStream(node, reason);
  StartReconcile(absl::StrCat("worker ", node.value(), " is missing: ", reason));
}

void Coordinator::RefuseWorker(NodeId node, const std::string& reason) {
  wire::Frame frame;
  frame.mutable_refused()->set_reason(reason);
  frame.mutable_refused()->set_permanent(true);
  Send(node, std::move(frame));
  LoseWorker(node, reason, /*close=*/true);
  members_.Find(node)->refused = reason;
}

void Coordinator::Send(NodeId to, wire::Frame frame) {
  frame.set_epoch(epoch().value());
  port_->Send(to, std::move(frame));
}

void Coordinator::SendProgress(NodeId to) {
  if (!working()) return;
  const Csn horizon = Horizon();
  Progress& told = progress_[to];
  if (told.watermark == watermark() && told.horizon == horizon) return;
  CHECK(horizon >= told.horizon) << "horizon " << horizon << " after " << told.horizon;
  told = {watermark(), horizon};
  wire::Frame frame;
  frame.mutable_progress()->set_watermark(told.watermark.value());
  frame.mutable_progress()->set_horizon(told.horizon.value());
  Send(to, std::move(frame));
}

// --- Frames.

bool Coordinator::IsOfBoot(NodeId node, uint64_t boot_id) const {
  return members_.Find(node)->boot_id == BootId(boot_id) || PlantedBug("boot-not-checked");
}

bool Coordinator::OnFrame(NodeId from, const wire::Frame& frame) {
  if (failed_ || !members_.connected().Contains(from)) return true;
  Membership::Worker* worker = members_.Find(from);
  worker->heard_micros = now_micros_;
  bool consumed = true;
  switch (frame.body_case()) {
    case wire::Frame::kHello:
      break;
    case wire::Frame::kRefused:
      LoseWorker(from, frame.refused().reason(), /*close=*/true);
      if (frame.refused().permanent()) worker->refused = frame.refused().reason();
      worker->disk_is_silent = frame.refused().disk_silent();
      break;
    case wire::Frame::kHeartbeatReply:
      worker->figures = frame.heartbeat_reply();
      worker->figures_micros = now_micros_;
      break;
    case wire::Frame::kRegister:
      if (reconcile_.OnRegister(from, worker->boot_id, frame.register_())) TryFix();
      break;
    case wire::Frame::kConverged:
      OnConverged(from, frame.converged());
      break;
    default:
      if (!working() || Epoch(frame.epoch()) != epoch()) break;
      consumed = OnEpochFrame(from, frame);
  }
  Advance();
  return consumed;
}

bool Coordinator::OnEpochFrame(NodeId from, const wire::Frame& frame) {
  switch (frame.body_case()) {
    case wire::Frame::kApplied:
      if (IsOfBoot(from, frame.applied().boot_id())) {
        pipeline_.OnApplied(from, Csn(frame.applied().csn()));
      }
      return true;
    case wire::Frame::kFlushed:
      if (IsOfBoot(from, frame.flushed().boot_id())) {
        flush_.OnFlushed(from, Csn(frame.flushed().csn()));
      }
      return true;
    case wire::Frame::kSnapshotTaken:
      if (IsOfBoot(from, frame.snapshot_taken().boot_id())) {
        OnSnapshotTaken(from, frame.snapshot_taken());
      }
      return true;
    default:
      return false;
  }
}

// --- Master log.

void Coordinator::Append(durability::MasterLogRecord record, std::function<void()> synced) {
  book_.Append(std::move(record), std::move(synced), now_micros_);
}

void Coordinator::OnLogSynced(uint64_t position) {
  if (failed_) return;
  while (!failed_) {
    const auto synced = book_.TakeSynced(position);
    if (!synced.has_value()) break;
    if (*synced != nullptr) (*synced)();
  }
  TryFix();
  Advance();
}

// --- Time.

void Coordinator::OnTick(int64_t now_micros) {
  if (failed_) return;
  CHECK_GE(now_micros, now_micros_);
  // A tick that comes this late says that this process slept, not that the workers were silent.
  if (now_micros - now_micros_ > options_.silence_limit_micros / 2) {
    members_.Forgive(now_micros);
    awake_since_micros_ = now_micros;
  }
  now_micros_ = now_micros;
  NoteDisk();
  members_.Silent(now_micros, options_.silence_limit_micros).ForEach([&](NodeId node) {
    LoseWorker(
        node,
        absl::StrCat("it was silent for ", options_.silence_limit_micros / kMicrosPerSecond, " s"),
        /*close=*/true);
  });
  members_.NoteMissing(now_micros);
  ExpireStop();
  for (const StreamId stream : members_.TakeOverdue(now_micros, kIdentityLimitMicros)) {
    Refuse(stream,
           absl::StrCat("the new worker did not make its identity durable within ",
                        kIdentityLimitMicros / kMicrosPerSecond, " s; look at its disk"),
           /*permanent=*/false);
  }
  EndOverdue();
  if (heartbeats_.IsDue(now_micros)) {
    SendHeartbeats();
    EndExpired();
    ExpireSnapshot();
  }
  if (state_ == ClusterState::kReconciling && now_micros >= next_missing_notice_micros_) {
    if (next_missing_notice_micros_ > 0) port_->Log(MessageOf(ClosedStatus()));
    next_missing_notice_micros_ = now_micros + kMissingNoticeMicros;
  }
  Advance();
}

int64_t Coordinator::LogSilenceMicros() const {
  return book_.SilenceMicros(now_micros_, awake_since_micros_);
}

// R is fixed when everything appended is synced: the cluster stays closed until the disk answers.
void Coordinator::NoteDisk() {
  if (!working() || LogSilenceMicros() < options_.silence_limit_micros) return;
  if (PlantedBug("disk-silence-not-noticed")) return;
  StartReconcile(absl::StrCat("the disk of the master log has not answered for ",
                              options_.silence_limit_micros / kMicrosPerSecond, " s"));
}

void Coordinator::SendHeartbeats() {
  const uint64_t sequence = heartbeats_.Next();
  members_.connected().ForEach([&](NodeId node) {
    SendProgress(node);
    wire::Frame frame;
    frame.mutable_heartbeat()->set_sequence(sequence);
    Send(node, std::move(frame));
  });
}

// --- The end of every input.

void Coordinator::FailWith(const absl::Status& status) {
  failed_ = true;
  port_->Fail(status);
}

void Coordinator::SetState(ClusterState state) {
  if (state_ == state) return;
  state_ = state;
  port_->OnStateChange(state);
}

void Coordinator::Advance() {
  if (failed_) return;
  if (working()) {
    DrainQueue();
    AdvanceFlush();
    AdvanceSnapshot();
    callbacks_.Tell(pipeline_.TakeReady());
    AdvanceStop();
  }
  for (auto& done : heartbeats_.TakeAnswered(members_, now_micros_)) {
    callbacks_.Add(std::move(done));
  }
  for (auto& ended : transactions_.TakeEnded(pipeline_.assigned(), visible())) {
    callbacks_.Add(std::move(ended));
  }
  callbacks_.Run();
}

}  // namespace tidemark::txn
