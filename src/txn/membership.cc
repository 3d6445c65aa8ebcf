// SPDX-License-Identifier: Apache-2.0
#include "txn/membership.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

namespace {

// Why a worker can have seen a later epoch than the master; both sides may be the first to see it.
constexpr char kOtherMaster[] =
    ": another master took over, or the master's directory is an older copy";

ClusterId ClusterOf(const wire::Hello& hello) {
  return {hello.cluster_id_high(), hello.cluster_id_low()};
}

std::string DescribeWorker(const wire::Hello& hello) {
  return hello.node() == 0 ? "a new worker" : absl::StrCat("worker ", hello.node());
}

Greeting Refusal(std::string reason) {
  return {Greeting::Kind::kRefuse, NodeId(), std::move(reason)};
}

}  // namespace

Membership::Membership(uint32_t worker_count, ClusterId cluster_id, rpc::GreetingSide self)
    : worker_count_(worker_count),
      cluster_id_(cluster_id),
      self_(std::move(self)),
      workers_(worker_count) {
  for (Worker& worker : workers_) worker.reason = "has not come yet";
}

Greeting Membership::Judge(StreamId stream, const wire::Hello& hello,
                           const durability::MasterLogState& log) {
  const auto version = rpc::CheckGreeting(self_, DescribeWorker(hello), hello);
  if (!version.ok()) return Refusal(MessageOf(version.status()));
  if (hello.feature_level() < log.cluster().feature_level) {
    return Refusal(absl::StrCat("the cluster is at feature level ", log.cluster().feature_level,
                                ", build \"", hello.build(), "\" knows levels up to ",
                                hello.feature_level(), "; install a newer build"));
  }
  if (hello.boot_id() == 0) return Refusal("the greeting has no boot id");
  if (hello.fresh()) return JudgeFresh(stream, hello, log);
  return JudgeMember(hello, log);
}

Greeting Membership::JudgeFresh(StreamId stream, const wire::Hello& hello,
                                const durability::MasterLogState& log) {
  NodeSet taken;
  for (const NodeId member : log.members()) taken.Add(member);
  for (const auto& [other, reservation] : reserved_) taken.Add(reservation.node);
  if (hello.node() > worker_count_) {
    return Refusal(absl::StrCat("there is no worker ", hello.node(), " in a cluster of ",
                                worker_count_, " workers"));
  }
  const NodeId wanted(hello.node());
  if (wanted != NodeId() && log.members().contains(wanted)) {
    return Refusal(absl::StrCat("worker ", wanted.value(), " is a member of cluster ",
                                cluster_id_.ToString(),
                                ", but the directory is empty; give it its own directory, or ",
                                "restore all nodes from one complete snapshot"));
  }
  if (wanted != NodeId() && taken.Contains(wanted)) {
    return {Greeting::Kind::kTryLater, wanted,
            absl::StrCat("worker id ", wanted.value(), " is being given to another worker")};
  }
  NodeId node = wanted;
  for (uint32_t id = 1; node == NodeId() && id <= worker_count_; ++id) {
    if (!taken.Contains(NodeId(id))) node = NodeId(id);
  }
  if (node == NodeId()) {
    if (log.members().size() < worker_count_) {
      return {Greeting::Kind::kTryLater, NodeId(), "every free worker id is being given away"};
    }
    return Refusal(absl::StrCat("the cluster has its ", worker_count_,
                                " workers already and the directory is empty; start a worker on ",
                                "the directory of the member that is missing"));
  }
  reserved_[stream].node = node;
  return {Greeting::Kind::kAssign, node, ""};
}

