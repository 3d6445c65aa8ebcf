// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rpc/transport.h"
#include "sim/process.h"
#include "sim/scheduler.h"
#include "sim/sim_executor.h"
#include "sim/sim_random.h"

namespace tidemark::sim {

class SimTransport;

// The network between the processes: ordered streams with delay, which faults hold up or break.
// Each direction of a stream is one queue in order; a side that has closed is heard by the other
// only after what it sent before, so frames of an old stream arrive while its successor is open.
// Owner: the simulated world, outlives every transport. Threads: one.
class SimNetwork {
 public:
  struct Options {
    int64_t min_delay_micros = 30;
    int64_t max_delay_micros = 300;
    // One envelope in 1,000 takes up to this long.
    int64_t max_stall_micros = 20'000;
    // More than this never waits on a stream: a little more than what the nodes hold back bulk for.
    size_t max_unhandled_bytes = size_t{6} << 20;
  };

  SimNetwork(Scheduler* scheduler, uint64_t seed);

  // The transport of a process: as a server it is found under its node id by clients that dial it.
  // Does not own the executor, which outlives the transport.
  std::unique_ptr<rpc::Transport> MakeServer(std::shared_ptr<Process> process,
                                             SimExecutor* executor);
  std::unique_ptr<rpc::Transport> MakeClient(std::shared_ptr<Process> process,
                                             SimExecutor* executor, NodeId server);

  // Holds up (or lets go) everything on the way from one node to another, new connections too.
  void SetBlocked(NodeId from, NodeId to, bool blocked);
  // Every fault ends, also those that have not happened yet.
  void Heal();
  // What the open streams carry from one node to another arrives `micros` from now at the earliest;
  // new streams are not touched.
  void Stall(NodeId from, NodeId to, int64_t micros);
  // Breaks every stream between the two nodes; what is under way may be lost. Each side hears of it
  // in its own time.
  void Cut(NodeId a, NodeId b);
  // To be called when a process has died. A killed process's system closes its streams; after a
  // power loss its peers hear nothing unless `silent` is false.
  void ProcessDied(const Process& process, bool silent);
  // Calls `crash` when `node` sends its `countdown`-th envelope from now; that envelope is lost or
  // not.
  void CrashAtEnvelope(NodeId node, uint64_t countdown, std::function<void()> crash);
  // The next `count` envelopes from one node to another arrive twice, as far as they hold frames of
  // the protocol between coordinator and participant. No transport does that; the rules about
  // epochs, attempts, boots and csns make it harmless all the same.
  void Repeat(NodeId from, NodeId to, uint64_t count) { repeats_[{from, to}] = count; }
  void SetObserver(std::function<void(NodeId from, NodeId to, const wire::Frame&)> observer) {
    observer_ = std::move(observer);
  }

  Options& options() { return options_; }
  uint64_t envelope_count() const { return envelope_count_; }
  // The most that has waited on a stream.
  size_t most_unhandled_bytes() const { return most_unhandled_bytes_; }

 private:
  friend class SimTransport;

  enum class ItemKind : uint8_t { kOpen, kEnvelope, kClose };
  struct Item {
    ItemKind kind;
    wire::Envelope envelope;
    absl::Status reason;
    size_t bytes = 0;  // of the envelope
  };
  // One end of a stream.
  struct Side {
    SimTransport* transport = nullptr;  // null once this end is closed or its process dead
    std::shared_ptr<Process> process;
    rpc::StreamId stream;
    // On the way to this side.
    std::deque<Item> arriving;
    size_t unhandled_bytes = 0;  // of what was sent to this side and its loop has not handled
    int64_t last_arrival_micros = 0;
    uint64_t scheduled_count = 0;  // arrival events under way
    bool end_is_coming = false;    // a kClose is queued: nothing may follow
  };
  struct Connection {
    Side sides[2];
  };
  struct Crash {
    uint64_t countdown = 0;
    std::function<void()> crash;
  };

  void Register(SimTransport* transport);
  void Unregister(SimTransport* transport);
  bool Connect(SimTransport* client);
  void Deliver(const std::shared_ptr<Connection>& connection, int to, Item item);
  void ScheduleArrival(const std::shared_ptr<Connection>& connection, int to);
  void Arrive(const std::shared_ptr<Connection>& connection, int to);
  void SendEnvelope(const std::shared_ptr<Connection>& connection, int from,
                    wire::Envelope envelope);
  // This side goes away; the other will hear `reason` unless `silent`.
  void CloseSide(const std::shared_ptr<Connection>& connection, int side,
                 const absl::Status& reason, bool silent);
  // This side's loop has handled an item of so many bytes; the sender may hear of it.
  static void Handled(const std::shared_ptr<Connection>& connection, int side, size_t bytes);
  void Break(const std::shared_ptr<Connection>& connection);
  bool IsBlocked(NodeId from, NodeId to) const { return blocked_.contains({from, to}); }
  int64_t RandomDelay();
  void DropDeadConnections();

  Scheduler* scheduler_;
  SimRandom random_;
  Options options_;
  std::set<std::pair<NodeId, NodeId>> blocked_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::map<NodeId, SimTransport*> servers_;
  std::map<NodeId, Crash> crashes_;
  std::map<std::pair<NodeId, NodeId>, uint64_t> repeats_;
  std::function<void(NodeId, NodeId, const wire::Frame&)> observer_;
  uint64_t envelope_count_ = 0;
  size_t most_unhandled_bytes_ = 0;
};

}  // namespace tidemark::sim
