// SPDX-License-Identifier: Apache-2.0
// The plans of typed reads: made from templates, without parser and planner, of the operators that
// Cypher uses too.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "graph/value.h"
#include "query/plan/operator.h"
#include "session/backend.h"
#include "session/operation.h"

namespace tidemark::session {

// What the rows of an answer are, and the columns of each: first the number of the request's row.
enum class ReadShape : uint8_t {
  kVertex,         // vertex, its labels, its properties; null properties: there is none. Of a key
                   // the answer may also name vertices of other workers (FragmentHead)
  kEdge,           // edge, its properties
  kVertexPage,     // position, vertex, labels, properties
  kIdPage,         // position, vertex
  kEdgePage,       // position, edge, properties
  kNeighbourPage,  // position, vertex, edge, whether it goes out
};

// A fragment, and what its rows are. The request has one column for each slot of its Input.
struct ReadPlan {
  ReadShape shape = ReadShape::kVertex;
  query::plan::Remote remote;
};

// A row for a fragment at a worker. Of a page first the position, then the limit.
struct PlannedRead {
  std::shared_ptr<const ReadPlan> plan;
  NodeId worker;
  std::vector<graph::Value> row;
};

// The vertex as it is at its owner.
PlannedRead ReadOfVertex(VertexId vertex, uint32_t worker_count);

// What a reading operation becomes; none: it finds nothing (a name that nobody uses, say). A scan
// begins at the worker that its cursor names. `vertex` is the operation's reference, resolved; the
// transaction reads at `read_csn`. kInvalidArgument and kNotFound say what is wrong; kAborted: the
// index of a lookup came online after the transaction had begun, so a new one may use it.
absl::StatusOr<std::vector<PlannedRead>> PlanRead(const Operation& operation, VertexId vertex,
                                                  const Backend& backend, Csn read_csn);

// How many rows an operation may give.
uint32_t RowLimitOf(const Operation& operation);

}  // namespace tidemark::session