Greeting Membership::JudgeMember(const wire::Hello& hello,
                                 const durability::MasterLogState& log) const {
  const NodeId node(hello.node());
  const ClusterId cluster = ClusterOf(hello);
  if (cluster != cluster_id_) {
    return Refusal(absl::StrCat("the directory of worker ", node.value(), " belongs to cluster ",
                                cluster.ToString(), ", this master to cluster ",
                                cluster_id_.ToString()));
  }
  if (node == NodeId() || node.value() > worker_count_) {
    return Refusal(absl::StrCat("there is no worker ", node.value(), " in a cluster of ",
                                worker_count_, " workers"));
  }
  if (hello.epoch() > log.epoch().value()) {
    return {Greeting::Kind::kStepDown, node,
            absl::StrCat("worker ", node.value(), " has seen epoch ", hello.epoch(),
                         ", the master log ends at epoch ", log.epoch().value(), kOtherMaster)};
  }
  const Worker& worker = workers_[node.value() - 1];
  if (!worker.refused.empty() && worker.boot_id == BootId(hello.boot_id())) {
    return Refusal(worker.refused);
  }
  if (connected_.Contains(node) && worker.boot_id != BootId(hello.boot_id())) {
    return {Greeting::Kind::kTryLater, node,
            absl::StrCat("worker ", node.value(), " is connected already, from process ",
                         worker.pid, " at ", worker.address,
                         "; stop one of the two, or wait until the other is given up")};
  }
  if (!log.members().contains(node)) return {Greeting::Kind::kAddMember, node, ""};
  return {Greeting::Kind::kAccept, node, ""};
}

void Membership::Connect(StreamId stream, const wire::Hello& hello, int64_t now_micros) {
  const NodeId node(hello.node());
  CHECK(!connected_.Contains(node)) << "worker " << node;
  Worker& worker = workers_[node.value() - 1];
  worker.stream = stream;
  worker.boot_id = BootId(hello.boot_id());
  worker.pid = hello.pid();
  worker.address = hello.address();
  worker.build = hello.build();
  worker.heard_micros = now_micros;
  worker.reason.clear();
  worker.refused.clear();
  worker.disk_is_silent = false;
  worker.figures.Clear();
  worker.figures_micros.reset();
  worker.missing_since_micros.reset();
  connected_.Add(node);
}

void Membership::Disconnect(NodeId node, const std::string& reason) {
  CHECK(connected_.Contains(node)) << "worker " << node;
  Worker& worker = workers_[node.value() - 1];
  worker.stream = StreamId();
  worker.reason = reason;
  connected_.Remove(node);
}

void Membership::ForgetStream(StreamId stream) {
  if (!PlantedBug("identity-reserved-for-ever")) reserved_.erase(stream);
}

std::vector<StreamId> Membership::TakeOverdue(int64_t now_micros, int64_t limit_micros) {
  std::vector<StreamId> overdue;
  if (PlantedBug("identity-reserved-for-ever")) return overdue;
  for (auto it = reserved_.begin(); it != reserved_.end();) {
    std::optional<int64_t>& since = it->second.since_micros;
    if (!since.has_value()) since = now_micros;
    if (now_micros - *since < limit_micros) {
      ++it;
      continue;
    }
    overdue.push_back(it->first);
    it = reserved_.erase(it);
  }
  return overdue;
}

Membership::Worker* Membership::Find(NodeId node) {
  if (node == NodeId() || node.value() > worker_count_) return nullptr;
  return &workers_[node.value() - 1];
}

const Membership::Worker* Membership::Find(NodeId node) const {
  if (node == NodeId() || node.value() > worker_count_) return nullptr;
  return &workers_[node.value() - 1];
}

std::optional<NodeId> Membership::NodeOf(StreamId stream) const {
  for (uint32_t id = 1; id <= worker_count_; ++id) {
    if (connected_.Contains(NodeId(id)) && workers_[id - 1].stream == stream) return NodeId(id);
  }
  return std::nullopt;
}

NodeSet Membership::Missing() const {
  NodeSet missing;
  for (uint32_t id = 1; id <= worker_count_; ++id) {
    if (!connected_.Contains(NodeId(id))) missing.Add(NodeId(id));
  }
  return missing;
}

