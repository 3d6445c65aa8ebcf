// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/schema.h"
#include "env/executor.h"
#include "master/constraint_builder.h"
#include "master/gateway.h"
#include "txn/coordinator.h"

namespace tidemark::master {

// What a client asks for, with names.
struct IndexRequest {
  std::string name;  // empty = made up
  graph::IndexKind kind = graph::IndexKind::kLabelProperty;
  std::string label;
  std::string type;
  std::vector<std::string> keys;
  // Else it is answered when the index is being built.
  bool waits_until_online = true;
};

// Creates, builds and drops indexes and constraints while writes go on: commit `building`, wait
// until older transactions have ended, add what is there, commit `online`. What a recovery finds
// building is built again from its beginning. Changes of the schema are committed one at a time, in
// the order they were asked for, and each is checked against the outcome of the one before it: an
// index that is dropped while its build ends stays dropped.
// Owner: MasterNode. Threads: the master's loop. Callbacks may run inside the call.
class SchemaManager {
 public:
  using Done = std::function<void(absl::StatusOr<graph::IndexDefinition>)>;
  using SendFrame = std::function<void(NodeId, wire::Frame)>;

  // Does not own the coordinator, which outlives the manager.
  SchemaManager(txn::Coordinator* coordinator, env::Executor* executor, SendFrame send);
  // Once, before anything else; the gateway outlives the manager's use.
  void set_gateway(Gateway* gateway) { gateway_ = gateway; }

  const catalog::SchemaTable& table() const { return table_; }
  // Answered when the index is online, unless the request says earlier. An equal index that exists
  // is answered as it is.
  void Create(const IndexRequest& request, Done done);
  void Drop(const std::string& name, std::function<void(absl::Status)> done);

  // Inputs from the node.
  void OnRecovered();
  void OnIndexBuilt(NodeId from, const wire::IndexBuilt& built);
  // The cluster is being stopped: nobody builds any more, and whoever waits hears it.
  void OnStopping();

 private:
  struct Build {
    NodeSet waiting;
    std::vector<Done> done;
    std::unique_ptr<ConstraintBuilder> builder;
    uint64_t generation = 0;
  };

  // An index is to get this state.
  struct Change {
    IndexId index;
    graph::IndexState state;
    Done done;
  };

  // OK when the table is that of the epoch the cluster is in.
  absl::Status CheckLoaded() const;
  void PlanAndCommit(const IndexRequest& request, Done done);
  void StartBuild(IndexId index);
  // All of it is added, or it cannot be: commits what it is from now on.
  void OnBuilt(IndexId index, const absl::Status& status);
  void TryAgainLater(IndexId index, const absl::Status& status);
  void CommitState(IndexId index, graph::IndexState state, Done done);
  // Commits changes until one is under way.
  void CommitNext();
  // The definition with the change's state, or why it cannot have it any more.
  absl::StatusOr<graph::IndexDefinition> Changed(const Change& change) const;
  void Answer(IndexId index, const absl::StatusOr<graph::IndexDefinition>& result);

  txn::Coordinator* const coordinator_;
  env::Executor* const executor_;
  const SendFrame send_;
  Gateway* gateway_ = nullptr;
  catalog::SchemaTable table_;
  Epoch loaded_epoch_;
  std::map<IndexId, Build> builds_;
  std::deque<Change> changes_;
  bool committing_ = false;  // the first of changes_ is with the coordinator
  uint64_t next_generation_ = 1;
  bool stopping_ = false;
  // Tries that come after this manager is gone do nothing.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::master
