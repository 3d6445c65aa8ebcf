// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "catalog/schema.h"
#include "env/executor.h"
#include "master/execute_queue.h"
#include "master/trace_book.h"
#include "query/planner/statistics.h"
#include "session/backend.h"
#include "session/fragment_calls.h"
#include "txn/coordinator.h"

namespace tidemark::master {

class SchemaManager;

// Joins the sessions at this master to the coordinator: hands steps of fragments to workers and
// their answers back, has existence constraints checked before a commit, and tells a session when
// its transaction was ended from outside.
// Owner: MasterNode. Threads: the master's loop.
class Gateway : public session::Backend {
 public:
  // The streams of the workers.
  struct Streams {
    // Puts a frame on the stream of a worker.
    std::function<void(NodeId, wire::Frame)> send;
    // How much of what was sent to a worker has not been taken yet.
    std::function<size_t(NodeId)> unsent_bytes;
    // What the requests of all clients may take, and what their results may.
    uint64_t client_memory_bytes = 0;
  };

  // Does not own coordinator, schema, executor and traces, which outlive the gateway.
  Gateway(txn::Coordinator* coordinator, const catalog::SchemaTable* schema,
          env::Executor* executor, TraceBook* traces, const Streams& streams);

  // Once, before the first session; the manager outlives the gateway's use.
  void set_schema_manager(SchemaManager* manager) { schema_manager_ = manager; }

  // session::Backend
  absl::StatusOr<session::BegunTransaction> Begin(const session::BeginOptions& options) override;
  void WhenReadable(const session::Bookmark& bookmark, std::function<void()> done) override;
  void RunFragment(TxId tx, NodeId worker, exec::FragmentStep step,
                   std::function<void(absl::StatusOr<std::string>)> done) override;
  void Commit(TxId tx, std::function<void(absl::StatusOr<session::Bookmark>)> done) override;
  void Rollback(TxId tx) override;
  void NoteUsed(TxId tx) override { coordinator_->NoteUsed(tx); }
  void NoteWaits(TxId tx) override { coordinator_->NoteWaits(tx); }
  void WatchTransaction(TxId tx, std::function<void(const absl::Status&)> aborted) override;
  void InternNames(std::vector<session::NameRequest> names,
                   std::function<void(absl::Status)> done) override;
  void ChangeSchema(session::SchemaChange change, std::function<void(absl::Status)> done) override;
  void Post(std::function<void()> fn) override { executor_->Post(std::move(fn)); }
  void PostLater(std::function<void()> fn) override {
    executor_->PostLaterWithMemory(std::move(fn));
  }
  session::MemoryBudget* result_memory() override { return &result_memory_; }
  session::MemoryBudget* request_memory() { return &request_memory_; }
  const catalog::NameTable& names() const override { return coordinator_->names(); }
  const catalog::SchemaTable& schema() const override { return *schema_; }
  uint32_t worker_count() const override { return coordinator_->worker_count(); }
  NodeId NextPlacement() override;
  std::shared_ptr<const query::Statistics> statistics() override;
  void StartTrace(TxId tx, int64_t since_micros) override { traces_->Start(tx, since_micros); }
  session::Trace TakeTrace(TxId tx) override { return traces_->Take(tx); }

  // Inputs from the node.
  void OnExecuted(NodeId from, wire::Executed&& executed);
  // The stream of a worker has room again.
  void OnStreamDrained(NodeId worker) { queue(worker).SendSome(); }
  void OnTransactionAborted(TxId tx, const absl::Status& reason);

  // CHECKs everything that must hold. Looks at every request that waits.
  void CheckInvariants() const;

 private:
  using CommitDone = std::function<void(absl::StatusOr<session::Bookmark>)>;

  struct Waiting {
    NodeId worker;
    std::function<void(absl::StatusOr<std::string>)> done;
  };
  struct Transaction {
    Epoch epoch;
    Csn read_csn;
    // Who hears that it was ended; once it commits, who waits for that.
    std::function<void(const absl::Status&)> aborted;
    // Requests that wait for a worker, by request number.
    std::map<uint64_t, Waiting> waiting;
    std::set<NodeId> writers;  // workers where it has changed something
    // While its commit waits for them: the checks of existence constraints.
    std::unique_ptr<session::FragmentCalls> validation;
    uint32_t unchecked_count = 0;  // writers that have not answered
  };

  // What no single write can show is checked where the transaction has written, before the csn is
  // asked for.
  void Validate(TxId tx, const CommitDone& done);
  void OnValidated(TxId tx, const absl::StatusOr<exec::FragmentRows>& answer,
                   const CommitDone& done);
  void CommitNow(TxId tx, CommitDone done);

  // REQUIRES: a worker of this cluster.
  ExecuteQueue& queue(NodeId worker);
  // Takes the transaction out; what it waits for will not be answered.
  std::optional<Transaction> Take(TxId tx);
  void ForgetRequests(const Transaction& ended);

  txn::Coordinator* const coordinator_;
  const catalog::SchemaTable* const schema_;
  SchemaManager* schema_manager_ = nullptr;
  env::Executor* const executor_;
  TraceBook* const traces_;
  session::MemoryBudget request_memory_;
  session::MemoryBudget result_memory_;
  std::vector<ExecuteQueue> queues_;  // [node - 1]
  absl::flat_hash_map<TxId, Transaction> transactions_;
  uint64_t next_request_ = 1;
  uint32_t next_placement_ = 0;
  std::shared_ptr<const query::Statistics> statistics_;
  uint64_t counts_version_ = 0;  // of the coordinator's counts that they were compared with
};

}  // namespace tidemark::master
