// SPDX-License-Identifier: Apache-2.0
// What expressions need of the statement and of the node they run on, besides the rows of a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/value.h"
#include "query/batch/slab_pool.h"
#include "query/functions/environment.h"

namespace tidemark::query::eval {

// What is known of elements of the graph that stands in no column of the batch: of elements in
// lists, maps and paths, and of keys that are computed. It was fetched before the expression runs,
// so nothing here waits.
// Owner: who runs programs. Threads: one. Errors: DeletedEntityAccess for an element that this
// transaction has deleted.
class GraphAccess {
 public:
  virtual ~GraphAccess() = default;

  // The property of a vertex or edge; null when it has none of that name.
  virtual ValueOr Property(const graph::Value& element, std::string_view key) = 0;
  // All properties of a vertex or edge: a map.
  virtual ValueOr Properties(const graph::Value& element) = 0;
  // Their names: a list of strings, in the order of the key ids.
  virtual ValueOr Keys(const graph::Value& element) = 0;
  // A list of strings, in the order of the label ids.
  virtual ValueOr Labels(VertexId vertex) = 0;
  virtual std::string TypeName(TypeId type) = 0;
};

// The memory of the query, as expressions charge it: values that live while they are computed.
// What stands in the columns that come out is charged by the operator that keeps them.
// Owner: the query. Threads: one.
class MemoryAccount {
 public:
  virtual ~MemoryAccount() = default;

  // An error when the query may not have so many bytes more.
  virtual absl::Status Reserve(size_t bytes) = 0;
  // Gives back what was reserved.
  virtual void Release(size_t bytes) = 0;
  // What the query may have at most besides what it has.
  virtual size_t room_bytes() const = 0;
};

// Where calls are made that would take longer than a step of a node may.
// Owner: the query's run. Threads: one, but the jobs.
class Background {
 public:
  virtual ~Background() = default;

  // Runs the job elsewhere. It owns what it touches, and may outlive the query.
  virtual void Run(std::function<void()> job) = 0;
};

// Owner: who runs programs, for all programs of one query on one node. Threads: one at a time.
// REQUIRES: everything it points to lives as long as it.
struct Environment {
  // The statement's text, for the places of errors. Without it they have none.
  std::string_view statement;
  absl::Span<const graph::Value> parameters;  // by bound::ParameterId
  // Microseconds since 1970 at the begin of the transaction, of the statement.
  int64_t transaction_micros = 0;
  int64_t statement_micros = 0;
  std::string_view time_zone = "Z";
  // What rand() begins with: another one for each query, node and part of the plan.
  uint64_t seed = 0;
  uint64_t random_calls = 0;
  GraphAccess* graph = nullptr;      // nullptr: no element can be looked at
  MemoryAccount* memory = nullptr;   // nullptr: no limit but that of single values
  SlabPool* pool = nullptr;          // for what lives while a batch is evaluated
  Background* background = nullptr;  // nullptr: all calls are made at once
  // Set when a program does not go on before a call in the background is done.
  bool waits_for_call = false;
};

}  // namespace tidemark::query::eval