NodeSet Membership::Silent(int64_t now_micros, int64_t limit_micros) const {
  NodeSet silent;
  connected_.ForEach([&](NodeId node) {
    if (now_micros - workers_[node.value() - 1].heard_micros >= limit_micros) silent.Add(node);
  });
  return silent;
}

void Membership::Forgive(int64_t now_micros) {
  for (Worker& worker : workers_) worker.heard_micros = now_micros;
}

void Membership::NoteMissing(int64_t now_micros) {
  Missing().ForEach([&](NodeId node) {
    Worker& worker = workers_[node.value() - 1];
    if (!worker.missing_since_micros.has_value()) worker.missing_since_micros = now_micros;
  });
}

std::string Membership::DescribeMissing(int64_t now_micros) const {
  std::string text;
  Missing().ForEach([&](NodeId node) {
    const Worker& worker = workers_[node.value() - 1];
    absl::StrAppend(&text, text.empty() ? "" : ", ", "worker ", node.value(), " (",
                    worker.refused.empty() ? worker.reason : worker.refused);
    const int64_t missing_micros = now_micros - worker.missing_since_micros.value_or(now_micros);
    if (const int64_t seconds = missing_micros / kMicrosPerSecond; seconds > 0) {
      absl::StrAppend(&text, "; missing for ", seconds, " s");
    }
    absl::StrAppend(&text, ")");
  });
  return text;
}

void Membership::CheckInvariants() const {
  for (uint32_t id = 1; id <= worker_count_; ++id) {
    const Worker& worker = workers_[id - 1];
    CHECK_EQ(connected_.Contains(NodeId(id)), worker.stream != StreamId()) << "worker " << id;
    CHECK(worker.stream == StreamId() || worker.boot_id != BootId()) << "worker " << id;
    CHECK(worker.refused.empty() || worker.stream == StreamId()) << "worker " << id;
  }
  for (const auto& [stream, reservation] : reserved_) CHECK(!NodeOf(stream).has_value());
}

wire::Hello MakeWorkerHello(const WorkerIdentity& identity, Epoch epoch) {
  wire::Hello hello;
  rpc::FillGreeting({"", identity.build, identity.credential}, &hello);
  hello.set_feature_level(kFeatureLevel);
  hello.set_cluster_id_high(identity.cluster_id.high);
  hello.set_cluster_id_low(identity.cluster_id.low);
  hello.set_node(identity.node.value());
  hello.set_boot_id(identity.boot_id.value());
  hello.set_epoch(epoch.value());
  hello.set_pid(identity.pid);
  hello.set_address(identity.address);
  hello.set_fresh(identity.cluster_id.IsZero());
  return hello;
}

absl::Status CheckMasterHello(const wire::Hello& hello, const WorkerIdentity& identity,
                              Epoch epoch) {
  const rpc::GreetingSide self{absl::StrCat("worker ", identity.node.value()), identity.build,
                               identity.credential};
  const auto version = rpc::CheckGreeting(self, "the master", hello);
  if (!version.ok()) return absl::FailedPreconditionError(MessageOf(version.status()));
  if (hello.boot_id() == 0 || ClusterOf(hello).IsZero()) {
    return absl::FailedPreconditionError("the master's greeting names no cluster or no boot");
  }
  if (hello.assigned_node() == 0) {
    return absl::FailedPreconditionError("the master's greeting names no worker id");
  }
  if (identity.cluster_id.IsZero()) return absl::OkStatus();
  if (ClusterOf(hello) != identity.cluster_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the master belongs to cluster ", ClusterOf(hello).ToString(), ", the directory of worker ",
        identity.node.value(), " to cluster ", identity.cluster_id.ToString()));
  }
  if (NodeId(hello.assigned_node()) != identity.node) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the master takes worker ", identity.node.value(), " for worker ", hello.assigned_node()));
  }
  if (hello.epoch() < epoch.value()) {
    return absl::FailedPreconditionError(absl::StrCat("the master is at epoch ", hello.epoch(),
                                                      ", worker ", identity.node.value(),
                                                      " at epoch ", epoch.value(), kOtherMaster));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::txn
