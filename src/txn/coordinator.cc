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
    : context_(options, boot_id, std::move(log), port),
      names_(context_.log()),
      heartbeats_(options.heartbeat_interval_micros) {
  CHECK(boot_id != BootId() && worker_count() >= 1 && worker_count() <= kMaxWorkerCount);
  CHECK(options.wal || !options.synchronous_commit) << "synchronous commit needs the WAL";
  CHECK_GE(options.snapshot_retention_count, 1u);
  recovery_.Start();
}

Coordinator::~Coordinator() = default;

// --- Streams.

void Coordinator::OnHello(StreamId stream, const wire::Hello& hello) {
  if (context_.failed) return;
  if (context_.state == ClusterState::kStopping || context_.state == ClusterState::kStopped) {
    Refuse(stream, "the master is stopping", /*permanent=*/false);
    return;
  }
  const Greeting greeting = context_.members.Judge(stream, hello, log());
  switch (greeting.kind) {
    case Greeting::Kind::kRefuse:
      Refuse(stream, greeting.reason, /*permanent=*/true);
      break;
    case Greeting::Kind::kTryLater:
      Refuse(stream, greeting.reason, /*permanent=*/false);
      break;
    case Greeting::Kind::kAssign:
      context_.port->SendUnbound(stream, MakeHello(greeting.node));
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
  context_.port->Log(absl::StrCat("refused a stream: ", reason));
  wire::Frame frame;
  frame.set_epoch(epoch().value());
  frame.mutable_refused()->set_reason(reason);
  frame.mutable_refused()->set_permanent(permanent);
  context_.port->SendAndClose(stream, std::move(frame));
}

wire::Frame Coordinator::MakeHello(NodeId assigned) const {
  wire::Frame frame;
  frame.set_epoch(epoch().value());
  wire::Hello* hello = frame.mutable_hello();
  rpc::FillGreeting({"the master", context_.options.build, context_.options.credential}, hello);
  hello->set_feature_level(log().cluster().feature_level);
  hello->set_cluster_id_high(log().cluster().id.high);
  hello->set_cluster_id_low(log().cluster().id.low);
  hello->set_boot_id(context_.boot_id.value());
  hello->set_epoch(epoch().value());
  hello->set_assigned_node(assigned.value());
  wire::Settings* settings = hello->mutable_settings();
  settings->set_worker_count(worker_count());
  settings->set_wal(context_.options.wal);
  settings->set_wal_segment_bytes(context_.options.wal_segment_bytes);
  settings->set_memory_limit_bytes(context_.options.memory_limit_bytes);
  settings->set_unflushed_limit_bytes(context_.options.unflushed_limit_bytes);
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
  context_.Append(durability::MemberRecord{node}, go_on);
}

void Coordinator::Accept(StreamId stream, const wire::Hello& hello) {
  const NodeId node(hello.node());
  if (context_.members.connected().Contains(node))
    LoseWorker(node, "it dialled again", /*close=*/true);
  CHECK(recovery_.phase() == Reconcile::Phase::kCollecting) << "a member was missing";
  context_.members.ForgetStream(stream);
  context_.members.Connect(stream, hello, context_.now_micros);
  context_.port->BindStream(stream, node);
  progress_.Forget(node);
  context_.Send(node, MakeHello(node));
  recovery_.AskForReport(node);
}

void Coordinator::OnStreamClosed(StreamId stream) {
  if (context_.failed) return;
  context_.members.ForgetStream(stream);
  joining_.erase(stream);
  if (const auto node = context_.members.NodeOf(stream)) {
    LoseWorker(*node, "its connection broke", /*close=*/false);
  }
  Advance();
}

void Coordinator::LoseWorker(NodeId node, const std::string& reason, bool close) {
  context_.members.Disconnect(node, reason);
  if (close) context_.port->CloseStream(node, reason);
  StartReconcile(absl::StrCat("worker ", node.value(), " is missing: ", reason));
}

void Coordinator::RefuseWorker(NodeId node, const std::string& reason) {
  wire::Frame frame;
  frame.mutable_refused()->set_reason(reason);
  frame.mutable_refused()->set_permanent(true);
  context_.Send(node, std::move(frame));
  LoseWorker(node, reason, /*close=*/true);
  context_.members.Find(node)->refused = reason;
}

// --- Frames.

bool Coordinator::IsOfBoot(NodeId node, uint64_t boot_id) const {
  return context_.members.Find(node)->boot_id == BootId(boot_id) || PlantedBug("boot-not-checked");
}

bool Coordinator::OnFrame(NodeId from, const wire::Frame& frame) {
  if (context_.failed || !context_.members.connected().Contains(from)) return true;
  Membership::Worker* worker = context_.members.Find(from);
  worker->heard_micros = context_.now_micros;
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
      worker->figures_micros = context_.now_micros;
      NoteCounts(worker);
      break;
    case wire::Frame::kRegister:
      recovery_.OnRegister(from, frame.register_());
      break;
    case wire::Frame::kConverged:
      recovery_.OnConverged(from, frame.converged());
      break;
    default:
      if (!context_.working() || Epoch(frame.epoch()) != epoch()) break;
      consumed = OnEpochFrame(from, frame);
  }
  Advance();
  return consumed;
}

