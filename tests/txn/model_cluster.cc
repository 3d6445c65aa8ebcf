// SPDX-License-Identifier: Apache-2.0
#include "tests/txn/model_cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "tests/txn/frame_text.h"

namespace tidemark::txn {

namespace {

constexpr ClusterId kCluster{0x1234, 0x5678};

std::string W(NodeId node) { return absl::StrCat("w", node.value()); }

}  // namespace

ModelCluster::ModelCluster(const CoordinatorOptions& options, uint32_t worker_count)
    : options_(options), nodes_(worker_count) {
  log_.push_back(durability::ClusterRecord{kCluster, worker_count, 1});
  log_synced_ = 1;
}

// --- Processes.

void ModelCluster::StartMaster() {
  CHECK(coordinator_ == nullptr);
  durability::MasterLogState state(options_.snapshot_retention_count);
  for (const auto& record : log_) CHECK(state.Apply(record).ok());
  log_synced_ = log_.size();  // a log that is opened is synced first
  log_sync_asked_ = log_.size();
  coordinator_ =
      std::make_unique<Coordinator>(options_, BootId(1000 + ++master_boots_), state, this);
  coordinator_->OnTick(now_micros_);
}

void ModelCluster::StartWorker(NodeId node) {
  Node& at = At(node);
  CHECK(at.worker == nullptr);
  const BootId boot(node.value() * 100 + ++at.boots);
  at.worker = std::make_unique<ModelWorker>(
      node, boot, options_.wal, &at.disk,
      [this, node](const std::string& line) { trace_.push_back(W(node) + ": " + line); });
  at.worker->participant().OnTick(now_micros_);
}

void ModelCluster::KillMaster() {
  coordinator_.reset();
  master_failed_.reset();
  bound_.clear();
  for (uint32_t id = 1; id <= nodes_.size(); ++id) {
    BreakStream(NodeId(id));
    At(NodeId(id)).master_knows = false;
  }
  for (auto& [name, tx] : transactions_) {
    if (!tx.verdict.has_value()) tx.verdict = absl::UnknownError("the connection ended");
  }
}

void ModelCluster::KillWorker(NodeId node) {
  BreakStream(node);
  At(node).worker.reset();
}

void ModelCluster::LosePowerOfWorker(NodeId node, size_t choice) {
  if (At(node).worker != nullptr) KillWorker(node);
  At(node).disk.LosePower(choice);
}

void ModelCluster::LosePowerOfMaster(size_t extra) {
  if (coordinator_ != nullptr) KillMaster();
  log_.resize(std::min(log_.size(), log_synced_ + extra));
}

void ModelCluster::CutStream(NodeId node) { BreakStream(node); }

void ModelCluster::BreakStream(NodeId node) {
  Node& at = At(node);
  if (at.stream == StreamId()) return;
  for (auto& frame : at.to_worker) at.late_to_worker.push_back(std::move(frame));
  for (auto& frame : at.to_master) at.late_to_master.push_back(std::move(frame));
  at.to_worker.clear();
  at.to_master.clear();
  at.stream = StreamId();
  if (at.worker != nullptr && at.greeted) at.worker->participant().OnStreamClosed();
  at.greeted = false;
}

// --- What can happen.

std::vector<Event> ModelCluster::Enabled(bool late) const {
  std::vector<Event> events;
  using Kind = Event::Kind;
  for (uint32_t id = 1; id <= nodes_.size(); ++id) {
    const NodeId node(id);
    const Node& at = At(node);
    const bool up = at.worker != nullptr;
    if (master_up() && at.master_knows && at.stream == StreamId()) {
      events.push_back({Kind::kNotice, node});
    }
    const bool may_dial = up && !at.worker->participant().disk_is_silent();
    if (master_up() && may_dial && at.stream == StreamId() && !at.master_knows) {
      events.push_back({Kind::kDial, node});
    }
    if (up && !at.to_worker.empty()) events.push_back({Kind::kToWorker, node});
    if (master_up() && !at.to_master.empty()) events.push_back({Kind::kToMaster, node});
    for (const auto work :
         {ModelWorker::Work::kApply, ModelWorker::Work::kSync, ModelWorker::Work::kSnapshot,
          ModelWorker::Work::kRecover, ModelWorker::Work::kCut}) {
      if (up && at.worker->Has(work)) events.push_back({Kind::kWork, node, work});
    }
    if (!late) continue;
    if (up && !at.late_to_worker.empty()) events.push_back({Kind::kLateToWorker, node});
    if (master_up() && !at.late_to_master.empty()) events.push_back({Kind::kLateToMaster, node});
  }
  if (master_up() && log_sync_asked_ > log_synced_) events.push_back({Kind::kLogSync, NodeId()});
  return events;
}

bool ModelCluster::HeldEvent(const Event& event) const {
  const std::string id = absl::StrCat(" ", event.node.value());
  switch (event.kind) {
    case Event::Kind::kLogSync:
      return Held("log");
    case Event::Kind::kWork:
      switch (event.work) {
        case ModelWorker::Work::kApply:
          return Held("apply" + id);
        case ModelWorker::Work::kSync:
          return Held("sync" + id);
        case ModelWorker::Work::kSnapshot:
          return Held("snapshot" + id);
        case ModelWorker::Work::kRecover:
          return Held("recover" + id);
        case ModelWorker::Work::kCut:
          return Held("cut" + id);
      }
      return false;
    default:
      return Held("worker" + id);
  }
}

void ModelCluster::Do(const Event& event) {
  Node* at = event.node == NodeId() ? nullptr : &At(event.node);
  const auto take = [](std::deque<wire::Frame>* queue) {
    wire::Frame frame = std::move(queue->front());
    queue->pop_front();
    return frame;
  };
  switch (event.kind) {
    case Event::Kind::kNotice:
      at->master_knows = false;
      for (auto it = bound_.begin(); it != bound_.end(); ++it) {
        if (it->second != event.node) continue;
        const StreamId stream = it->first;
        bound_.erase(it);
        coordinator_->OnStreamClosed(stream);
        break;
      }
      break;
    case Event::Kind::kDial:
      Dial(event.node);
      break;
    case Event::Kind::kToWorker:
      ToWorker(event.node, take(&at->to_worker));
      break;
    case Event::Kind::kToMaster:
      ToMaster(event.node, take(&at->to_master));
      break;
    case Event::Kind::kLateToWorker: {
      const wire::Frame frame = take(&at->late_to_worker);
      if (!frame.has_hello() && !frame.has_refused() && !frame.has_shutdown()) {
        trace_.push_back(absl::StrCat("late m -> ", W(event.node), ": ", TextOf(frame)));
        at->worker->participant().OnFrame(frame);
      }
      break;
    }
    case Event::Kind::kLateToMaster: {
      const wire::Frame frame = take(&at->late_to_master);
      if (!frame.has_hello() && !frame.has_refused()) {
        trace_.push_back(absl::StrCat("late ", W(event.node), " -> m: ", TextOf(frame)));
        coordinator_->OnFrame(event.node, frame);
      }
      break;
    }
    case Event::Kind::kWork:
      at->worker->Do(event.work);
      break;
    case Event::Kind::kLogSync:
      log_synced_ = log_sync_asked_;
      trace_.push_back("log synced");
      coordinator_->OnLogSynced(log_synced_);
      break;
  }
  for (uint32_t id = 1; id <= nodes_.size(); ++id) CollectOutbox(NodeId(id));
}

void ModelCluster::Run() {
  constexpr int kMaxSteps = 100000;
  for (int step = 0; step < kMaxSteps; ++step) {
    std::vector<Event> events = Enabled(/*late=*/false);
    std::erase_if(events, [&](const Event& event) { return HeldEvent(event); });
    if (events.empty()) return;
    Do(events.front());
  }
  CHECK(false) << "the cluster never comes to rest";
}

void ModelCluster::Tick(int64_t micros) {
  now_micros_ += micros;
  if (master_up()) coordinator_->OnTick(now_micros_);
  for (uint32_t id = 1; id <= nodes_.size(); ++id) {
    if (worker(NodeId(id)) == nullptr) continue;
    worker(NodeId(id))->participant().OnTick(now_micros_);
    CollectOutbox(NodeId(id));
  }
}

// --- Network.

void ModelCluster::Dial(NodeId node) {
  Node& at = At(node);
  at.stream = StreamId(next_stream_++);
  at.greeted = false;
  at.master_knows = true;
  WorkerIdentity identity;
  if (at.disk.identity) identity.cluster_id = kCluster;
  identity.node = node;
  identity.boot_id = at.worker->boot();
  wire::Frame frame;
  *frame.mutable_hello() = MakeWorkerHello(identity, at.worker->participant().epoch());
  trace_.push_back(absl::StrCat(W(node), " -> m: ", TextOf(frame)));
  at.to_master.push_back(std::move(frame));
}

void ModelCluster::ToWorker(NodeId node, const wire::Frame& frame) {
  Node& at = At(node);
  if (!frame.has_hello()) {
    if (at.greeted) at.worker->participant().OnFrame(frame);
    if (!frame.has_refused()) return;
    trace_.push_back(absl::StrCat(W(node), ": is refused"));
    BreakStream(node);
    at.master_knows = false;
    if (frame.refused().permanent()) at.worker.reset();
    return;
  }
  if (!at.disk.identity) {  // makes it durable, then comes back
    trace_.push_back(absl::StrCat(W(node), ": identity is durable"));
    at.disk.identity = true;
    BreakStream(node);
    at.master_knows = false;
    return;
  }
  WorkerIdentity identity;
  identity.cluster_id = kCluster;
  identity.node = node;
  CHECK(CheckMasterHello(frame.hello(), identity, at.worker->participant().epoch()).ok());
  at.greeted = true;
  at.worker->participant().OnStreamOpened(BootId(frame.hello().boot_id()));
}

void ModelCluster::ToMaster(NodeId node, const wire::Frame& frame) {
  const StreamId stream = At(node).stream;
  if (frame.has_hello()) {
    coordinator_->OnHello(stream, frame.hello());
  } else if (bound_.contains(stream)) {
    coordinator_->OnFrame(node, frame);
  }
}

void ModelCluster::CollectOutbox(NodeId node) {
  Node& at = At(node);
  if (at.worker == nullptr) return;
  while (!at.worker->outbox().empty()) {
    wire::Frame frame = std::move(at.worker->outbox().front());
    at.worker->outbox().pop_front();
    if (at.stream == StreamId()) continue;
    if (!frame.has_heartbeat_reply()) {
      trace_.push_back(absl::StrCat(W(node), " -> m: ", TextOf(frame)));
    }
    at.to_master.push_back(std::move(frame));
  }
  if (at.worker->close_asked()) {
    at.worker->ClearCloseAsked();
    // What was sent before arrives before the end; the reason is what matters here.
    const bool gives_reason = !at.to_master.empty() && at.to_master.back().has_refused();
    while (gives_reason && master_up() && !at.to_master.empty()) {
      const wire::Frame frame = std::move(at.to_master.front());
      at.to_master.pop_front();
      ToMaster(node, frame);
    }
    BreakStream(node);
  }
}

void ModelCluster::BindStream(StreamId stream, NodeId node) {
  CHECK(At(node).stream == stream);
  bound_[stream] = node;
}

void ModelCluster::Send(NodeId to, wire::Frame frame) {
  if (!frame.has_heartbeat()) {
    trace_.push_back(absl::StrCat("m -> ", W(to), ": ", TextOf(frame)));
  }
  if (frame.has_commit()) {
    const CommitId id{Epoch(frame.epoch()), Csn(frame.commit().csn())};
    sent_[id] = {TxId(frame.commit().tx()), NodeSet(frame.commit().participants())};
    if (!frame.commit().mutations().empty()) schema_commits_.insert(id);
  }
  Node& at = At(to);
  if (at.stream != StreamId() && bound_.contains(at.stream)) {
    at.to_worker.push_back(std::move(frame));
  }
}

void ModelCluster::SendAndClose(StreamId stream, wire::Frame frame) {
  for (uint32_t id = 1; id <= nodes_.size(); ++id) {
    Node& at = At(NodeId(id));
    if (at.stream != stream) continue;
    trace_.push_back(absl::StrCat("m -> ", W(NodeId(id)), ": ", TextOf(frame)));
    at.to_worker.push_back(std::move(frame));
    return;
  }
}

void ModelCluster::CloseStream(NodeId node, const std::string& reason) {
  trace_.push_back(absl::StrCat("master: closes the stream of ", W(node), ": ", reason));
  std::erase_if(bound_, [&](const auto& item) { return item.second == node; });
  BreakStream(node);
  At(node).master_knows = false;
}

// --- Master.

uint64_t ModelCluster::AppendLog(const durability::MasterLogRecord& record) {
  trace_.push_back("log: " + durability::DebugString(record));
  log_.push_back(record);
  return log_.size();
}

void ModelCluster::Fail(const absl::Status& status) {
  trace_.push_back("master FAILS: " + MessageOf(status));
  master_failed_ = status;
}

void ModelCluster::OnStateChange(ClusterState state) {
  trace_.push_back(absl::StrCat("master: ", ToAbsl(NameOf(state))));
}

void ModelCluster::Log(std::string_view line) {
  trace_.push_back(absl::StrCat("master: ", ToAbsl(line)));
}

const durability::MasterLogState& ModelCluster::durable_log() {
  if (durable_state_count_ > log_synced_) {
    durable_state_ = durability::MasterLogState(options_.snapshot_retention_count);
    durable_state_count_ = 0;
  }
  for (; durable_state_count_ < log_synced_; ++durable_state_count_) {
    CHECK(durable_state_.Apply(log_[durable_state_count_]).ok());
  }
  return durable_state_;
}

// --- Clients.

ModelTx& ModelCluster::Begin(const std::string& name, AccessMode mode) {
  ModelTx& tx = transactions_[name];
  tx = ModelTx();
  tx.name = name;
  tx.mode = mode;
  const absl::StatusOr<Begun> begun = coordinator_->Begin(mode);
  if (begun.ok()) {
    tx.begun = *begun;
    trace_.push_back(absl::StrCat("client: ", name, " is tx ", TextOfTx(begun->tx.value()),
                                  " at csn ", begun->read_csn.value()));
  } else {
    OnVerdict(name, begun.status());
  }
  return tx;
}

void ModelCluster::Write(const std::string& name, NodeId node) {
  ModelTx& tx = transactions_.at(name);
  if (coordinator_->NoteParticipant(tx.begun.tx, node)) tx.participants.Add(node);
}

void ModelCluster::Commit(const std::string& name) {
  ModelTx& tx = transactions_.at(name);
  if (tx.verdict.has_value()) return;
  tx.asked = true;
  coordinator_->Commit(tx.begun.tx, [this, name](const absl::StatusOr<CommitId>& result) {
    OnVerdict(name, result);
  });
}

void ModelCluster::FinishRead(const std::string& name) { Commit(name); }

void ModelCluster::OnVerdict(const std::string& name, const absl::StatusOr<CommitId>& result) {
  ModelTx& tx = transactions_.at(name);
  CHECK(!tx.verdict.has_value()) << name << " is told twice";
  tx.verdict = result;
  trace_.push_back(result.ok()
                       ? absl::StrCat("client: ", name, " committed as ", result->epoch.value(),
                                      "/", result->csn.value())
                       : absl::StrCat("client: ", name, " ended: ", MessageOf(result.status())));
}

void ModelCluster::OnTransactionAborted(TxId tx, const absl::Status& reason) {
  for (auto& [name, open] : transactions_) {
    if (open.begun.tx == tx && !open.verdict.has_value()) {
      OnVerdict(name, reason);
      return;
    }
  }
}

void ModelCluster::CheckInvariants() {
  if (master_up()) coordinator_->CheckInvariants();
  for (Node& at : nodes_) {
    if (at.worker != nullptr) at.worker->participant().CheckInvariants();
  }
}

}  // namespace tidemark::txn
