// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_network.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "sim/sim_transport.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kNetworkStream = 0x6e6574;

bool MayComeTwice(const wire::Frame& frame) {
  switch (frame.body_case()) {
    case wire::Frame::kHeartbeat:
    case wire::Frame::kHeartbeatReply:
    case wire::Frame::kReport:
    case wire::Frame::kConverge:
    case wire::Frame::kConverged:
    case wire::Frame::kAbort:
    case wire::Frame::kCommit:
    case wire::Frame::kApplied:
    case wire::Frame::kFlush:
    case wire::Frame::kFlushed:
    case wire::Frame::kTakeSnapshot:
    case wire::Frame::kSnapshotTaken:
    case wire::Frame::kProgress:
    case wire::Frame::kRetain:
      return true;
    case wire::Frame::kRegister:
      return !frame.register_().more();
    default:
      return false;
  }
}

}  // namespace

SimNetwork::SimNetwork(Scheduler* scheduler, uint64_t seed)
    : scheduler_(scheduler), random_(seed, kNetworkStream) {}

std::unique_ptr<rpc::Transport> SimNetwork::MakeServer(std::shared_ptr<Process> process,
                                                       SimExecutor* executor) {
  return std::make_unique<SimTransport>(this, std::move(process), executor, nullptr);
}

std::unique_ptr<rpc::Transport> SimNetwork::MakeClient(std::shared_ptr<Process> process,
                                                       SimExecutor* executor, NodeId server) {
  return std::make_unique<SimTransport>(this, std::move(process), executor, &server);
}

void SimNetwork::Register(SimTransport* transport) {
  servers_[transport->process_->node] = transport;
}

void SimNetwork::Unregister(SimTransport* transport) {
  const auto it = servers_.find(transport->process_->node);
  if (it != servers_.end() && it->second == transport) servers_.erase(it);
  for (const auto& connection : connections_) {
    for (Side& side : connection->sides) {
      if (side.transport == transport && !side.process->alive) side.transport = nullptr;
    }
  }
}

int64_t SimNetwork::RandomDelay() {
  if (random_.Chance(1)) return random_.Between(0, options_.max_stall_micros);
  return random_.Between(options_.min_delay_micros, options_.max_delay_micros);
}

bool SimNetwork::Connect(SimTransport* client) {
  const auto it = servers_.find(client->server_);
  if (it == servers_.end()) return false;
  SimTransport* server = it->second;
  const NodeId a = client->process_->node;
  if (!server->process_->alive || server->executor_->hanging() || IsBlocked(a, client->server_) ||
      IsBlocked(client->server_, a)) {
    return false;
  }
  auto connection = std::make_shared<Connection>();
  SimTransport* ends[2] = {client, server};
  for (int side = 0; side < 2; ++side) {
    connection->sides[side].transport = ends[side];
    connection->sides[side].process = ends[side]->process_;
    connection->sides[side].stream = ends[side]->Add(connection, side);
  }
  connections_.push_back(connection);
  scheduler_->trace().Add(a.value(), "connect", client->server_.value());
  for (int side = 0; side < 2; ++side) Deliver(connection, side, {ItemKind::kOpen, {}, {}});
  return true;
}

void SimNetwork::Deliver(const std::shared_ptr<Connection>& connection, int to, Item item) {
  Side& side = connection->sides[to];
  if (side.transport == nullptr || side.end_is_coming) return;
  if (item.kind == ItemKind::kClose) side.end_is_coming = true;
  item.bytes = item.envelope.ByteSizeLong();
  side.unhandled_bytes += item.bytes;
  most_unhandled_bytes_ = std::max(most_unhandled_bytes_, side.unhandled_bytes);
  side.arriving.push_back(std::move(item));
  if (!IsBlocked(connection->sides[1 - to].process->node, side.process->node)) {
    ScheduleArrival(connection, to);
  }
}

void SimNetwork::ScheduleArrival(const std::shared_ptr<Connection>& connection, int to) {
  Side& side = connection->sides[to];
  side.last_arrival_micros =
      std::max(side.last_arrival_micros, scheduler_->now_micros() + RandomDelay());
  ++side.scheduled_count;
  scheduler_->At(side.last_arrival_micros, [this, connection, to] { Arrive(connection, to); });
}

void SimNetwork::Arrive(const std::shared_ptr<Connection>& connection, int to) {
  Side& side = connection->sides[to];
  --side.scheduled_count;
  if (side.transport == nullptr || !side.process->alive || side.arriving.empty()) return;
  // Waits with everything behind it: SetBlocked(false) schedules it again.
  if (IsBlocked(connection->sides[1 - to].process->node, side.process->node)) return;
  Item item = std::move(side.arriving.front());
  side.arriving.pop_front();
  side.transport->Receive(side.stream, std::move(item));
}