bool Coordinator::OnEpochFrame(NodeId from, const wire::Frame& frame) {
  switch (frame.body_case()) {
    case wire::Frame::kApplied:
      if (IsOfBoot(from, frame.applied().boot_id())) {
        context_.pipeline.OnApplied(from, Csn(frame.applied().csn()));
      }
      return true;
    case wire::Frame::kFlushed:
      if (IsOfBoot(from, frame.flushed().boot_id())) {
        watermark_.OnFlushed(from, Csn(frame.flushed().csn()));
      }
      return true;
    case wire::Frame::kSnapshotTaken:
      if (IsOfBoot(from, frame.snapshot_taken().boot_id())) {
        snapshots_.OnTaken(from, frame.snapshot_taken());
      }
      return true;
    default:
      return false;
  }
}

// --- Master log.

void Coordinator::OnLogSynced(uint64_t position) {
  if (context_.failed) return;
  while (!context_.failed) {
    const auto synced = context_.book.TakeSynced(position);
    if (!synced.has_value()) break;
    if (*synced != nullptr) (*synced)();
  }
  recovery_.TryFix();
  Advance();
}

// --- Time.

void Coordinator::OnTick(int64_t now_micros) {
  if (context_.failed) return;
  CHECK_GE(now_micros, context_.now_micros);
  // A tick that comes this late says that this process slept, not that the workers were silent.
  if (now_micros - context_.now_micros > context_.options.silence_limit_micros / 2) {
    context_.members.Forgive(now_micros);
    awake_since_micros_ = now_micros;
  }
  context_.now_micros = now_micros;
  NoteDisk();
  context_.members.Silent(now_micros, context_.options.silence_limit_micros)
      .ForEach([&](NodeId node) {
        LoseWorker(node,
                   absl::StrCat("it was silent for ",
                                context_.options.silence_limit_micros / kMicrosPerSecond, " s"),
                   /*close=*/true);
      });
  context_.members.NoteMissing(now_micros);
  if (stop_.IsOverdue()) Stop();
  for (const StreamId stream : context_.members.TakeOverdue(now_micros, kIdentityLimitMicros)) {
    Refuse(stream,
           absl::StrCat("the new worker did not make its identity durable within ",
                        kIdentityLimitMicros / kMicrosPerSecond, " s; look at its disk"),
           /*permanent=*/false);
  }
  clients_.EndOverdue();
  if (heartbeats_.IsDue(now_micros)) {
    SendHeartbeats();
    clients_.EndExpired();
    snapshots_.Expire();
  }
  if (context_.state == ClusterState::kReconciling && now_micros >= next_missing_notice_micros_) {
    if (next_missing_notice_micros_ > 0) context_.port->Log(MessageOf(ClosedStatus()));
    next_missing_notice_micros_ = now_micros + kMissingNoticeMicros;
  }
  Advance();
}

int64_t Coordinator::LogSilenceMicros() const {
  return context_.book.SilenceMicros(context_.now_micros, awake_since_micros_);
}

// R is fixed when everything appended is synced: the cluster stays closed until the disk answers.
void Coordinator::NoteDisk() {
  if (!context_.working() || LogSilenceMicros() < context_.options.silence_limit_micros) return;
  if (PlantedBug("disk-silence-not-noticed")) return;
  StartReconcile(absl::StrCat("the disk of the master log has not answered for ",
                              context_.options.silence_limit_micros / kMicrosPerSecond, " s"));
}

void Coordinator::NoteCounts(Membership::Worker* worker) {
  if (!worker->figures.has_counts()) return;
  worker->counts = std::move(*worker->figures.mutable_counts());
  worker->figures.clear_counts();
  worker->counts_micros = context_.now_micros;
  ++counts_version_;
}

