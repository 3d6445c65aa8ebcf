// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/master_log/master_log_state.h"
#include "proto/cluster.pb.h"
#include "rpc/greeting.h"
#include "txn/options.h"
#include "txn/types.h"

namespace tidemark::txn {

inline constexpr uint32_t kFeatureLevel = 1;

// A worker's Hello as the master judges it.
struct Greeting {
  enum class Kind : uint8_t {
    kRefuse,     // for ever: `reason` is for a person
    kTryLater,   // now: `reason` is for a person
    kAssign,     // a fresh worker: it gets `node`, makes its identity durable and comes back
    kAddMember,  // has its identity; its Member record must be synced before anything uses it
    kAccept,
    kStepDown,  // the worker has seen a later epoch: this master's log is old, it must end
  };
  Kind kind = Kind::kRefuse;
  NodeId node;
  std::string reason;
};

// Who may be worker k of this cluster, and which stream and boot it has now.
// Owner: the coordinator. Threads: the master's loop.
class Membership {
 public:
  struct Worker {
    StreamId stream;  // 0 = no stream
    BootId boot_id;
    uint64_t pid = 0;
    std::string address;
    std::string build;
    int64_t heard_micros = 0;
    std::optional<int64_t> missing_since_micros;  // nullopt: has a stream, or no tick has seen it
    std::string reason;                           // why it has no stream
    std::string refused;          // not empty: the boot `boot_id` was refused by name
    bool disk_is_silent = false;  // it said so when it gave its last stream up
    wire::HeartbeatReply figures;
    std::optional<int64_t> figures_micros;    // when they came; nullopt: not yet
    std::optional<wire::GraphCounts> counts;  // the last that came
    int64_t counts_micros = 0;                // when
  };

  Membership(uint32_t worker_count, ClusterId cluster_id, rpc::GreetingSide self);

  // Judges a Hello; nothing changes, except that kAssign reserves the id for the stream.
  Greeting Judge(StreamId stream, const wire::Hello& hello, const durability::MasterLogState& log);

  // The stream belongs to the worker now. REQUIRES: it has none.
  void Connect(StreamId stream, const wire::Hello& hello, int64_t now_micros);
  // REQUIRES: the worker has a stream.
  void Disconnect(NodeId node, const std::string& reason);
  // Forgets what was reserved for the stream.
  void ForgetStream(StreamId stream);
  // Streams whose worker has had its id for `limit_micros` (counted from the first call after it
  // got it) and has not come back: what was reserved for them is forgotten.
  std::vector<StreamId> TakeOverdue(int64_t now_micros, int64_t limit_micros);

  Worker* Find(NodeId node);
  const Worker* Find(NodeId node) const;
  std::optional<NodeId> NodeOf(StreamId stream) const;
  NodeSet connected() const { return connected_; }
  // Workers without a stream.
  NodeSet Missing() const;
  // Workers from which nothing was heard for `limit_micros`.
  NodeSet Silent(int64_t now_micros, int64_t limit_micros) const;
  // This process slept: nobody was silent.
  void Forgive(int64_t now_micros);
  // From now on it is counted how long the workers without a stream are missing.
  void NoteMissing(int64_t now_micros);
  // "worker 2 (has not come yet; missing for 20 s), worker 3 (it was silent for 5 s)".
  std::string DescribeMissing(int64_t now_micros) const;

  void CheckInvariants() const;

 private:
  Greeting JudgeFresh(StreamId stream, const wire::Hello& hello,
                      const durability::MasterLogState& log);
  Greeting JudgeMember(const wire::Hello& hello, const durability::MasterLogState& log) const;

  uint32_t worker_count_;
  ClusterId cluster_id_;
  rpc::GreetingSide self_;
  std::vector<Worker> workers_;  // [node - 1]
  NodeSet connected_;
  struct Reservation {
    NodeId node;
    std::optional<int64_t> since_micros;  // nullopt: no tick has seen it
  };
  // Fresh workers that got an id and have not come back. The stream of the greeting stays open
  // until they do, so that the id of one that dies is free at once.
  std::map<StreamId, Reservation> reserved_;
};

// What a worker knows of itself when it greets.
struct WorkerIdentity {
  ClusterId cluster_id;  // zero = fresh
  NodeId node;           // with a fresh one: the id it would like, 0 = any
  BootId boot_id;
  uint64_t pid = 0;
  std::string address;
  std::string build;
  std::string credential;
};

// The Hello of a worker. `epoch` is the newest one it knows.
wire::Hello MakeWorkerHello(const WorkerIdentity& identity, Epoch epoch);
// The worker's judgement of the master's Hello. kFailedPrecondition names both sides when the
// worker must not serve this master.
absl::Status CheckMasterHello(const wire::Hello& hello, const WorkerIdentity& identity,
                              Epoch epoch);

}  // namespace tidemark::txn