void SimNetwork::SendEnvelope(const std::shared_ptr<Connection>& connection, int from,
                              wire::Envelope envelope) {
  Side& sender = connection->sides[from];
  const NodeId from_node = sender.process->node;
  const NodeId to_node = connection->sides[1 - from].process->node;
  ++envelope_count_;
  scheduler_->trace().AddBytes(from_node.value(), "envelope", envelope.SerializeAsString());
  const auto crash = crashes_.find(from_node);
  if (crash != crashes_.end() && --crash->second.countdown == 0) {
    const bool lost = random_.Chance(500);
    const std::function<void()> fn = std::move(crash->second.crash);
    crashes_.erase(crash);
    if (!lost) Deliver(connection, 1 - from, {ItemKind::kEnvelope, std::move(envelope), {}});
    fn();
    return;
  }
  if (observer_) {
    for (const wire::Frame& frame : envelope.frames()) observer_(from_node, to_node, frame);
  }
  wire::Envelope again;
  const auto repeat = repeats_.find({from_node, to_node});
  if (repeat != repeats_.end() && repeat->second > 0) {
    --repeat->second;
    for (const wire::Frame& frame : envelope.frames()) {
      if (MayComeTwice(frame)) *again.add_frames() = frame;
    }
  }
  Deliver(connection, 1 - from, {ItemKind::kEnvelope, std::move(envelope), {}});
  if (again.frames_size() == 0) return;
  Deliver(connection, 1 - from, {ItemKind::kEnvelope, std::move(again), {}});
}

void SimNetwork::CloseSide(const std::shared_ptr<Connection>& connection, int side,
                           const absl::Status& reason, bool silent) {
  Side& gone = connection->sides[side];
  if (gone.transport == nullptr) return;
  gone.transport = nullptr;
  gone.arriving.clear();
  if (!silent) {
    Deliver(connection, 1 - side,
            {ItemKind::kClose,
             {},
             Annotate(absl::UnavailableError("closed by the peer"), MessageOf(reason))});
  }
  DropDeadConnections();
}

void SimNetwork::Handled(const std::shared_ptr<Connection>& connection, int side, size_t bytes) {
  Side& receiver = connection->sides[side];
  const bool was_full = receiver.unhandled_bytes > rpc::kDrainedBytes;
  receiver.unhandled_bytes -= bytes;
  const Side& sender = connection->sides[1 - side];
  if (!was_full || receiver.unhandled_bytes > rpc::kDrainedBytes || sender.transport == nullptr) {
    return;
  }
  if (sender.process->alive) sender.transport->Drained(sender.stream);
}

void SimNetwork::DropDeadConnections() {
  std::erase_if(connections_, [](const std::shared_ptr<Connection>& connection) {
    return connection->sides[0].transport == nullptr && connection->sides[1].transport == nullptr;
  });
}

void SimNetwork::SetBlocked(NodeId from, NodeId to, bool blocked) {
  if (blocked) {
    blocked_.insert({from, to});
    return;
  }
  if (blocked_.erase({from, to}) == 0) return;
  for (const auto& connection : connections_) {
    for (int side = 0; side < 2; ++side) {
      Side& receiver = connection->sides[side];
      if (receiver.process->node != to || connection->sides[1 - side].process->node != from) {
        continue;
      }
      while (receiver.scheduled_count < receiver.arriving.size()) {
        ScheduleArrival(connection, side);
      }
    }
  }
}

void SimNetwork::Stall(NodeId from, NodeId to, int64_t micros) {
  for (const auto& connection : connections_) {
    for (int side = 0; side < 2; ++side) {
      Side& receiver = connection->sides[side];
      if (receiver.process->node != to || connection->sides[1 - side].process->node != from) {
        continue;
      }
      receiver.last_arrival_micros =
          std::max(receiver.last_arrival_micros, scheduler_->now_micros() + micros);
    }
  }
}

void SimNetwork::Heal() {
  crashes_.clear();
  repeats_.clear();
  const std::set<std::pair<NodeId, NodeId>> pairs = blocked_;
  for (const auto& [from, to] : pairs) SetBlocked(from, to, false);
}

void SimNetwork::Break(const std::shared_ptr<Connection>& connection) {
  for (int side = 0; side < 2; ++side) {
    Side& receiver = connection->sides[side];
    if (receiver.transport == nullptr || receiver.end_is_coming) continue;
    // The newest of what is under way never arrives.
    const size_t keep = random_.Below(receiver.arriving.size() + 1);
    while (receiver.arriving.size() > keep) receiver.arriving.pop_back();
    receiver.last_arrival_micros =
        std::max(receiver.last_arrival_micros,
                 scheduler_->now_micros() + random_.Between(0, options_.max_stall_micros));
    Deliver(connection, side, {ItemKind::kClose, {}, absl::UnavailableError("connection reset")});
  }
}

void SimNetwork::Cut(NodeId a, NodeId b) {
  const std::vector<std::shared_ptr<Connection>> all = connections_;
  for (const auto& connection : all) {
    const NodeId x = connection->sides[0].process->node;
    const NodeId y = connection->sides[1].process->node;
    if ((x == a && y == b) || (x == b && y == a)) Break(connection);
  }
}

void SimNetwork::ProcessDied(const Process& process, bool silent) {
  crashes_.erase(process.node);
  const std::vector<std::shared_ptr<Connection>> all = connections_;
  for (const auto& connection : all) {
    for (int side = 0; side < 2; ++side) {
      if (connection->sides[side].process.get() != &process) continue;
      CloseSide(connection, side, absl::UnavailableError("the process ended"), silent);
    }
  }
}

void SimNetwork::CrashAtEnvelope(NodeId node, uint64_t countdown, std::function<void()> crash) {
  crashes_[node] = {countdown, std::move(crash)};
}

}  // namespace tidemark::sim
