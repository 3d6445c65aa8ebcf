// SPDX-License-Identifier: Apache-2.0
// The operations of workloads in Cypher: the simulator runs them through a session, the drill over
// Bolt.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "check/client.h"
#include "graph/value.h"

namespace tidemark::check {

// One statement for one operation; its rows have no elements of the graph in them.
struct CypherStatement {
  std::string text;
  graph::Value parameters;  // a map
};
// `name` is the label or type in place of the operation's.
CypherStatement StatementOf(const Operation& operation, std::string_view name);
// CREATE CONSTRAINT ... IF NOT EXISTS
CypherStatement UniqueConstraintStatement(std::string_view label, std::string_view key);

// Adds one row of the statement to the result. kInternal when the row is not what the statement
// must give.
absl::Status TakeRow(const Operation& operation, absl::Span<const graph::Value> row,
                     OperationResult* result);
// Whether the statement must give a row, because the operation is about an element that exists.
// Without one the transaction must be rolled back: kNotFound.
bool NeedsRow(OperationKind kind);

// What a failure means to a workload, by its Neo4j code; kUnknown only for a commit whose outcome
// is not known.
absl::Status StatusOfCode(std::string_view code, std::string_view message);

}  // namespace tidemark::check
