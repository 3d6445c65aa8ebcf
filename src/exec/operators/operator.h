// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "env/clock.h"
#include "exec/fragment_step.h"
#include "exec/memory_account.h"
#include "exec/profile.h"
#include "exec/write_gate.h"
#include "query/batch/batch.h"
#include "query/batch/slab_pool.h"
#include "query/eval/environment.h"
#include "query/plan/operator.h"
#include "storage/shard.h"

namespace tidemark::exec {

class ElementTable;
class GraphWriter;
struct WriteCounters;
class WorkerPort;
class ProcedurePort;

// What the operators of one run share. Owner: the QueryRun.
struct RunContext {
  query::SlabPool* pool = nullptr;
  MemoryAccount* account = nullptr;
  query::eval::Environment* environment = nullptr;
  // What is left of the slice, about 12 ns each. An operator that finds nothing left pauses; one
  // piece of work may cost more than is left.
  int64_t units = 0;
  // At home: the workers, and what writes for the transaction. Null elsewhere.
  WorkerPort* workers = nullptr;
  GraphWriter* writer = nullptr;
  WriteCounters* counters = nullptr;
  ProcedurePort* procedures = nullptr;
  // At home: what is known of elements; Environment::graph is the same.
  ElementTable* elements = nullptr;
  // At home: to be called, once, when an operator that gave kWait can go on. Not within Pull.
  std::function<void()> wake;
  // Of PROFILE, and what time it is; null: nobody wants to know.
  Profile* profile = nullptr;
  env::Clock* clock = nullptr;
  // What operators that are made now do counts as done by this one.
  const query::plan::Operator* profiled_as = nullptr;
  // The rows for the Input of the fragment whose operators are made now.
  query::BatchRef input;
  // At a worker: its part of the graph, and what the transaction sees of it.
  storage::Shard* shard = nullptr;
  storage::View view = {};
  // What the seek of the fragment finds: of each row of the Input the vertex that the owner of the
  // key has found. Null: it looks itself.
  const std::vector<VertexId>* found = nullptr;
  std::vector<FoundVertex> found_elsewhere;
  // At a worker: says whether changes may go on, a null gate always; how large the call is that
  // brings them; and whether the last slice has ended early because they may not.
  WriteGate* gate = nullptr;
  size_t call_bytes = 0;
  bool waits_for_room = false;
};

enum class Pulled : uint8_t {
  kBatch,  // here is one, with at least one row that counts
  kEnd,    // there are no more rows
  kPause,  // the slice is used up: pull again in the next one
  kWait,   // an answer is under way: pull again when RunContext::wake was called
};

// Runs one operator of a plan: gives its rows batch by batch, pulled from above. Between two pulls
// it keeps where it is, so that a run may stop after any of them, for good too.
// Owner: the operator above it, or the QueryRun. Threads: the loop. Errors: query::Error; the run
// is over then.
class Operator {
 public:
  // The plan and the context outlive the operator.
  Operator(const query::plan::Operator& plan, RunContext* context);
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  // The batch belongs to the caller, who may add columns and narrow it, until the next pull.
  absl::StatusOr<Pulled> Pull(query::BatchRef* batch);

 protected:
  const query::plan::Operator& plan() const { return plan_; }
  // Of PROFILE, or null.
  Profile::Entry* profiled() const { return profiled_; }
  virtual absl::StatusOr<Pulled> Next(query::BatchRef* batch) = 0;

  RunContext& context() const { return *context_; }
  Operator& input() { return *inputs_[0]; }
  Operator& input(size_t i) { return *inputs_[i]; }
  // True when something is left of the slice.
  bool TakeUnits(int64_t units) {
    if (context_->units <= 0) return false;
    context_->units -= units;
    return true;
  }
  // Charges memory that lives until the next batch is made: Release, then Hold.
  absl::Status Hold(size_t bytes) { return hold_.Add(context_->account, bytes); }
  void Release() { hold_.Clear(); }

 private:
  absl::StatusOr<Pulled> PullMeasured(query::BatchRef* batch);

  const query::plan::Operator& plan_;
  RunContext* const context_;
  std::vector<std::unique_ptr<Operator>> inputs_;
  MemoryHold hold_;
  Profile::Entry* profiled_ = nullptr;
  bool counts_rows_ = true;
};

// Whether the operator or one below it changes the graph.
bool ChangesGraph(const query::plan::Operator& plan);

// The class that runs the operator, with those of its inputs.
std::unique_ptr<Operator> MakeOperator(const query::plan::Operator& plan, RunContext* context);

// The operators of a fragment, whose Input hands in `rows`.
std::unique_ptr<Operator> MakeFragment(const query::plan::Operator& root, query::BatchRef rows,
                                       RunContext* context);

}  // namespace tidemark::exec
