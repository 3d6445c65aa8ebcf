// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "catalog/schema.h"
#include "exec/fragment_step.h"
#include "graph/index_definition.h"
#include "query/batch/slab_pool.h"
#include "query/planner/statistics.h"
#include "session/bookmark.h"
#include "session/memory_budget.h"
#include "session/trace.h"

namespace tidemark::session {

struct BeginOptions {
  bool read_only = false;
  std::optional<Bookmark> bookmark;
  int64_t timeout_ms = 0;  // from begin; 0 = the server's limit
};

struct BegunTransaction {
  TxId tx;
  Bookmark snapshot;  // what it reads
};

// An index or a constraint that is created or dropped.
struct SchemaChange {
  bool drops = false;  // what has the name
  std::string name;    // of a new one empty: it gets one
  graph::IndexKind kind = graph::IndexKind::kLabelProperty;
  std::string label;
  std::vector<std::string> keys;
};

struct NameRequest {
  graph::NameKind kind;
  std::string text;
};

// What a session needs of the coordinator. Implemented by the master; a session on another node
// would speak to it by messages, which is why every answer that may take time is a callback.
// Threads: the loop of the session. Callbacks may run inside the call or later, at most once; those
// of a transaction that was rolled back or aborted are dropped.
class Backend {
 public:
  virtual ~Backend() = default;

  // kUnavailable when the cluster is closed, kFailedPrecondition for a dead bookmark.
  virtual absl::StatusOr<BegunTransaction> Begin(const BeginOptions& options) = 0;
  // Calls back when Begin can judge the bookmark: what was committed a moment ago may not be
  // durable yet.
  virtual void WhenReadable(const Bookmark& bookmark, std::function<void()> done) = 0;
  // Does a step of the run of a fragment at a worker, behind those of the same transaction that
  // were sent before. The answer to an opening or next step is encoded exec::FragmentRows; an error
  // is as it was at the worker, its payload (query::PayloadOf) too. Nobody hears of a closing step.
  virtual void RunFragment(TxId tx, NodeId worker, exec::FragmentStep step,
                           std::function<void(absl::StatusOr<std::string>)> done) = 0;
  // A number for a run that no other run of this node has.
  uint64_t NextFragmentRun() { return ++last_fragment_run_; }
  // Where the batches of all sessions lie. Shared with results that are being freed, which may
  // outlive the backend.
  const std::shared_ptr<query::SlabPool>& slabs() const { return slabs_; }
  // kUnknown when the outcome is not known, else an error means rolled back.
  virtual void Commit(TxId tx, std::function<void(absl::StatusOr<Bookmark>)> done) = 0;
  virtual void Rollback(TxId tx) = 0;
  // The client works with the transaction: it is not idle.
  virtual void NoteUsed(TxId tx) = 0;
  // The client waits for what the server does: the transaction is not idle before NoteUsed.
  virtual void NoteWaits(TxId tx) = 0;
  // `aborted` is called when the coordinator ends the transaction by itself (a recovery, a time
  // limit). Not after Commit or Rollback.
  virtual void WatchTransaction(TxId tx, std::function<void(const absl::Status&)> aborted) = 0;
  // Makes names durable that have no id yet; afterwards names() has all of them.
  virtual void InternNames(std::vector<NameRequest> names,
                           std::function<void(absl::Status)> done) = 0;

  // Commits the change by itself. A new index is there then and is being built; a new constraint
  // holds, or the error says why it cannot.
  virtual void ChangeSchema(SchemaChange change, std::function<void(absl::Status)> done) = 0;

  // Runs `fn` in a later step of the loop.
  virtual void Post(std::function<void()> fn) = 0;
  // ... behind what is small, when there is memory, as Executor::PostLaterWithMemory.
  virtual void PostLater(std::function<void()> fn) { Post(std::move(fn)); }

  // What the results of all sessions may take. Nobody waits for it: who holds results must go on
  // to give them back.
  virtual MemoryBudget* result_memory() = 0;

  virtual const catalog::NameTable& names() const = 0;
  virtual const catalog::SchemaTable& schema() const = 0;
  virtual uint32_t worker_count() const = 0;
  // The worker on which vertices without a place of their own are put next: by turns, a batch at a
  // time.
  virtual NodeId NextPlacement() = 0;
  // How much there is of what, for plans; nullptr: nobody knows. It is another object when plans
  // that were made with the one before should be made again.
  virtual std::shared_ptr<const query::Statistics> statistics() { return nullptr; }

  // Takes the time of the transaction's request that came in at `since_micros`, until TakeTrace.
  virtual void StartTrace(TxId tx, int64_t since_micros) = 0;
  // Ends the trace; empty when there is none.
  virtual Trace TakeTrace(TxId tx) = 0;

 private:
  uint64_t last_fragment_run_ = 0;
  const std::shared_ptr<query::SlabPool> slabs_ = std::make_shared<query::SlabPool>();
};

}  // namespace tidemark::session