void Coordinator::SendHeartbeats() {
  const uint64_t sequence = heartbeats_.Next();
  context_.members.connected().ForEach([&](NodeId node) {
    progress_.SendTo(node);
    wire::Frame frame;
    frame.mutable_heartbeat()->set_sequence(sequence);
    const Membership::Worker& worker = *context_.members.Find(node);
    const bool are_new = worker.counts.has_value() &&
                         context_.now_micros - worker.counts_micros < kCountsPeriodMicros;
    frame.mutable_heartbeat()->set_wants_counts(!are_new);
    context_.Send(node, std::move(frame));
  });
}

// --- Open, closed, stopped.

void Coordinator::StartReconcile(const std::string& reason) {
  if (context_.failed || state() == ClusterState::kStopped) return;
  context_.port->Log(reason);
  if (state() == ClusterState::kStopping) return Stop();
  CloseCluster(reason);
  SetState(ClusterState::kReconciling);
  recovery_.Start();
}

// Ends everything that was under way, except for the clients that wait for a verdict.
void Coordinator::CloseCluster(const std::string& why) {
  if (!context_.working()) return;
  const absl::Status reason =
      absl::UnavailableError(absl::StrCat("the cluster closed (", why, "); rolled back"));
  clients_.Close(reason);
  queue_.Close(reason);
  watermark_.Close(reason);
  if (!PlantedBug("snapshot-survives-epoch")) snapshots_.Close(reason);
  recovery_.NoteSeen(context_.pipeline.assigned());
  context_.pipeline.Close();
  if (PlantedBug("verdict-before-reconcile")) {
    context_.callbacks.Tell(context_.pipeline.TakeAll(reason));
  }
}

void Coordinator::OpenCluster(Csn csn, const std::map<NodeId, Csn>& last) {
  const Csn watermark = context_.options.wal ? csn : log().watermark().csn;
  context_.transactions.StartEpoch(epoch());
  context_.pipeline.Open(epoch(), csn, watermark, last);
  watermark_.Open(csn);
  progress_.ForgetAll();
  context_.port->Log(absl::StrCat("open at csn ", csn.value(), " in epoch ", epoch().value(),
                                  recovery_.history().DescribeUndone()));
  SetState(ClusterState::kOpen);
  context_.port->OnRecovered(csn);
  snapshots_.Open(csn);
  context_.callbacks.Tell(context_.pipeline.TakeRecovered(log()));
}

void Coordinator::Shutdown(bool snapshot) {
  if (context_.failed || state() == ClusterState::kStopping || state() == ClusterState::kStopped) {
    return;
  }
  if (state() == ClusterState::kReconciling) {
    Stop();
    context_.callbacks.Run();
    return;
  }
  SetState(ClusterState::kStopping);
  clients_.AbortAll(absl::UnavailableError("the cluster is being stopped; rolled back"));
  stop_.Begin(snapshot);
  Advance();
}

void Coordinator::Stop() {
  CloseCluster("it is being stopped");
  context_.callbacks.Tell(context_.pipeline.TakeAll(absl::UnknownError(
      "the master was stopped before it could tell whether the transaction is committed")));
  const absl::Status stopped = absl::UnavailableError("the master was stopped; try again later");
  for (auto& waiter : names_.TakeWaiters()) {
    context_.callbacks.Add([waiter = std::move(waiter), stopped] { waiter(stopped); });
  }
  context_.members.connected().ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_shutdown();
    context_.Send(node, std::move(frame));
  });
  recovery_.Finish();
  for (auto& done : heartbeats_.TakeAll()) context_.callbacks.Add(std::move(done));
  SetState(ClusterState::kStopped);
  // Whoever waits hears of it first.
  context_.callbacks.Add([port = context_.port] { port->OnStopped(); });
}

// --- The end of every input.

void Coordinator::FailWith(const absl::Status& status) {
  context_.failed = true;
  context_.port->Fail(status);
}

void Coordinator::SetState(ClusterState state) {
  if (context_.state == state) return;
  context_.state = state;
  context_.port->OnStateChange(state);
}

void Coordinator::Advance() {
  if (context_.failed) return;
  if (context_.working()) {
    queue_.Drain();
    watermark_.Advance();
    snapshots_.Advance();
    context_.callbacks.Tell(context_.pipeline.TakeReady());
    if (stop_.IsComplete()) Stop();
  }
  for (auto& done : heartbeats_.TakeAnswered(context_.members, context_.now_micros)) {
    context_.callbacks.Add(std::move(done));
  }
  for (auto& ended : context_.transactions.TakeEnded(context_.pipeline.assigned(), visible())) {
    context_.callbacks.Add(std::move(ended));
  }
  context_.callbacks.Run();
}

}  // namespace tidemark::txn
